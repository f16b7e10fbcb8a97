import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster/cluster";
import { keptAnnotation, metadataOf } from "./labels";

/** Arguments for {@link Disk}. */
export interface DiskArgs {
  /** Cluster whose nodes attach the disk. */
  cluster: Cluster;
  /** Namespace whose pods can mount it. */
  namespace: pulumi.Input<string>;
  /** Size as a Kubernetes quantity; it can grow, never shrink. */
  size: string;
  /** StorageClass it is made by. @default the cluster's `diskStorageClass` */
  storageClass?: string;
  /**
   * Whether it stays until this says otherwise: with a cluster that outlives the stack, it is left where it is; with any other,
   * Pulumi refuses to remove or replace it. @default true
   */
  keep?: boolean;
}

/** A disk that pods of one node at a time mount. */
export class Disk extends pulumi.ComponentResource {
  /** Name of its claim, known once it is there. */
  readonly claim: pulumi.Output<string>;
  /** Name of the PersistentVolume that is made for it, which GCE and Azure disks and the tags of EBS volumes have, too. */
  readonly volume: pulumi.Output<string>;

  constructor(name: string, args: DiskArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster, namespace, size, storageClass = cluster.diskStorageClass, keep = true } = args;
    super("gpu-serving:index:Disk", name, {}, { ...opts, provider: cluster.provider });

    const claim = new PersistentVolumeClaim(
      `${name}-disk`,
      {
        metadata: {
          ...metadataOf({ entry: name, namespace }),
          ...(keep && { annotations: { [keptAnnotation]: name } }),
        },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName: storageClass,
          resources: { requests: { storage: size } },
        },
      },
      {
        parent: this,
        // On a cluster that goes with the stack it could not stay alone: the cluster stays with it.
        ...(cluster.outlivesStack ? { retainOnDelete: keep } : { protect: keep }),
        // Another class would be another disk: it is chosen when the disk is made.
        ignoreChanges: ["spec.storageClassName"],
      },
    );

    this.claim = claim.metadata.name;
    // What the controller that makes it names it by.
    this.volume = pulumi.interpolate`pvc-${claim.metadata.uid}`;
    this.registerOutputs({ claim: this.claim });
  }
}
