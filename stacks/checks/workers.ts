import type { ManagedPool } from "../../components/clouds/managed";
import { networkShare } from "../../components/jobs/network-share";
import {
  launcherFolder,
  longestName,
  overLauncher,
  ownVariables,
} from "../../components/jobs/worker-variables";
import { shown, type Fault } from "../faults";
import { isMap, valueAt } from "../lookup";
import { entryFault, type ReadJob } from "./entry";

/** What is wrong with a job on several workers on that pool of ours, besides the room for them. */
export function workerFaults(job: ReadJob, pool: ManagedPool | undefined): Fault[] {
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
    ...Object.keys(mountsOf(job))
      .filter(overLauncher)
      .map((path) =>
        entryFault(job, ["mounts", path], {
          what: "where several workers have what starts them",
          allowed: `a path outside of ${launcherFolder}`,
          remedy: "mount it elsewhere",
        }),
      ),
    ...cardFaults(job, pool),
  ];
}

function mountsOf({ raw }: ReadJob): Record<string, unknown> {
  const mounts = valueAt(raw, ["mounts"]);
  return isMap(mounts) ? mounts : {};
}

/** Workers of which fewer fit a node than its GPUs would have: each takes a whole network card, and there are too few. */
function cardFaults(job: ReadJob, pool: ManagedPool | undefined): Fault[] {
  const { gpus = 0 } = job.fields;
  const cards = pool?.network === "fast" ? pool.machine.efa?.length : undefined;
  if (!pool || cards === undefined || gpus === 0 || job.broken.has("gpus")) return [];
  const { name, gpusPerNode } = pool.machine;
  const fits = (count: number) =>
    Math.floor(gpusPerNode / count) * networkShare(cards, count, gpusPerNode) <= cards;
  if (fits(gpus)) return [];
  const allowed = Array.from({ length: gpusPerNode }, (_, at) => at + 1).filter(fits);
  return [
    entryFault(job, ["gpus"], {
      what: `more workers on a node than network cards: a ${name} has ${cards} with EFA, and each worker takes one`,
      allowed: allowed.join(", "),
      remedy: `write gpus: ${gpusPerNode} and fewer workers, or network: compact on the pool`,
    }),
  ];
}
