import { nodeDiskGiB, type CapacityType, type ManagedPool } from "../managed";
import { gpuTaint, poolLabel } from "../gpu-nodes";
import { floorTypes, capacityNames } from "./capacity-order";
import { placedByUs } from "./placement";
import { shares } from "./zones";

/** What a Karpenter NodePool says, as far as we say it. */
export interface NodePoolSpec {
  /** Nodes that always run; a pool that has it cannot grow, carry a weight or lose it. */
  replicas?: number;
  /** Pools with a higher one are tried first, 1 to 100. */
  weight?: number;
  limits: Record<string, number | string>;
  disruption?: Record<string, unknown>;
  template: {
    metadata: { labels: Record<string, string> };
    spec: {
      nodeClassRef: { group: string; kind: string; name: string };
      taints?: { key: string; value: string; effect: string }[];
      requirements: { key: string; operator: "In"; values: string[] }[];
    };
  };
}

/** A NodePool and what its NodeClass must say beyond the pool's. */
export interface AutoPool {
  /** Name of the NodePool, unique in the cluster. */
  name: string;
  /** Name of its NodeClass. */
  nodeClass: string;
  /** Disk of a node in GiB. */
  diskGiB: number;
  /** Ids of the reservations its nodes are taken from. */
  reservations: string[];
  /** Pool whose placement group its nodes are in. @default none */
  placedWith?: string;
  spec: NodePoolSpec;
}

/**
 * A NodePool as the cluster gets it. It goes without waiting for its nodes: in the foreground, the provider's default,
 * Karpenter 1.8 makes new ones for nodes that always run (kubernetes-sigs/karpenter pull request 2840). The NodeClass has a
 * finalizer that waits for the last of them.
 */
export function nodePoolObject({ name, spec }: Pick<AutoPool, "name" | "spec">) {
  const annotations = { "pulumi.com/deletionPropagationPolicy": "background" };
  return {
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: { name, annotations },
    spec,
  };
}

/** The values of Karpenter's capacity type; a capacity block counts as a reservation. */
const capacityType = {
  "on-demand": "on-demand",
  spot: "spot",
  reserved: "reserved",
  block: "reserved",
};

/**
 * The NodePools of a GPU pool: one for the nodes that always run, and one for each capacity type, the first with the highest
 * weight. Each capacity type is limited to what `nodes.max` leaves over the minimum; that all capacity types together stay below it
 * Karpenter cannot be told, only that none exceeds it.
 */
export function autoPools(
  pool: string,
  config: ManagedPool,
  clusterZones: readonly string[],
): AutoPool[] {
  const { nodes, capacity, machine } = config;
  const names = capacityNames(capacity);
  const floor = capacity.slice(0, floorTypes(capacity));
  const always: AutoPool[] =
    nodes.min === 0 ? [] : [autoPool(`${pool}-min`, floor, alwaysRunning(nodes.min))];
  const spare = nodes.max - nodes.min;
  const dynamic = spare === 0 ? [] : capacity;
  return [
    ...always,
    ...dynamic.map((type, at) =>
      autoPool(`${pool}-${names[at]}`, [type], {
        weight: Math.max(1, 100 - 10 * at),
        limits: { [gpuTaint.key]: `${spare * machine.gpusPerNode}` },
        disruption: {
          // A server that answers little is not to be moved about; a node is given back when nobody is left on it.
          consolidationPolicy: "WhenEmpty",
          consolidateAfter: "10m",
          budgets: [{ nodes: "1" }],
        },
      }),
    ),
  ];

  function autoPool(
    name: string,
    types: readonly CapacityType[],
    own: Omit<NodePoolSpec, "template">,
  ): AutoPool {
    const reservations = types.flatMap((type) => ("reservation" in type ? [type.reservation] : []));
    const kinds = types.flatMap(({ kind }) => (kind === "flex-start" ? [] : capacityType[kind]));
    return {
      name,
      nodeClass: reservations.length > 0 ? name : pool,
      diskGiB: nodeDiskGiB(config),
      reservations,
      placedWith: placedByUs(config, reservations.length > 0) ? pool : undefined,
      spec: {
        ...own,
        template: {
          metadata: { labels: { [poolLabel]: pool } },
          spec: {
            nodeClassRef: nodeClassRef(reservations.length > 0 ? name : pool),
            taints: [{ ...gpuTaint }],
            requirements: [
              anyOf("node.kubernetes.io/instance-type", machine.name),
              anyOf("karpenter.sh/capacity-type", ...new Set(kinds)),
              anyOf("topology.kubernetes.io/zone", ...zonesOf(types)),
            ],
          },
        },
      },
    };
  }

  function zonesOf(types: readonly CapacityType[]): string[] {
    const own = config.zones ?? clusterZones;
    return [...new Set(types.flatMap((type) => ("zone" in type ? (type.zone ?? own) : own)))];
  }
}

/** Nodes that always run; with one more for as long as it takes an outdated one's place, which Karpenter else leaves (docs/facts.md 3.27). */
function alwaysRunning(replicas: number): Pick<NodePoolSpec, "replicas" | "limits"> {
  return { replicas, limits: { nodes: replicas + 1 } };
}

/** What the system pools are made from. */
export interface SystemPool {
  /** Machine without GPU. */
  machine: string;
  /** Nodes that always run, over the zones, and nodes it may grow to. */
  nodes: { min: number; max: number };
}

/** Name of the NodeClass of nodes without GPU; `system` is one of EKS's own. */
export const systemClass = "gpu-serving-system";

/** NodePools of nodes without GPU: one in each zone as long as there are nodes that always run, one for more of them. */
export function systemPools(
  { machine, nodes }: SystemPool,
  zones: readonly string[],
): { name: string; spec: NodePoolSpec }[] {
  const always = shares(nodes.min, zones)
    .filter(({ nodes: replicas }) => replicas > 0)
    .map(({ zone, nodes: replicas }) => ({
      // EKS spreads the nodes of one static pool over zones as it likes, so each zone has its own.
      name: `${systemClass}-${zone}`,
      spec: { ...alwaysRunning(replicas), template: template([zone]) },
    }));
  const more = {
    name: systemClass,
    spec: {
      limits: { cpu: `${(nodes.max - nodes.min) * vcpus(machine)}` },
      disruption: { consolidationPolicy: "WhenEmptyOrUnderutilized", consolidateAfter: "10m" },
      template: template(zones),
    },
  };
  return nodes.max > nodes.min ? [...always, more] : always;

  function template(within: readonly string[]): NodePoolSpec["template"] {
    return {
      metadata: { labels: { [poolLabel]: "system" } },
      spec: {
        nodeClassRef: nodeClassRef(systemClass),
        requirements: [
          anyOf("node.kubernetes.io/instance-type", machine),
          anyOf("karpenter.sh/capacity-type", "on-demand"),
          anyOf("topology.kubernetes.io/zone", ...within),
        ],
      },
    };
  }
}

/** CPUs of a machine without GPU by its size: 2 of a large one, 4 for each x. */
function vcpus(machine: string): number {
  const [, times, size] = /\.(\d*)(x?large)$/.exec(machine) ?? [];
  return size === "xlarge" ? 4 * Number(times || 1) : 2;
}

function nodeClassRef(name: string) {
  return { group: "eks.amazonaws.com", kind: "NodeClass", name };
}

function anyOf(key: string, ...values: string[]) {
  return { key, operator: "In" as const, values };
}
