import type { Machine } from "../../../catalog/machines";
import { gpuTaint, poolLabel } from "../gpu-nodes";
import { nodeDiskGiB } from "../managed";
import { placedWith, taintsOf } from "./capacity-order";
import { namedNodePools } from "./node-pool-names";
import type { EksSettings } from "./settings";
import { capacityZones, shares, subnetZones } from "./zones";
import type { EksPool } from "./schema";

/** What a Karpenter NodePool says, as far as we say it. */
interface NodePoolSpec {
  /** Nodes that always run; a pool that has it cannot grow, carry a weight or lose it. */
  replicas?: number;
  /** Pools with a higher one are tried first, 1 to 100. */
  weight?: number;
  limits: Record<string, number | string>;
  disruption?: Record<string, unknown>;
  template: ReturnType<typeof template>;
}

/** A NodePool, by its name, which is unique in the cluster. */
export interface NodePoolSettings {
  name: string;
  spec: NodePoolSpec;
}

/** What a NodeClass says beyond what all of them do. */
export interface ClassSettings {
  /** Name of the NodeClass. */
  nodeClass: string;
  /** Disk of a node in GiB. */
  diskGiB: number;
  /** Ids of the reservations its nodes are taken from. */
  reservations: string[];
  /** Pool whose placement group its nodes are in. @default none */
  placedWith?: string;
}

/** A NodePool of a pool, and its NodeClass. */
export type AutoPool = NodePoolSettings & ClassSettings;

/** Plans the NodePools of a cluster, its own and those of its pools, their NodeClasses, each once, and the zones of all nodes. */
export function autoPlan({
  system,
  zones,
  pools,
}: Pick<EksSettings, "system" | "zones" | "pools">) {
  const others = Object.entries(pools).flatMap(([name, pool]) => autoPools(name, pool, zones));
  const all: ClassSettings[] = [
    { nodeClass: systemClass, diskGiB: 80, reservations: [] },
    ...others,
  ];
  return {
    system: systemPools(system, zones),
    others,
    classes: [...new Map(all.map((settings) => [settings.nodeClass, settings])).values()],
    zones: subnetZones(zones, pools),
  };
}

/**
 * A NodePool as the cluster gets it. It goes without waiting for its nodes: in the foreground, the provider's default,
 * Karpenter 1.8 makes new ones for nodes that always run (kubernetes-sigs/karpenter pull request 2840). The NodeClass has a
 * finalizer that waits for the last of them.
 */
export function nodePoolObject({ name, spec }: NodePoolSettings) {
  const annotations = { "pulumi.com/deletionPropagationPolicy": "background" };
  return {
    apiVersion: "karpenter.sh/v1",
    kind: "NodePool",
    metadata: { name, annotations },
    spec,
  };
}

/** The values of Karpenter's capacity type; a capacity block counts as a reservation. There is no flex-start on AWS. */
const capacityTypeOf = {
  ...{ "on-demand": "on-demand", spot: "spot", reserved: "reserved", block: "reserved" },
  "flex-start": [],
};

/**
 * The NodePools of a pool: one for the nodes that always run, and one for each capacity type, the first with the highest
 * weight. Each capacity type is limited to what `nodes.max` leaves over the minimum; that all capacity types together stay below it
 * Karpenter cannot be told, only that none exceeds it.
 */
export function autoPools(
  pool: string,
  config: EksPool,
  clusterZones: readonly string[],
): AutoPool[] {
  const { nodes, machine } = config;
  const spare = nodes.max - nodes.min;
  return namedNodePools(pool, config).map(({ name, nodeClass, types, at }) => {
    const own: Omit<NodePoolSpec, "template"> =
      at === undefined
        ? alwaysRunning(nodes.min)
        : {
            weight: Math.max(1, 100 - 10 * at),
            limits: machine.gpu
              ? { [gpuTaint.key]: `${spare * machine.gpusPerNode}` }
              : { cpu: `${spare * machine.vcpus}` },
            disruption: {
              // A server that answers little is not to be moved about; a node is given back when nobody is left on it.
              consolidationPolicy: "WhenEmpty",
              consolidateAfter: "10m",
              budgets: [{ nodes: "1" }],
            },
          };
    const from = {
      machine: machine.name,
      capacityTypes: types.flatMap(({ kind }) => capacityTypeOf[kind]),
      zones: types.flatMap((type) => capacityZones(type, config.zones ?? clusterZones)),
    };
    return {
      name,
      nodeClass,
      diskGiB: nodeDiskGiB(config),
      reservations: types.flatMap((type) => ("reservation" in type ? [type.reservation] : [])),
      placedWith: placedWith(pool, config, types),
      spec: { ...own, template: template(pool, nodeClass, from, taintsOf(pool, config)) },
    };
  });
}

/** Nodes that always run; with one more for as long as it takes an outdated one's place, which Karpenter else leaves (docs/facts.md 3.27). */
function alwaysRunning(replicas: number): Pick<NodePoolSpec, "replicas" | "limits"> {
  return { replicas, limits: { nodes: replicas + 1 } };
}

/** Name of the NodeClass of nodes without GPU; `system` is one of EKS's own. */
const systemClass = "gpu-serving-system";

/** NodePools of nodes without GPU: one in each zone as long as there are nodes that always run, one for more of them. */
export function systemPools(
  {
    machine,
    nodes,
  }: { machine: Pick<Machine, "name" | "vcpus"> } & Pick<EksSettings["system"], "nodes">,
  zones: readonly string[],
): NodePoolSettings[] {
  const within = (zones: readonly string[]) =>
    template("system", systemClass, { machine: machine.name, capacityTypes: ["on-demand"], zones });
  const always = shares(nodes.min, zones)
    .filter(({ nodes: replicas }) => replicas > 0)
    .map(({ zone, nodes: replicas }) => ({
      // EKS spreads the nodes of one static pool over zones as it likes, so each zone has its own.
      name: `${systemClass}-${zone}`,
      spec: { ...alwaysRunning(replicas), template: within([zone]) },
    }));
  const more = {
    name: systemClass,
    spec: {
      limits: { cpu: `${(nodes.max - nodes.min) * machine.vcpus}` },
      disruption: { consolidationPolicy: "WhenEmptyOrUnderutilized", consolidateAfter: "10m" },
      template: within(zones),
    },
  };
  return nodes.max > nodes.min ? [...always, more] : always;
}

/** What the nodes of a NodePool are like, and where Karpenter may take them from. */
function template(
  pool: string,
  nodeClass: string,
  from: { machine: string; capacityTypes: readonly string[]; zones: readonly string[] },
  taints: readonly Record<string, string>[] = [],
) {
  const anyOf = (key: string, values: readonly string[]) => ({
    ...{ key, operator: "In" as const, values: [...new Set(values)] },
  });
  return {
    metadata: { labels: { [poolLabel]: pool } },
    spec: {
      nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: nodeClass },
      taints: taints.length > 0 ? taints : undefined,
      requirements: [
        anyOf("node.kubernetes.io/instance-type", [from.machine]),
        anyOf("karpenter.sh/capacity-type", from.capacityTypes),
        anyOf("topology.kubernetes.io/zone", from.zones),
      ],
    },
  };
}
