import type { core } from "@pulumi/kubernetes/types/input";
import { archLabel, nvidiaGpu, type PlacedPool } from "../cluster/cluster";
import { selectorLabels } from "./labels";

type PodSpec = core.v1.PodSpec;

/** Node labels whose values the pods of a service spread over. */
export const spreadKeys = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"] as const;

/** How the pods of an entry spread over nodes and zones, as far as there is room. */
export function spread(entry: string): Pick<PodSpec, "topologySpreadConstraints"> {
  return {
    topologySpreadConstraints: spreadKeys.map((topologyKey) => ({
      topologyKey,
      maxSkew: 1,
      // A full pool leaves no choice of nodes: spreading must not keep a replica from running.
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: selectorLabels(entry) },
      // Each version spreads by itself; else the pods on their way out push the new ones together.
      matchLabelKeys: ["pod-template-hash"],
    })),
  };
}

/** Seconds until a pod of a pool has a node: an autoscaler gives a capacity type up only after its whole time (kubernetes/autoscaler#2075). */
export function provisioningTime(pool: Pick<PlacedPool, "capacityTypes"> | undefined): number {
  return pool?.capacityTypes.reduce((sum, { provisionTime }) => sum + provisionTime, 0) ?? 0;
}

/** Names of the pools that give one pod the GPUs it asks for. */
export function eligiblePools(
  pools: Readonly<Record<string, Pick<PlacedPool, "gpusPerPod">>>,
  gpus: number,
): string[] {
  return Object.keys(pools).filter((name) => (pools[name]?.gpusPerPod ?? 0) >= gpus);
}

/** What a container asks of its node for so many GPUs of a pool. */
export function gpuDevices(
  gpus: number,
  { resource = nvidiaGpu }: Pick<PlacedPool, "resource"> = {},
): Record<string, string> {
  return gpus > 0 ? { [resource]: String(gpus) } : {};
}

/** Resources that pods ask for GPUs by on a cluster: NVIDIA's, and those of its pools. */
export function gpuResources(pools: Readonly<Record<string, PlacedPool>>): string[] {
  const ofPools = Object.values(pools).flatMap(({ resource }) => resource ?? []);
  return [...new Set([nvidiaGpu, ...ofPools])];
}

/** Whether pods without GPUs that name no pool may run on nodes of a pool: nobody says a taint of them, and they run images for amd64. */
export function isOpenToAll({
  gpusPerNode,
  untainted = false,
  arch,
}: Pick<PlacedPool, "gpusPerNode" | "untainted" | "arch">): boolean {
  return gpusPerNode === 0 && untainted && arch !== "arm64";
}

/**
 * What keeps pods without GPUs and without a pool off nodes of which no taint is known: GPU nodes, and those of ARM, because images are
 * built for amd64. It is a wish as long as no pool is described that is open to them, because there may be no other nodes.
 */
export function awayFromOthers(
  pools: Readonly<Record<string, PlacedPool>>,
): core.v1.NodeAffinity | undefined {
  const all = sorted(pools).map(([, pool]) => pool);
  const open = all.filter(isOpenToAll);
  const closed = all.filter((pool) => pool.untainted && !isOpenToAll(pool)).map(labelsToLack);
  if (closed.length === 0) return undefined;
  const nodeSelectorTerms = termsToLack(closed, open);
  return open.length > 0
    ? { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } }
    : {
        preferredDuringSchedulingIgnoredDuringExecution: nodeSelectorTerms.map((preference) => ({
          ...{ weight: 100, preference },
        })),
      };
}

type Labels = [key: string, value: string][];

/** Labels of which a node must lack one, so that it is none of a pool: a node with all of them is one. */
function labelsToLack({ nodeSelector, arch }: PlacedPool): Labels {
  return arch === "arm64" ? [[archLabel, arch]] : sorted(nodeSelector);
}

/**
 * Terms, one for each label key, with one label of each pool: that of the key, or the first that no open pool has. All combinations of
 * labels would be as many as the product of their numbers.
 */
function termsToLack(
  closed: readonly Labels[],
  open: readonly PlacedPool[],
): core.v1.NodeSelectorTerm[] {
  const terms = [...new Set(closed.flat().map(([key]) => key))].sort().map((of) => {
    const values = new Map<string, Set<string>>();
    for (const labels of closed) {
      const [first] = labels;
      const label =
        labels.find(([key]) => key === of) ??
        labels.find(([key, value]) => open.every((pool) => pool.nodeSelector[key] !== value)) ??
        first;
      if (label) values.set(label[0], (values.get(label[0]) ?? new Set()).add(label[1]));
    }
    return [...values]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, lacked]) => ({
        ...{ key, operator: "NotIn", values: [...lacked].sort() },
      }));
  });
  const different = new Map(terms.map((term) => [JSON.stringify(term), term]));
  return [...different.values()].map((matchExpressions) => ({ matchExpressions }));
}

/** The order of keys in a stack file means nothing. */
const sorted = <T>(map: Readonly<Record<string, T>>) =>
  Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
