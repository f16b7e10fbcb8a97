import { join } from "node:path";
import { readKubeconfig } from "../components/cluster/kubeconfig";
import { unreachable } from "../rollouts/reach";
import { isMap, valueAt } from "../stacks/lookup";
import { yamlFile } from "../stacks/yaml-file";

/** Runs pulumi with arguments; a failure is a code other than 0. */
type Engine = (args: string[]) => Promise<{ code: number; stdout: string }>;

/**
 * Why a stack's cluster cannot be worked on, in words with what to do; undefined where it can. A cluster that is not made yet is
 * not asked.
 * @param folder of the stack files
 */
export async function unreachableCluster(
  stack: string,
  folder: string,
  engine: Engine,
): Promise<string | undefined> {
  const kubeconfig = await kubeconfigOf(stack, folder, engine);
  const found = kubeconfig === undefined ? undefined : await unreachable(kubeconfig);
  if (!found) return undefined;
  const own = clusterIn(join(folder, `Pulumi.${stack}.yaml`))?.kind !== "existing";
  return [
    `the cluster of ${stack} cannot be reached; nothing was created or changed.`,
    `    cluster: ${found.server}`,
    `    problem: ${found.problem}`,
    `    do:      ${found.fix}${own ? `; where this very update lets you in (a new range in cluster.access), run pulumi up --stack ${stack}` : ""}`,
  ].join("\n");
}

async function kubeconfigOf(stack: string, folder: string, engine: Engine) {
  const cluster = clusterIn(join(folder, `Pulumi.${stack}.yaml`));
  if (cluster?.kind !== "existing") return await exported(stack, engine);
  if (typeof cluster.stack === "string") return await exported(cluster.stack, engine);
  try {
    return readKubeconfig({ kubeconfig: text(cluster.kubeconfig), context: text(cluster.context) });
  } catch {
    // The program says what is wrong with it.
    return undefined;
  }
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

/** The kubeconfig in a stack's state; undefined where its cluster is not made. */
async function exported(stack: string, engine: Engine): Promise<string | undefined> {
  const args = ["stack", "output", "kubeconfig", "--show-secrets", "--stack", stack];
  const { code, stdout } = await engine(args);
  return code === 0 && stdout.trim() !== "" ? stdout : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
