import { machines } from "../../catalog/machines";
import { poolLabel } from "../../components/clouds/gpu-nodes";
import { archLabel } from "../../components/cluster/cluster";
import { isMap, valueAt } from "../lookup";

/** What an entry writes in place of labels of nodes, where a pool of the stack file has them all; undefined where none has. */
export function poolFix(labels: unknown, entry: unknown, stackFile: unknown): string | undefined {
  const pools = valueAt(stackFile, ["pools"]);
  if (!isMap(labels) || !isMap(pools) || Object.keys(labels).length === 0) return undefined;
  const gpus = Number(valueAt(entry, ["gpus"]) ?? 0);
  const fitting = Object.entries(pools).flatMap(([name, pool]) => {
    const its = isMap(pool) ? labelsOf(name, pool) : {};
    const isOne = Object.entries(labels).every(
      ([key, value]) => String(its[key]) === String(value),
    );
    return isOne && isMap(pool) ? [{ name, withGpus: hasGpus(pool) }] : [];
  });
  const [first, ...others] = fitting.filter(({ withGpus }) => withGpus === gpus > 0);
  if (first) {
    return others.length === 0
      ? `write pool: ${first.name}`
      : `write pool: with one of ${[first, ...others].map(({ name }) => name).join(", ")}`;
  }
  const [closed] = fitting;
  if (!closed) return undefined;
  return closed.withGpus
    ? `remove it: pods without GPUs stay off the nodes with GPUs by themselves; for a GPU of this pool write gpus: 1, pool: ${closed.name}`
    : `remove it: the nodes of pool ${closed.name} have no GPUs, and pods with gpus select those of a pool that has some`;
}

/** Labels that all nodes of a pool have, as far as its file tells (docs/facts.md 5.11). */
function labelsOf(name: string, pool: Record<string, unknown>): Record<string, unknown> {
  if (isMap(pool.select)) return { ...pool.select, [archLabel]: pool.arch };
  const known = machines.find(
    ({ cloud, name: of, gpu }) => cloud === "gke" && (of === pool.machine || gpu === pool.gpu),
  );
  return {
    [poolLabel]: name,
    "node.kubernetes.io/instance-type": pool.machine,
    "cloud.google.com/gke-accelerator": known?.acceleratorType,
  };
}

function hasGpus({ gpu, resource, machine }: Record<string, unknown>): boolean {
  const isNamed = machines.some(({ name }) => name === machine);
  return gpu !== undefined || resource !== undefined || isNamed;
}
