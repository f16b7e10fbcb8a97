import type { core } from "@pulumi/kubernetes/types/input";
import { nvidiaGpu, type PlacedPool } from "../cluster/cluster";
import { selectorLabels } from "./labels";

type PodSpec = core.v1.PodSpec;

/** How the pods of an entry spread over nodes and zones, as far as there is room. */
export function spread(entry: string): Pick<PodSpec, "topologySpreadConstraints"> {
  return {
    topologySpreadConstraints: ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map(
      (topologyKey) => ({
        topologyKey,
        maxSkew: 1,
        // A full pool leaves no choice of nodes: spreading must not keep a replica from running.
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: selectorLabels(entry) },
        // Each version spreads by itself; else the pods on their way out push the new ones together.
        matchLabelKeys: ["pod-template-hash"],
      }),
    ),
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

/**
 * What keeps pods without GPUs and without a pool off GPU nodes of which no taint is known. It is a wish as long as no pool of nodes
 * without GPUs is described, because there may be no other nodes.
 */
export function awayFromGpus(
  pools: Readonly<Record<string, PlacedPool>>,
): core.v1.NodeAffinity | undefined {
  const all = sorted(pools).map(([, pool]) => pool);
  const gpus = all.filter(({ gpusPerNode, untainted }) => gpusPerNode > 0 && untainted);
  if (gpus.length === 0) return undefined;
  // A node is of a pool if it has all its labels: of each pool it must lack one.
  const terms = gpus.reduce<core.v1.NodeSelectorRequirement[][]>(
    (before, { nodeSelector }) =>
      before.flatMap((term) =>
        sorted(nodeSelector).map(([key, value]) => [
          ...term,
          { key, operator: "NotIn", values: [value] },
        ]),
      ),
    [[]],
  );
  const nodeSelectorTerms = terms.map((matchExpressions) => ({ matchExpressions }));
  return all.some(({ gpusPerNode }) => gpusPerNode === 0)
    ? { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } }
    : {
        preferredDuringSchedulingIgnoredDuringExecution: nodeSelectorTerms.map((preference) => ({
          ...{ weight: 100, preference },
        })),
      };
}

/** The order of keys in a stack file means nothing. */
const sorted = <T>(map: Readonly<Record<string, T>>) =>
  Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
