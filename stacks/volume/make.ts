import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../../components/cluster/cluster";
import { Disk } from "../../components/workload/disk";
import type { Namespace } from "../../components/workload/namespace";
import { mountsVolume } from "../derived/injected-sidecar";
import type { Mount, Mounts, Volume } from "../../components/workload/volumes";
import type { JobConfig, ServiceConfig, Stack, VolumeConfig } from "../stack";
import { volumeAndFolder } from "../../values/mount";
import type { VolumeEntry } from "../schema";

/** What an entry's volumes are found by. */
type Mounting = Pick<ServiceConfig | JobConfig, "mounts" | "namespace">;

/** A volume of an entry by its text, such as `models/digits`. */
export type VolumeOf = (
  entry: Pick<Mounting, "namespace">,
  text: string,
) => Pick<Mount, "volume" | "folder">;

/** What a stack's volumes are, once its disks are made. */
export interface MadeVolumes {
  /** What the texts of its entries mean by them. */
  volumeOf: VolumeOf;
  /** Where the disks are that stay when everything else is destroyed, as the stack's outputs say it; left out where there is none. */
  keptDisks?: Record<string, pulumi.Output<string>>;
}

/** Namespaces that stay when everything else is destroyed, because a disk that is kept is in them. */
export function keptNamespaces({ volumes }: Pick<Stack, "volumes">): string[] {
  return Object.values(volumes).flatMap((volume) =>
    volume.kind === "disk" && volume.keep ? [volume.namespace] : [],
  );
}

/** Makes the disks of a stack. */
export function makeVolumes(
  { volumes, services, jobs }: Pick<Stack, "volumes" | "services" | "jobs">,
  cluster: Cluster,
  namespaces: Readonly<Record<string, Namespace>>,
): MadeVolumes {
  const disks = Object.fromEntries(
    Object.entries(volumes).flatMap(([name, volume]) => {
      if (volume.kind !== "disk") return [];
      const { size, keep } = volume;
      // A disk needs nothing of what guards pods, and who takes up what a destroy left asks a preview where the disk is.
      const namespace = namespaces[volume.namespace]?.bare ?? volume.namespace;
      const users = [...Object.values(services), ...Object.values(jobs)].filter((entry) =>
        mountsVolume(entry, (mounted) => mounted === name),
      );
      const storageClass = diskClass(cluster, users);
      return [[name, new Disk(name, { cluster, namespace, size, storageClass, keep })]];
    }),
  );
  const kept = Object.entries(disks).flatMap(([name, disk]) => {
    const volume = volumes[name];
    if (volume?.kind !== "disk" || !volume.keep) return [];
    const { size, namespace } = volume;
    const told = pulumi.interpolate`${size}, claim ${name} in namespace ${namespace}, volume ${disk.volume}`;
    return [[name, told] as const];
  });
  return {
    volumeOf: (entry, text) => {
      const { volume: name, folder } = volumeAndFolder(text);
      const config = volumes[name];
      if (!config) throw new Error(`the volume ${name} passed the checks but is not there`);
      const volume = volumeNamed(name, config, disks[name], entry.namespace);
      return { volume, ...(folder !== undefined && { folder }) };
    },
    ...(kept.length > 0 && { keptDisks: Object.fromEntries(kept) }),
  };
}

/** The class of a disk that all these pods can mount, wherever each of them runs; the checks refuse a disk that has none. */
function diskClass(
  { pools, diskStorageClass }: Pick<Cluster, "pools" | "diskStorageClass">,
  users: readonly Pick<ServiceConfig, "pool">[],
): string | undefined {
  const usual = diskStorageClass === undefined ? [] : [diskStorageClass];
  const each = users.map(({ pool }) => pools[pool ?? ""]?.diskClasses ?? usual);
  const [first = usual] = each;
  return first.find((one) => each.every((classes) => classes.includes(one))) ?? diskStorageClass;
}

/** What an entry mounts, by path. */
export function mountsOf(entry: Mounting, volumeOf: VolumeOf): Mounts {
  return Object.fromEntries(
    Object.entries(entry.mounts).map(([path, { volume, write }]) => [
      path,
      { ...volumeOf(entry, volume), ...(write !== undefined && { write }) },
    ]),
  );
}

function volumeNamed(
  name: string,
  config: VolumeConfig,
  disk: Disk | undefined,
  namespace: string,
): Volume {
  switch (config.kind) {
    case "disk":
    case "claim": {
      const nodes = config.access === "any-node" ? "any-node" : "one-node";
      const claim = config.kind === "claim" ? config.claim : disk?.claim;
      if (claim === undefined) throw new Error(`the disk ${name} was not made`);
      return { kind: "claim", name, claim, nodes };
    }
    case "bucket":
      return { kind: "bucket", name, bucket: config.bucket, namespace };
    case "memory":
    case "nodeCache":
      return { kind: config.kind, name, size: config.size };
  }
}

/** Volumes that passed the checks, with what they leave to their surroundings filled in. */
export function volumeConfigs(
  entries: Readonly<Record<string, VolumeEntry>>,
  namespaces: readonly string[],
): Record<string, VolumeConfig> {
  return Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [name, volumeConfig(entry, namespaces)]),
  );
}

function volumeConfig(entry: VolumeEntry, namespaces: readonly string[]): VolumeConfig {
  const { disk, claim, bucket, memory, nodeCache, access = "one-pod", keep = true } = entry;
  const placed = { namespace: entry.namespace ?? namespaces[0] ?? "", access };
  if (disk !== undefined) return { kind: "disk", size: disk, keep, ...placed };
  if (claim !== undefined) return { kind: "claim", claim, ...placed };
  if (bucket !== undefined) return { kind: "bucket", bucket };
  if (memory !== undefined) return { kind: "memory", size: memory };
  if (nodeCache !== undefined) return { kind: "nodeCache", size: nodeCache };
  throw new Error("a volume passed the checks without saying what it is");
}
