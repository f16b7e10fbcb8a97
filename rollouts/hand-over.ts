import { join } from "node:path";
import { z } from "zod";
import { readIfThere, writeWhole } from "../process/files";

/**
 * Variable with the folder in which the program hands over what it knows of its rollouts. Where it is set the rollouts are watched by
 * the command that has set it, so the program prints nothing of them.
 */
export const handOverVariable = "GPU_SERVING_ROLLOUTS";

const handOver = z.object({
  /** Kubeconfig of the cluster; the folder is its reader's alone. */
  kubeconfig: z.string(),
  workloads: z.array(
    z.object({
      kind: z.enum(["Deployment", "Job", "LeaderWorkerSet"]),
      name: z.string(),
      namespace: z.string(),
      /** Seconds a pod may wait for a node while others make room. */
      placement: z.number(),
    }),
  ),
});

/** What the program knows of its rollouts. */
export type HandOver = z.output<typeof handOver>;

/** Hands it over. */
export function give(folder: string, what: HandOver): void {
  writeWhole(fileIn(folder), JSON.stringify(what));
}

/** What was handed over; undefined until then. */
export function taken(folder: string): HandOver | undefined {
  const text = readIfThere(fileIn(folder));
  return text === undefined ? undefined : handOver.parse(JSON.parse(text));
}

function fileIn(folder: string): string {
  return join(folder, "rollouts.json");
}
