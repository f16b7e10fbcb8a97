import { longestName, ownVariables } from "../../components/jobs/worker-variables";
import { shown, type Fault } from "../faults";
import { entryFault, type ReadJob } from "./entry";

/** What is wrong with a job on several workers, besides the room for them. */
export function workerFaults(job: ReadJob): Fault[] {
  const { workers = 1, command, env = {} } = job.fields;
  if (job.broken.has("workers") || workers === 1) return [];
  const taken = Object.keys(env).filter((name) => ownVariables.includes(name));
  return [
    ...(job.broken.has("command") || command?.length
      ? []
      : [
          entryFault(job, ["command"], {
            what: command ? "empty" : "missing",
            allowed: "a list of text, one for each word, where there are several workers",
            remedy:
              "say what each worker runs, because it is started when all are there: [torchrun, train.py]",
          }),
        ]),
    ...(job.name.length <= longestName
      ? []
      : [
          {
            ...entryFault(job, [], {
              what: "name too long for a job on several workers",
              allowed: `at most ${longestName} letters, to which runs and workers add theirs`,
              remedy: "shorten it",
            }),
            found: shown(job.name),
          },
        ]),
    ...taken.map((name) =>
      entryFault(job, ["env", name], {
        what: "a variable that each of several workers gets a value of its own for",
        allowed: `names other than ${ownVariables.join(", ")}`,
        remedy: "remove it",
      }),
    ),
  ];
}
