import { join } from "node:path";
import { readKubeconfig } from "../components/cluster/kubeconfig";
import { unreachable } from "../rollouts/reach";
import { isMap, valueAt } from "../stacks/lookup";
import { yamlFile } from "../stacks/yaml-file";
import { kubeconfigOf, type Run } from "./engine";

/**
 * Why a stack's cluster cannot be worked on, in words with what to do; undefined where it can. A cluster that is not made yet is
 * not asked.
 * @param folder of the stack files
 */
export async function unreachableCluster(
  stack: string,
  folder: string,
  run: Run,
): Promise<string | undefined> {
  const cluster = clusterIn(join(folder, `Pulumi.${stack}.yaml`));
  const exists = cluster?.kind === "existing";
  const other = exists ? text(cluster.stack) : stack;
  const kubeconfig = other === undefined ? selected(cluster) : await exported(other, run);
  const found = kubeconfig === undefined ? undefined : await unreachable(kubeconfig);
  if (!found) return undefined;
  return [
    `the cluster of ${stack} cannot be reached; nothing was created or changed.`,
    `    cluster: ${found.server}`,
    `    problem: ${found.problem}`,
    `    do:      ${found.fix}${exists ? "" : `; where this very update lets you in (a new range in cluster.access), run pulumi up --stack ${stack}`}`,
  ].join("\n");
}

/** What the file says of the cluster, before any check. */
function clusterIn(file: string): Record<string, unknown> | undefined {
  const read = yamlFile(file);
  const config = "content" in read ? valueAt(read.content, ["config"]) : undefined;
  if (!isMap(config)) return undefined;
  const key = Object.keys(config).find((name) => /^([^:]+:)?cluster$/.test(name));
  const cluster = key === undefined ? undefined : config[key];
  return isMap(cluster) ? cluster : undefined;
}

function selected({ kubeconfig, context }: Record<string, unknown> = {}): string | undefined {
  try {
    return readKubeconfig({ kubeconfig: text(kubeconfig), context: text(context) });
  } catch {
    // The program says what is wrong with it.
    return undefined;
  }
}

/** The kubeconfig in a stack's state; undefined where its cluster is not made. */
async function exported(stack: string, run: Run): Promise<string | undefined> {
  const { code, stdout } = await kubeconfigOf(stack, run);
  return code === 0 && stdout.trim() !== "" ? stdout : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
