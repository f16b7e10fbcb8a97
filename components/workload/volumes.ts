import { createHash } from "node:crypto";
import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import type { ExistingObject } from "./container";

/** How the names of volumes begin that our own containers and mounts have; no volume of the user's does. */
export const ownPrefix = "gpu-serving-";

/** Name in a pod of a volume of ours. */
export function ownVolume(name: string): string {
  return `${ownPrefix}${name}`;
}

/** A volume that pods can mount; in one pod there is one of a name. */
export type Volume = ClaimedVolume | BucketOfVolume | PodVolume | ExistingVolume;

/** A Secret or a ConfigMap of the namespace that somebody else makes: each key is a file, which nobody writes. */
export interface ExistingVolume {
  kind: "existing";
  /** Name of the volume in the pods. */
  name: string;
  /** The object. */
  of: ExistingObject;
}

/** The volume that shows an object of that name. */
export function existingVolume(
  of: { existingSecret: string } | { existingConfigMap: string },
): ExistingVolume {
  // Names of objects may be longer than those of volumes, and have dots in them.
  const hash = createHash("sha256").update(Object.values(of).join()).digest("hex").slice(0, 10);
  const kind = "existingSecret" in of ? "secret" : "config-map";
  return { kind: "existing", name: ownVolume(`${kind}-${hash}`), of };
}

/** A volume behind a claim: a disk that we make, or what somebody else's claim stands for. */
export interface ClaimedVolume {
  kind: "claim";
  /** Name of the volume in the pods. */
  name: string;
  /** Name of the claim, in the namespace of the pods. */
  claim: pulumi.Input<string>;
  /** Where pods that mount it at the same time run: on one node, as a disk asks for, or on any. @default "one-node" */
  nodes?: "one-node" | "any-node";
}

/** A bucket of the cluster's cloud. */
export interface BucketOfVolume {
  kind: "bucket";
  /** Name of the volume in the pods. */
  name: string;
  /** Name of the bucket, as the cluster's cloud has it (AKS: `group/account/container` or the container's resource id). */
  bucket: pulumi.Input<string>;
  /** Namespace of the pods, by whose service account the bucket is read; clouds want it in writing. */
  namespace: string;
}

/** A volume that a pod makes for itself and that goes with it. */
export interface PodVolume {
  /** `memory`: its pod's memory; `nodeCache`: the disk that the node keeps images and logs on. */
  kind: "memory" | "nodeCache";
  /** Name of the volume in the pod. */
  name: string;
  /** The most it may hold, as a Kubernetes quantity. */
  size: string;
}

/** A volume, or a folder of it, at a path of a container. */
export interface Mount {
  /** What is mounted. */
  volume: Volume;
  /** Folder of the volume, without a slash at either end, made when it is not there; or key of an existing object, for that file alone. @default the whole volume */
  folder?: string;
  /** Whether the container writes. @default true for volumes of the pod's own, else false */
  write?: boolean;
}

/** What a container mounts, by absolute path. */
export type Mounts = Readonly<Record<string, Mount>>;

/** Whether volumes of a kind are each pod's own, and written unless a mount says otherwise. */
export function isPodsOwn(kind: Volume["kind"] | "disk"): kind is PodVolume["kind"] {
  return kind === "memory" || kind === "nodeCache";
}

/** The volumes that an entry mounts. */
export function volumesIn({ mounts = {} }: { mounts?: Mounts }): Volume[] {
  return Object.values(mounts).map(({ volume }) => volume);
}

/** Whether the container of the mount may write. */
export function writes({ volume, write }: Mount): boolean {
  return write ?? isPodsOwn(volume.kind);
}

/** Each volume of several containers' mounts once, with all mounts of it. */
export function mountedVolumes(containers: readonly Mounts[]): [Volume, Mount[]][] {
  const byName = new Map<string, [Volume, Mount[]]>();
  for (const mount of containers.flatMap((mounts) => Object.values(mounts))) {
    const before = byName.get(mount.volume.name);
    if (before) before[1].push(mount);
    else byName.set(mount.volume.name, [mount.volume, [mount]]);
  }
  return [...byName.values()];
}

/** The folder of a bucket that all mounts of it are in: the cloud's driver shows no more of it than that. */
export function sharedFolder(mounts: readonly Mount[]): string | undefined {
  const [first] = mounts;
  return mounts.every(({ folder }) => folder === first?.folder) ? first?.folder : undefined;
}

/** The mounts of one container of a pod, of which `containers` holds the mounts of all, its own included. */
export function volumeMounts(mounts: Mounts, containers: readonly Mounts[]): core.v1.VolumeMount[] {
  const all = new Map(mountedVolumes(containers).map(([{ name }, of]) => [name, of]));
  return Object.entries(mounts).map(([mountPath, mount]) => {
    const { volume, folder } = mount;
    const shown = volume.kind === "bucket" ? sharedFolder(all.get(volume.name) ?? []) : undefined;
    return {
      name: volume.name,
      mountPath,
      ...(folder !== undefined && folder !== shown && { subPath: folder }),
      ...(!writes(mount) && { readOnly: true }),
    };
  });
}

/** Whether pods that mount these run on one node, because what they mount is attached to one. */
export function shareNode(volumes: readonly Volume[]): boolean {
  return volumes.some((volume) => volume.kind === "claim" && volume.nodes !== "any-node");
}

/** What keeps pods that mount a volume of one node on that node; nothing where there is no such volume. */
export function onOneNode(volumes: readonly Volume[]): {
  labels: Record<string, string>;
  podAffinity?: core.v1.PodAffinity;
} {
  const shared = volumes.filter((volume) => shareNode([volume]));
  const keys = shared.map(({ name }) => `gpu-serving/disk-${name}`);
  if (keys.length === 0) return { labels: {} };
  return {
    labels: Object.fromEntries(keys.map((key) => [key, "mounted"])),
    podAffinity: {
      // The first pod finds no other and goes where it likes; so does the next one once all have ended.
      requiredDuringSchedulingIgnoredDuringExecution: keys.map((key) => ({
        labelSelector: { matchLabels: { [key]: "mounted" } },
        topologyKey: "kubernetes.io/hostname",
      })),
    },
  };
}

/** Group that owns what is on disks; pods that mount one are in it, whatever user their images run as. */
const diskGroup = 2000;

/** Security context by which a user other than root may write what is mounted. */
export function ownership(volumes: readonly Volume[]): core.v1.PodSecurityContext {
  if (!volumes.some(({ kind }) => kind === "claim")) return {};
  // A disk of many files would be gone through at each start otherwise.
  return { fsGroup: diskGroup, fsGroupChangePolicy: "OnRootMismatch" };
}
