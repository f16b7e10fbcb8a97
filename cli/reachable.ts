import { join } from "node:path";
import { parsedJson } from "../components/clouds/json";
import { readKubeconfig } from "../components/cluster/kubeconfig";
import { unreachable } from "../rollouts/reach";
import { isMap, namesEnvironment, valueAt } from "../stacks/lookup";
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
  const cluster = await clusterOf(stack, folder, run);
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

/** What the file says of the cluster, before any check, or what Pulumi makes of the file and the environment that it names. */
async function clusterOf(
  stack: string,
  folder: string,
  run: Run,
): Promise<Record<string, unknown> | undefined> {
  const read = yamlFile(join(folder, `Pulumi.${stack}.yaml`));
  const content = "content" in read ? read.content : undefined;
  if (!namesEnvironment(content)) return mapIn(clusterIn(valueAt(content, ["config"])));
  // What keeps Pulumi from opening it, the preview says.
  const { stdout } = await run(["config", "--json", "--open", "--stack", stack]);
  return mapIn(valueAt(clusterIn(parsedJson(stdout)), ["objectValue"]));
}

function clusterIn(config: unknown): unknown {
  return Object.entries(mapIn(config) ?? {}).find(([name]) => /^([^:]+:)?cluster$/.test(name))?.[1];
}

function mapIn(value: unknown): Record<string, unknown> | undefined {
  return isMap(value) ? value : undefined;
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
