import type { LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate";
import type { NodeGroupArgs } from "@pulumi/aws/eks/nodeGroup";
import { gpuNodeLabel, sharingLabel } from "../device-plugin";
import type { CapacityRung, ManagedPool, Sharing } from "../managed";
import type { SystemPool } from "./auto-pools";
import { efaCards, efaLabel } from "./efa";
import { diskOf, gpuTaint, poolLabel, rungNames } from "./ladder";
import { fitted, hash } from "./names";
import { placedByUs } from "./placement";
import { rungZones } from "./zones";

/** A managed node group: what it is, and what its launch template says. */
export interface GroupSettings {
  /** Which of the cluster's groups it is, for as long as its pool and rung exist. */
  key: string;
  /** Name at EKS; carries a hash of what makes EKS replace the group, so that the new one can be made before the old one goes. */
  groupName: string;
  /** Zones of its nodes. */
  zones: readonly string[];
  /** Pool whose placement group its nodes are in. @default none */
  placedWith?: string;
  /** Network cards of a node that get an EFA. @default none */
  efa?: readonly number[];
  group: Pick<
    NodeGroupArgs,
    "amiType" | "capacityType" | "instanceTypes" | "labels" | "taints" | "updateConfig"
  > & { scalingConfig: { minSize: number; maxSize: number; desiredSize: number } };
  template: Pick<
    LaunchTemplateArgs,
    | "blockDeviceMappings"
    | "capacityReservationSpecification"
    | "instanceMarketOptions"
    | "instanceType"
  >;
}

/** Node groups of a GPU pool, one for each rung in the order they are tried. */
export function gpuGroups(
  pool: string,
  config: ManagedPool,
  clusterZones: readonly string[],
): GroupSettings[] {
  const { machine, nodes, capacity, sharing } = config;
  const names = rungNames(capacity);
  const efa = efaCards(config);
  return capacity.map((rung, at) => {
    const key = `${pool}-${names[at]}`;
    const zones = rungZones(rung, config.zones ?? clusterZones);
    const minSize = at === 0 ? nodes.min : 0;
    const reservation = "reservation" in rung ? rung.reservation : undefined;
    return {
      key,
      groupName: named(key, [machine.name, rung, zones]),
      zones,
      placedWith: placedByUs(config, reservation !== undefined) ? pool : undefined,
      efa,
      group: {
        amiType: machine.arch === "arm64" ? "AL2023_ARM_64_NVIDIA" : "AL2023_x86_64_NVIDIA",
        capacityType: capacityType(rung),
        // A capacity block takes the machine from its launch template.
        instanceTypes: rung.kind === "block" ? undefined : [machine.name],
        labels: {
          ...gpuNodeLabel,
          // The autoscaler waits for the GPUs of a node that has it, instead of making a second one meanwhile (docs/facts.md 8.7).
          "k8s.amazonaws.com/accelerator": `nvidia-${machine.gpu.toLowerCase()}`,
          [poolLabel]: pool,
          ...(efa && efaLabel),
          ...sharedBy(sharing),
        },
        taints: [{ key: gpuTaint.key, value: gpuTaint.value, effect: "NO_SCHEDULE" }],
        // Old nodes go first: neither a quota nor a reservation doubles for an update.
        updateConfig: { maxUnavailable: 1, updateStrategy: "MINIMAL" },
        scalingConfig: { minSize, maxSize: nodes.max, desiredSize: minSize },
      },
      template: {
        blockDeviceMappings: disk(diskOf(config), { iops: 6000, throughput: 500 }),
        capacityReservationSpecification: reservation
          ? { capacityReservationTarget: { capacityReservationId: reservation } }
          : undefined,
        ...(rung.kind === "block" && {
          instanceMarketOptions: { marketType: "capacity-block" },
          instanceType: machine.name,
        }),
      },
    };
  });
}

/** Nodes of the group without GPU, some of which always run. */
export const systemNodes = { [poolLabel]: "system" } as const;

/** The node group without GPU. */
export function systemGroup(
  { machine, nodes }: SystemPool,
  zones: readonly string[],
): GroupSettings {
  return {
    key: "system",
    groupName: named("system", [machine, zones]),
    zones,
    group: {
      amiType: /^[a-z]+\d+g/.test(machine) ? "AL2023_ARM_64_STANDARD" : "AL2023_x86_64_STANDARD",
      capacityType: "ON_DEMAND",
      instanceTypes: [machine],
      labels: systemNodes,
      updateConfig: { maxUnavailable: 1, updateStrategy: "DEFAULT" },
      scalingConfig: { minSize: nodes.min, maxSize: nodes.max, desiredSize: nodes.min },
    },
    template: { blockDeviceMappings: disk(80, { iops: 3000, throughput: 125 }) },
  };
}

/** Ways of sharing that the device plugin must know, by the value of the node label. */
export function sharingLabels(
  pools: Readonly<Record<string, ManagedPool>>,
): Record<string, { kind: "time-slicing"; clients: number }> {
  return Object.fromEntries(
    Object.values(pools).flatMap(({ sharing }) =>
      sharing?.kind === "time-slicing" ? [[sharingName(sharing.clients), sharing]] : [],
    ),
  );
}

function sharedBy(sharing?: Sharing): Record<string, string> {
  return sharing?.kind === "time-slicing" ? { [sharingLabel]: sharingName(sharing.clients) } : {};
}

function sharingName(clients: number): string {
  return `time-slicing-${clients}`;
}

function capacityType({ kind }: CapacityRung): "ON_DEMAND" | "SPOT" | "CAPACITY_BLOCK" {
  if (kind === "spot") return "SPOT";
  return kind === "block" ? "CAPACITY_BLOCK" : "ON_DEMAND";
}

function disk(volumeSize: number, speed: { iops: number; throughput: number }) {
  return [
    {
      deviceName: "/dev/xvda",
      ebs: {
        volumeType: "gp3",
        volumeSize,
        ...speed,
        encrypted: "true",
        deleteOnTermination: "true",
      },
    },
  ];
}

function named(key: string, replacing: unknown): string {
  return `${fitted(key, 54)}-${hash(replacing)}`;
}
