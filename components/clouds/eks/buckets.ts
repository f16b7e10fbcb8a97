import type { Addon } from "@pulumi/aws/eks/addon";
import type { Cluster } from "@pulumi/aws/eks/cluster";
import type * as pulumi from "@pulumi/pulumi";
import type { BucketAccess, BucketGrant, BucketMount, BucketVolume } from "../../cluster/cluster";
import { buckets, installed } from "./add-ons";
import { bucketClaim } from "./bucket-volume";
import { partition } from "./names";
import { bucketStatements, PodIdentity } from "./pod-identity";

/** What {@link EksBuckets} takes. */
export interface EksBucketsArgs {
  /** Name of the cluster in the account. */
  clusterName: string;
  region: string;
  /** Tags of everything that costs money. */
  tags: Record<string, string>;
  cluster: Cluster;
  /** Nodes, which the driver of volumes needs. */
  nodes: pulumi.Resource;
}

/** Access of service accounts to buckets. EKS takes one identity for a service account, so all of its buckets are one role's. */
export class EksBuckets {
  private readonly identities = new Map<string, PodIdentity>();
  private driver?: Addon[];

  constructor(
    private readonly name: string,
    private readonly args: EksBucketsArgs,
    private readonly child: { parent: pulumi.Resource },
  ) {}

  /** Lets a service account use one bucket. */
  access(name: string, access: BucketAccess): BucketGrant {
    const { namespace, serviceAccount, bucket, write } = access;
    const statements = bucketStatements(bucket, write, partition(this.args.region));
    const identity = this.identityOf(namespace, serviceAccount);
    return {
      serviceAccountAnnotations: {},
      podLabels: {},
      podAnnotations: {},
      dependsOn: [identity, identity.allow(`${this.name}-${name}`, statements)],
    };
  }

  /** Mounts one bucket by the driver, which is installed with the first one. */
  volume(name: string, mount: BucketMount): BucketVolume {
    const { dependsOn, ...grant } = this.access(name, mount);
    this.driver ??= this.install();
    return {
      ...grant,
      ...bucketClaim(name, mount, this.args.region),
      dependsOn: [...dependsOn, ...this.driver],
    };
  }

  private install(): Addon[] {
    const { cluster, region, tags, nodes } = this.args;
    const opts = { ...this.child, dependsOn: nodes };
    return installed(this.name, [buckets], cluster, { region, tags }, opts);
  }

  private identityOf(namespace: string, serviceAccount: string): PodIdentity {
    const { clusterName, region, tags, cluster } = this.args;
    const account = `${namespace}-${serviceAccount}`;
    const identity =
      this.identities.get(account) ??
      new PodIdentity(
        `${this.name}-pods-${account}`,
        {
          ...{ region, tags, namespace, serviceAccount, clusterName: cluster.name },
          roleName: `${clusterName}-pods-${account}`,
        },
        this.child,
      );
    this.identities.set(account, identity);
    return identity;
  }
}
