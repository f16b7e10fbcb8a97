import type { LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate";
import type { NodeGroupArgs } from "@pulumi/aws/eks/nodeGroup";
import type { Machine } from "../../../catalog/machines";
import { placedGpus } from "../../../catalog/sharing";
import { gpuNodeLabel, sharingLabel } from "../../cluster/device-plugin";
import { nodeDiskGiB, type CapacityType } from "../managed";
import { poolLabel } from "../gpu-nodes";
import { placedWith, taintsOf } from "./capacity-order";
import { efaCards, efaLabel, efaTags, nodeTemplate } from "./efa";
import { fitted, hash } from "./names";
import { capacityNames } from "./node-pool-names";
import type { EksSettings } from "./settings";
import { capacityZones, shares } from "./zones";
import type { EksPool } from "./schema";

/** A managed node group: what it is, and what its launch template says. */
export interface GroupSettings {
  /** Which of the cluster's groups it is, for as long as its pool and capacity type exist. */
  key: string;
  /** Name at EKS; carries a hash of what makes EKS replace the group, so that the new one can be made before the old one goes. */
  groupName: string;
  /** Zone of its nodes. */
  zone: string;
  /** Pool whose placement group its nodes are in. @default none */
  placedWith?: string;
  /** Network cards of a node that get an EFA. @default none */
  efa?: readonly number[];
  /** Tags that tell the autoscaler what a node would offer, where there is none and its machine does not tell. @default {} */
  offer?: Record<string, string>;
  /** What the group says of its own. */
  group: Omit<NodeGroupArgs, "clusterName" | "nodeRoleArn" | "subnetIds">;
  /** What its launch template says of its own. */
  template: LaunchTemplateArgs;
}

/** Plans the node groups of a cluster, before anything is made. */
export function groupPlan({
  system,
  zones,
  pools,
}: Pick<EksSettings, "system" | "zones" | "pools">) {
  const ofPools = Object.entries(pools).map(([name, pool]) => poolGroups(name, pool, zones));
  const all = Object.values(pools);
  return {
    system: systemGroups(system, zones),
    others: ofPools.flat(2),
    // Whether there are nodes with GPUs.
    gpus: all.some(({ machine }) => machine.gpu !== undefined),
    order: groupOrder(ofPools),
    // Nodes of all groups together.
    maxNodes: all.reduce((sum, { nodes }) => sum + nodes.max, system.nodes.max),
    // Whether nodes of a pool have EFA.
    efa: all.some((pool) => efaCards(pool) !== undefined),
  };
}

/**
 * Names of groups as the autoscaler should try them, as regular expressions: the first capacity types of all pools, which are equal,
 * then the second ones, the rest last. EKS names the Auto Scaling group like the node group, with an id of its own behind.
 */
function groupOrder(pools: readonly GroupSettings[][][]): string[][] {
  const length = Math.max(0, ...pools.map((types) => types.length));
  const order = Array.from({ length }, (_, at) =>
    pools
      .flatMap((types) => types[at] ?? [])
      .map(({ groupName }) => `^eks-${groupName}-[0-9a-f-]+$`),
  );
  return [...order, [".*"]];
}

/** EKS's words for capacity types; a reservation is taken as on demand. There is no flex-start on AWS. */
const capacityTypes = {
  ...{ spot: "SPOT", block: "CAPACITY_BLOCK", reserved: "ON_DEMAND", "on-demand": "ON_DEMAND" },
  "flex-start": undefined,
};

/**
 * Node groups of a pool: for each capacity type, in the order they are tried, one in each of its zones. Of a group over several zones
 * the autoscaler looks at the first one alone, so pods that need another one would wait for ever (docs/facts.md 3.28).
 */
function poolGroups(
  pool: string,
  config: EksPool,
  clusterZones: readonly string[],
): GroupSettings[][] {
  const { machine, nodes, capacity } = config;
  const names = capacityNames(capacity);
  const efa = efaCards(config);
  const taints = taintsOf(pool, config).map((taint) => ({ ...taint, effect: "NO_SCHEDULE" }));
  const sharing = config.sharing?.kind === "time-slicing" ? config.sharing : undefined;
  return capacity.map((type, at) => {
    const zones = capacityZones(type, config.zones ?? clusterZones);
    const range = at === 0 ? nodes : { min: 0, max: nodes.max };
    return inZones(range, zones).map(({ zone, scalingConfig }) =>
      poolGroup(`${pool}-${names[at]}-${zone}`, type, zone, scalingConfig),
    );
  });

  function poolGroup(
    key: string,
    type: CapacityType,
    zone: string,
    scalingConfig: NodeGroupArgs["scalingConfig"],
  ): GroupSettings {
    const reservation = "reservation" in type ? type.reservation : undefined;
    return {
      key,
      groupName: named(key, [machine.name, type, zone]),
      zone,
      placedWith: placedWith(pool, config, [type]),
      efa,
      offer: {
        ...(efa && efaTags(efa)),
        // Of a machine the autoscaler knows the GPUs, not how many pods share each.
        ...(sharing &&
          machine.gpu && {
            [`${nodeTemplate}/nvidia.com/gpu`]: `${placedGpus(machine, sharing).gpusPerNode}`,
          }),
      },
      group: {
        amiType: image(machine),
        capacityType: capacityTypes[type.kind],
        // A capacity block takes the machine from its launch template.
        instanceTypes: type.kind === "block" ? undefined : [machine.name],
        labels: {
          ...(machine.gpu && {
            ...gpuNodeLabel,
            // The autoscaler waits for the GPUs of a node that has it, instead of making a second one meanwhile (docs/facts.md 8.7).
            "k8s.amazonaws.com/accelerator": `nvidia-${machine.gpu.toLowerCase()}`,
          }),
          [poolLabel]: pool,
          ...(efa && efaLabel),
          ...(sharing && { [sharingLabel]: sharingName(sharing) }),
        },
        taints: taints.length > 0 ? taints : undefined,
        // Old GPU nodes go first: neither a quota nor a reservation doubles for an update.
        updateConfig: {
          maxUnavailable: 1,
          updateStrategy: machine.gpu || reservation ? "MINIMAL" : "DEFAULT",
        },
        scalingConfig,
      },
      template: {
        blockDeviceMappings: disk(nodeDiskGiB(config), { iops: 6000, throughput: 500 }),
        capacityReservationSpecification: reservation
          ? { capacityReservationTarget: { capacityReservationId: reservation } }
          : undefined,
        ...(type.kind === "block" && {
          instanceMarketOptions: { marketType: "capacity-block" },
          instanceType: machine.name,
        }),
      },
    };
  }
}

/** Sizes of the groups of a range of nodes, one in each zone where there may be some. */
function inZones({ min, max }: { min: number; max: number }, zones: readonly string[]) {
  return shares(min, zones).flatMap(({ zone, nodes }) => {
    // What always runs in the other zones is room that this one never has.
    const maxSize = max - (min - nodes);
    const scalingConfig = { minSize: nodes, maxSize, desiredSize: nodes };
    return maxSize > 0 ? [{ zone, scalingConfig }] : [];
  });
}

/** Images of nodes with GPUs and without, by processor. */
const images = {
  gpu: { amd64: "AL2023_x86_64_NVIDIA", arm64: "AL2023_ARM_64_NVIDIA" },
  cpu: { amd64: "AL2023_x86_64_STANDARD", arm64: "AL2023_ARM_64_STANDARD" },
} as const;

/** The image of a machine's nodes. */
function image({ arch, gpu }: Machine): string {
  return images[gpu ? "gpu" : "cpu"][arch];
}

/** Labels of the nodes without GPU, some of which always run. */
export const systemLabels = { [poolLabel]: "system" } as const;

/** The node groups without GPU, one in each zone, for the disks there. */
function systemGroups(
  { machine, nodes }: EksSettings["system"],
  zones: readonly string[],
): GroupSettings[] {
  return inZones(nodes, zones).map(({ zone, scalingConfig }) => ({
    key: `system-${zone}`,
    groupName: named(`system-${zone}`, [machine.name]),
    zone,
    group: {
      amiType: image(machine),
      capacityType: "ON_DEMAND",
      instanceTypes: [machine.name],
      labels: systemLabels,
      updateConfig: { maxUnavailable: 1, updateStrategy: "DEFAULT" },
      scalingConfig,
    },
    template: { blockDeviceMappings: disk(80, { iops: 3000, throughput: 125 }) },
  }));
}

/** Ways of sharing that the device plugin must know, by the value of the node label. */
export function sharingLabels(pools: EksSettings["pools"]) {
  return Object.fromEntries(
    Object.values(pools)
      .flatMap(({ sharing }) => (sharing?.kind === "time-slicing" ? [sharing] : []))
      .map((sharing) => [sharingName(sharing), sharing]),
  );
}

function sharingName({ clients }: { clients: number }): string {
  return `time-slicing-${clients}`;
}

function disk(volumeSize: number, speed: { iops: number; throughput: number }) {
  const safe = { encrypted: "true", deleteOnTermination: "true" };
  return [{ deviceName: "/dev/xvda", ebs: { volumeType: "gp3", volumeSize, ...speed, ...safe } }];
}

function named(key: string, replacing: unknown): string {
  return `${fitted(key, 54)}-${hash(replacing)}`;
}
