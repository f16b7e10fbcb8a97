import { PersistentVolume, PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import type { BucketVolume, Cluster } from "../cluster/cluster";
import { objectLabels } from "./labels";
import {
  mountedVolumes,
  sharedFolder,
  writes,
  type BucketOfVolume,
  type Mount,
  type Mounts,
  type Volume,
} from "./volumes";

/** Arguments for {@link podVolumes}. */
export interface PodVolumesArgs {
  /** Entry that the pods belong to; their service account has its name. */
  entry: string;
  /** Cluster the pods run on. */
  cluster: Cluster;
  /** Namespace of the pods. */
  namespace: pulumi.Input<string>;
  /** What each container mounts. */
  containers: readonly Mounts[];
}

/** What a pod and its service account have because of the volumes that are mounted. */
export interface PodVolumes {
  /** Volumes of the pod. */
  volumes: core.v1.Volume[];
  /** What they are. */
  mounted: Volume[];
  /** Labels of the pod. */
  podLabels: Record<string, string>;
  /** Annotations of the pod. */
  podAnnotations: Record<string, string>;
  /** More of the service account's metadata. */
  accountMetadata: { annotations?: Record<string, pulumi.Input<string>> };
  /** What must be there before the pod starts. */
  dependsOn: pulumi.Resource[];
}

/** Makes what the volumes of an entry's pods need in the cluster and its cloud. */
export function podVolumes(args: PodVolumesArgs, child: pulumi.CustomResourceOptions): PodVolumes {
  const all = mountedVolumes(args.containers);
  const buckets = all.flatMap(([volume, mounts]) =>
    volume.kind === "bucket" ? [bucketOf(args, volume, mounts, child)] : [],
  );
  const source = (volume: Volume) =>
    buckets.find(({ name }) => name === volume.name)?.source ?? sourceOf(volume);
  const account = merged(buckets.map(({ serviceAccountAnnotations }) => serviceAccountAnnotations));
  return {
    volumes: all.map(([volume]) => ({ name: volume.name, ...source(volume) })),
    mounted: all.map(([volume]) => volume),
    podLabels: merged(buckets.map(({ podLabels }) => podLabels)),
    podAnnotations: merged(buckets.map(({ podAnnotations }) => podAnnotations)),
    accountMetadata: Object.keys(account).length > 0 ? { annotations: account } : {},
    dependsOn: buckets.flatMap(({ dependsOn }) => dependsOn),
  };
}

function merged<Value>(maps: readonly Record<string, Value>[]): Record<string, Value> {
  return Object.fromEntries(maps.flatMap((map) => Object.entries(map)));
}

function sourceOf(volume: Volume): Omit<core.v1.Volume, "name"> {
  switch (volume.kind) {
    case "claim":
      return { persistentVolumeClaim: { claimName: volume.claim } };
    case "memory":
      return { emptyDir: { medium: "Memory", sizeLimit: volume.size } };
    case "nodeCache":
      return { emptyDir: { sizeLimit: volume.size } };
    case "bucket":
      throw new Error(`${volume.name} is a bucket without what its cloud makes of it`);
  }
}

/** One access and one volume for all mounts of a bucket in a pod: clouds know a role of an account on a bucket once. */
function bucketOf(
  { entry, cluster, namespace }: PodVolumesArgs,
  volume: BucketOfVolume,
  mounts: readonly Mount[],
  child: pulumi.CustomResourceOptions,
): BucketVolume & { name: string } {
  const name = `${entry}-${volume.name}`;
  const folder = sharedFolder(mounts);
  const made = cluster.bucketVolume(name, {
    namespace: volume.namespace,
    serviceAccount: entry,
    bucket: volume.bucket,
    write: mounts.some(writes),
    ...(folder !== undefined && { folder }),
  });
  const { claim } = made;
  if (!claim) return { ...made, name: volume.name };
  const labels = objectLabels(entry);
  const persistent = new PersistentVolume(
    `${name}-bucket`,
    { metadata: { name: claim.volumeName, labels }, spec: claim.volume },
    { ...child, dependsOn: made.dependsOn },
  );
  const claimed = new PersistentVolumeClaim(
    `${name}-claim`,
    { metadata: { name: claim.name, namespace, labels }, spec: claim.spec },
    { ...child, dependsOn: [persistent] },
  );
  return { ...made, name: volume.name, dependsOn: [...made.dependsOn, claimed] };
}
