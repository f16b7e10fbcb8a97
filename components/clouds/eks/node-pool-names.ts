import type { CapacityType, ManagedPool } from "../managed";

/** Name of each capacity type within its pool: its kind, with a number from the second of a kind on. */
export function capacityNames(capacity: readonly CapacityType[]): string[] {
  return capacity.map(({ kind }, at) => {
    const before = capacity.slice(0, at).filter((type) => type.kind === kind).length;
    return before === 0 ? kind : `${kind}-${before + 1}`;
  });
}

/** The order in which Karpenter tries the capacity types of one NodePool, whatever the stack file says. */
const karpenterOrder = { reserved: 0, block: 0, spot: 1, "on-demand": 2, "flex-start": 3 } as const;

/**
 * How many of the first capacity types nodes that always run can come from on Auto Mode: they are one NodePool, in which
 * Karpenter chooses, so the capacity order holds as far as it goes the same way.
 */
export function floorTypes(capacity: readonly CapacityType[]): number {
  const order = capacity.map(({ kind }) => karpenterOrder[kind]);
  const against = order.findIndex((rank, at) => at > 0 && rank < (order[at - 1] ?? rank));
  return against === -1 ? capacity.length : against;
}

/** A NodePool of a GPU pool on Auto Mode. */
interface NamedNodePool {
  /** Its name. */
  name: string;
  /** Name of its NodeClass: the GPU pool's, or its own where nodes come from reservations, which the class names. */
  nodeClass: string;
  /** Capacity types that its nodes come from. */
  types: readonly CapacityType[];
  /** Place of its one capacity type in the order; undefined for the nodes that always run. */
  at?: number;
}

/** The NodePools of a GPU pool: one for the nodes that always run, and one for each capacity type. */
export function namedNodePools(
  pool: string,
  { nodes, capacity }: Pick<ManagedPool, "nodes" | "capacity">,
): NamedNodePool[] {
  const names = capacityNames(capacity);
  const always = { name: `${pool}-min`, types: capacity.slice(0, floorTypes(capacity)) };
  const dynamic = capacity.map((type, at) => ({ name: `${pool}-${names[at]}`, types: [type], at }));
  return [...(nodes.min === 0 ? [] : [always]), ...(nodes.max === nodes.min ? [] : dynamic)].map(
    (one) => ({
      ...one,
      nodeClass: one.types.some((type) => "reservation" in type) ? one.name : pool,
    }),
  );
}
