import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../../components/cluster/cluster";
import { Disk } from "../../components/workload/disk";
import type { Namespace } from "../../components/workload/namespace";
import type { Mount, Volume } from "../../components/workload/volumes";
import { volumeAndFolder, volumesOf } from "../../values/mount";
import type { ServiceConfig, Stack, VolumeConfig } from "../stack";

/** A volume by its text, such as `models/digits`, for an entry of that namespace. */
export type VolumeOf = (namespace: string, text: string) => Pick<Mount, "volume" | "folder">;

/** What a stack's volumes are, once its disks are made. */
export interface MadeVolumes {
  /** What the texts of its entries mean by them. */
  volumeOf: VolumeOf;
  /** Where the disks are that stay when everything else is destroyed, as the stack's outputs say it; left out where there is none. */
  keptDisks?: Record<string, pulumi.Output<string>>;
}

/** Makes the disks of a stack. */
export function makeVolumes(
  { name: stack, volumes, services, jobs }: Pick<Stack, "name" | "volumes" | "services" | "jobs">,
  cluster: Cluster,
  namespaces: Readonly<Record<string, Namespace>>,
): MadeVolumes {
  const entries = [...Object.values(services), ...Object.values(jobs)];
  const disks: Record<string, Disk> = {};
  const keptDisks: Record<string, pulumi.Output<string>> = {};
  // A destroy runs no program: the outputs, which it prints at its end, are all that it says of them. On a cluster that goes with its
  // stack it refuses to begin.
  const later = cluster.outlivesStack
    ? `; stays when the stack is destroyed, and npm run adopt -- ${stack} takes it up again`
    : "";
  for (const [name, volume] of Object.entries(volumes)) {
    if (volume.kind !== "disk") continue;
    const { size, keep } = volume;
    // A disk needs nothing of what guards pods, and who takes up what a destroy left asks a preview where the disk is.
    const namespace = namespaces[volume.namespace]?.bare ?? volume.namespace;
    const users = entries.filter((entry) => volumesOf(entry).includes(name));
    const storageClass = diskClass(cluster, users);
    const disk = new Disk(name, { cluster, namespace, size, storageClass, keep });
    disks[name] = disk;
    if (!keep) continue;
    keptDisks[name] =
      pulumi.interpolate`${size}, claim ${name} in namespace ${volume.namespace}, volume ${disk.volume}${later}`;
  }
  return {
    volumeOf: (namespace, text) => {
      const { volume: name, folder } = volumeAndFolder(text);
      const config = volumes[name];
      if (!config) throw new Error(`the volume ${name} passed the checks but is not there`);
      const volume = volumeNamed(name, config, disks[name], namespace);
      return { volume, ...(folder !== undefined && { folder }) };
    },
    ...(Object.keys(keptDisks).length > 0 && { keptDisks }),
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

function volumeNamed(
  name: string,
  config: VolumeConfig,
  disk: Disk | undefined,
  namespace: string,
): Volume {
  if (config.kind === "bucket") return { ...config, name, namespace };
  if (!("access" in config)) return { ...config, name };
  const claim = config.kind === "claim" ? config.claim : disk?.claim;
  if (claim === undefined) throw new Error(`the disk ${name} was not made`);
  const nodes = config.access === "any-node" ? "any-node" : "one-node";
  return { kind: "claim", name, claim, nodes };
}
