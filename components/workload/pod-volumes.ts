import { PersistentVolume, PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import type { BucketGrant, BucketVolume, Cluster } from "../cluster/cluster";
import { labelsOf, metadataOf, type Owner } from "./labels";
import { mountedVolumes, sharedFolder, writes } from "./volumes";
import type { BucketOfVolume, Mount, Mounts, Volume } from "./volumes";

/**
 * Makes what the volumes that an entry's containers mount need in the cluster and its cloud: volumes, labels and annotations of
 * the pod, annotations of its service account, and what must be there before it starts. `read`: buckets without a mount.
 */
export function podVolumes(
  cluster: Cluster,
  containers: readonly Mounts[],
  owner: Owner,
  read: readonly BucketOfVolume[] = [],
) {
  const all = mountedVolumes(containers);
  const buckets = new Map(
    all.flatMap(([volume, mounts]) =>
      volume.kind === "bucket"
        ? [[volume.name, bucketOf(cluster, volume, mounts, owner)] as const]
        : [],
    ),
  );
  const made = [...buckets.values(), ...read.map((bucket) => accessTo(cluster, bucket, owner))];
  return {
    volumes: all.map(([volume]) => ({
      name: volume.name,
      ...(buckets.get(volume.name)?.source ?? sourceOf(volume)),
    })),
    mounted: all.map(([volume]) => volume),
    podLabels: merged(made.map(({ podLabels }) => podLabels)),
    podAnnotations: merged(made.map(({ podAnnotations }) => podAnnotations)),
    accountAnnotations: merged(made.map(({ serviceAccountAnnotations: of }) => of)),
    dependsOn: made.flatMap(({ dependsOn }) => dependsOn),
  };
}

function merged<Value>(maps: readonly Record<string, Value>[]): Record<string, Value> {
  return Object.fromEntries(maps.flatMap((map) => Object.entries(map)));
}

function sourceOf(volume: Volume): Omit<core.v1.Volume, "name"> {
  switch (volume.kind) {
    case "claim":
      return { persistentVolumeClaim: { claimName: volume.claim } };
    case "existing":
      return "existingSecret" in volume.of
        ? { secret: { secretName: volume.of.existingSecret } }
        : { configMap: { name: volume.of.existingConfigMap } };
    case "memory":
      return { emptyDir: { medium: "Memory", sizeLimit: volume.size } };
    case "nodeCache":
      return { emptyDir: { sizeLimit: volume.size } };
    case "bucket":
      throw new Error(`${volume.name} is a bucket without what its cloud makes of it`);
  }
}

/** Access to a bucket that is not mounted. */
function accessTo(
  cluster: Cluster,
  { name, namespace, bucket }: BucketOfVolume,
  { entry }: Owner,
): BucketGrant {
  const access = { namespace, serviceAccount: entry, bucket, write: false };
  return cluster.bucketAccess(`${entry}-${name}`, access);
}

/** One access and one volume for all mounts of a bucket in a pod: clouds know a role of an account on a bucket once. */
function bucketOf(
  cluster: Cluster,
  volume: BucketOfVolume,
  mounts: readonly Mount[],
  owner: Owner,
): BucketVolume {
  const { entry, child } = owner;
  const name = `${entry}-${volume.name}`;
  const folder = sharedFolder(mounts);
  const made = cluster.bucketVolume(name, {
    namespace: volume.namespace,
    serviceAccount: entry,
    bucket: volume.bucket,
    write: mounts.some(writes),
    ...(folder !== undefined && { folder }),
  });
  const { claim, dependsOn } = made;
  if (!claim) return made;
  const labels = labelsOf(owner);
  const persistent = new PersistentVolume(
    `${name}-bucket`,
    { metadata: { name: claim.volumeName, labels }, spec: claim.volume },
    { ...child, dependsOn },
  );
  const claimed = new PersistentVolumeClaim(
    `${name}-claim`,
    { metadata: metadataOf(owner, claim.name), spec: claim.spec },
    { ...child, dependsOn: [persistent] },
  );
  return { ...made, dependsOn: [...dependsOn, claimed] };
}
