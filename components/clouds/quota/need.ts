import type { CapacityType, ManagedPool } from "../managed";
import type { Problem } from "../../problem";

/** What one node of a pool takes from a quota. */
export interface Draw {
  /** Name of the quota, as the cloud's own pages have it. */
  quota: string;
  /** What the quota counts. */
  unit: "GPUs" | "vCPUs" | "GB";
  /** How much one node takes. */
  perNode: number;
}

/** What one node from a capacity type of a pool takes from the quotas of its cloud. */
export type Draws = (machine: ManagedPool["machine"], type: CapacityType) => Draw[];

/** What the pools of a stack, all grown to `nodes.max`, and the cluster's own nodes take from one quota. */
export interface Need extends Omit<Draw, "perNode"> {
  /** All of them together. */
  amount: number;
  /** Each pool's part, in the order of the pools. */
  parts: { pool: string; amount: number; capacity: CapacityType["kind"][] }[];
  /** The part of the cluster's own nodes. @default 0 */
  own?: number;
}

/** What the nodes that a cluster has for itself, and for pods that need no pool, take from a quota at most. */
export type OwnDraw = Omit<Draw, "perNode"> & { amount: number };

/** What a cloud grants of one quota. */
export interface Limit {
  /** The most there may be; Infinity: without limit. */
  limit: number;
  /** What runs now, this stack's own nodes included; undefined: not told. */
  used?: number;
}

/** What is known of a quota: its limit, that there is none (nothing is granted), or that nobody could be asked. */
export type KnownLimit = Limit | "none" | "unasked";

/**
 * What pools take from each quota when they have all the nodes they may have. `nodes.max` bounds the capacity types of a pool
 * together, so capacity types that draw on the same quota count once; those that draw on different ones count in full on each,
 * because each may have to give all nodes. Upgrades add `surge` nodes to pools without GPUs, and none to others.
 */
export function quotaNeeds(
  pools: Readonly<Record<string, ManagedPool>>,
  draws: Draws,
  own: readonly OwnDraw[] = [],
  surge = 0,
): Need[] {
  const needs = new Map<string, Need>();
  for (const [pool, { machine, capacity, nodes }] of Object.entries(pools)) {
    for (const type of capacity) {
      for (const { quota, unit, perNode } of draws(machine, type)) {
        const need = needs.get(quota) ?? { quota, unit, amount: 0, parts: [] };
        needs.set(quota, need);
        const before = need.parts.find((part) => part.pool === pool);
        if (before) {
          before.capacity.push(type.kind);
          continue;
        }
        const amount = perNode * (nodes.max + (machine.gpu ? 0 : surge));
        need.amount += amount;
        need.parts.push({ pool, amount, capacity: [type.kind] });
      }
    }
  }
  for (const { quota, unit, amount } of own) {
    const need = needs.get(quota) ?? { quota, unit, amount: 0, parts: [] };
    needs.set(quota, { ...need, amount: need.amount + amount, own: amount });
  }
  return [...needs.values()];
}

/**
 * Quotas that are too small. What counts is the limit: part of what is in use may be this stack's own nodes, so use
 * that leaves too little is only remarked on.
 */
export function quotaProblems(
  needs: readonly Need[],
  limitOf: (quota: string) => KnownLimit,
): Problem[] {
  return needs.flatMap((need): Problem[] => {
    const known = limitOf(need.quota);
    if (known === "unasked") return [];
    const { limit, used } = known === "none" ? { limit: 0, used: undefined } : known;
    const left = limit - (used ?? 0);
    if (left >= need.amount) return [];
    const short = limit < need.amount;
    const inUse = used === undefined ? "" : `, ${used} in use`;
    return [
      {
        path: pathOf(need),
        problem: short
          ? `quota ${need.quota} is too small for ${typesOf(need)} nodes`
          : `quota ${need.quota} is enough only if ${need.amount - left} of what is in use are this stack's`,
        found: known === "none" ? "nothing granted" : `${limit} ${need.unit}${inUse}`,
        allowed: `at least ${need.amount} ${need.unit}: ${shares(need).join(", ")}`,
        fix: short
          ? `ask the cloud for ${need.amount} ${need.unit} of ${need.quota}${need.parts.length > 0 ? ", or lower nodes.max" : ""}`
          : `look what else runs there, or ask for ${need.amount + (used ?? 0)} ${need.unit}`,
        warning: !short,
      },
    ];
  });
}

/** Where in the stack file the need comes from. */
function pathOf({ parts: [first] }: Need): Problem["path"] {
  return first ? ["pools", first.pool, "nodes", "max"] : ["cluster"];
}

function shares({ parts, own }: Need): string[] {
  return [
    ...parts.map(({ pool, amount }) => `${amount} for ${pool}`),
    ...(own === undefined ? [] : [`${own} for the cluster's own nodes`]),
  ];
}

function typesOf({ parts }: Need): string {
  const types = new Set(parts.flatMap((part) => part.capacity));
  return types.size > 0 ? [...types].join(", ") : "the cluster's own";
}
