import type { core } from "@pulumi/kubernetes/types/input";
import type { PlacedPool } from "../cluster/cluster";
import { selectorLabels } from "./labels";

/** What a pod gets of so many things of a node: the share that goes with its GPUs, whole, and one at least. */
export function networkShare(ofNode: number, gpus: number, gpusPerNode: number): number {
  return Math.max(1, Math.floor((ofNode * gpus) / gpusPerNode));
}

/** The share of a node's fast network that goes with a pod's share of its GPUs. */
export function fastNetwork(gpus: number, pool?: PlacedPool): Record<string, string> {
  if (!pool || gpus === 0) return {};
  return Object.fromEntries(
    Object.entries(pool.interconnect?.resources ?? {}).map(([resource, ofNode]) => [
      resource,
      String(networkShare(ofNode, gpus, pool.gpusPerNode)),
    ]),
  );
}

/**
 * Pods of an entry near to each other that have the same value of a label, as those of one run: where nothing says that nodes carry a
 * label of it, in one zone as far as there is room.
 */
export function together(entry: string, groupLabel: string, within?: string): core.v1.PodAffinity {
  const near: core.v1.PodAffinityTerm = {
    topologyKey: within ?? "topology.kubernetes.io/zone",
    labelSelector: { matchLabels: selectorLabels(entry) },
    matchLabelKeys: [groupLabel],
  };
  if (within) return { requiredDuringSchedulingIgnoredDuringExecution: [near] };
  const preferred = [{ weight: 100, podAffinityTerm: near }];
  return { preferredDuringSchedulingIgnoredDuringExecution: preferred };
}
