import type { Problem } from "../problem";
import type { WorkerGroupArgs } from "./worker-group";
import { launcherFolder, longestName, overLauncher, ownVariables } from "./worker-variables";

/** What is wrong with a job on several workers, besides the room for them. */
export function workerProblems(
  name: string,
  {
    workers,
    command = [],
    env = {},
    mounts = {},
  }: Pick<WorkerGroupArgs, "workers" | "command"> & { env?: object; mounts?: object },
): Problem[] {
  if (workers <= 1) return [];
  return [
    ...(command.length > 0
      ? []
      : [
          {
            path: ["command"],
            problem: "no command",
            found: "nothing",
            allowed: "a list of text, one for each word, where there are several workers",
            fix: "say what each worker runs, because it is started when all are there: [torchrun, train.py]",
          },
        ]),
    ...(name.length <= longestName
      ? []
      : [
          {
            path: ["name"],
            problem: "name too long for a job on several workers",
            found: JSON.stringify(name),
            allowed: `at most ${longestName} letters, to which runs and workers add theirs`,
            fix: "shorten it",
          },
        ]),
    ...Object.keys(env)
      .filter((variable) => ownVariables.includes(variable))
      .map((variable) => ({
        path: ["env", variable],
        problem: "a variable that each of several workers gets a value of its own for",
        found: "a value",
        allowed: `names other than ${ownVariables.join(", ")}`,
        fix: "remove it",
      })),
    ...Object.keys(mounts)
      .filter(overLauncher)
      .map((at) => ({
        path: ["mounts", at],
        problem: "where several workers have what starts them",
        found: "a mount",
        allowed: `a path outside of ${launcherFolder}`,
        fix: "mount it elsewhere",
      })),
  ];
}
