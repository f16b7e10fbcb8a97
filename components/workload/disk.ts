import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster/cluster";
import { objectLabels } from "./labels";

/** Arguments for {@link Disk}. */
export interface DiskArgs {
  /** Cluster whose nodes attach the disk. */
  cluster: Cluster;
  /** Namespace whose pods can mount it. */
  namespace: pulumi.Input<string>;
  /** Size as a Kubernetes quantity; it can grow, never shrink. */
  size: string;
  /** Whether it stays until this says otherwise: Pulumi then neither removes nor replaces it. @default true */
  keep?: boolean;
}

/** Annotation of disks that are kept, by which an `up` that drops one finds out. */
export const keptAnnotation = "gpu-serving/keep";

/** A disk that pods of one node at a time mount. */
export class Disk extends pulumi.ComponentResource {
  /** Name of its claim, known once it is there. */
  readonly claim: pulumi.Output<string>;

  constructor(name: string, args: DiskArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster, namespace, size, keep = true } = args;
    super("gpu-serving:index:Disk", name, {}, { ...opts, provider: cluster.provider });

    const claim = new PersistentVolumeClaim(
      `${name}-disk`,
      {
        metadata: {
          ...{ name, namespace, labels: objectLabels(name) },
          ...(keep && { annotations: { [keptAnnotation]: name } }),
        },
        spec: {
          accessModes: ["ReadWriteOnce"],
          storageClassName: cluster.diskStorageClass,
          resources: { requests: { storage: size } },
        },
      },
      {
        parent: this,
        // What it stands on, its namespace and its cluster, stays with it.
        protect: keep,
        // Another class would be another disk: it is chosen when the disk is made.
        ignoreChanges: ["spec.storageClassName"],
      },
    );

    this.claim = claim.metadata.name;
    this.registerOutputs({ claim: this.claim });
  }
}
