import type { Addon } from "@pulumi/aws/eks/addon";
import type { Cluster } from "@pulumi/aws/eks/cluster";
import * as pulumi from "@pulumi/pulumi";
import type { BucketAccess, BucketGrant, BucketMount, BucketVolume } from "../../cluster/cluster";
import { claimedBucket } from "../bucket-volume";
import { partition } from "./names";
import { installed } from "./nodes";
import { PodIdentity, type Statement } from "./role";
import type { EksPlace } from "./settings";

/** What {@link EksBuckets} takes. */
interface EksBucketsArgs extends EksPlace {
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
  access(name: string, { namespace, serviceAccount, bucket, write }: BucketAccess): BucketGrant {
    const statements = bucketStatements(bucket, write, this.args.region);
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
    const opts = { ...this.child, dependsOn: this.args.nodes };
    this.driver ??= installed(this.name, [driver], this.args, opts);
    return {
      ...grant,
      ...bucketClaim(name, mount, this.args.region),
      dependsOn: [...dependsOn, ...this.driver],
    };
  }

  private identityOf(namespace: string, serviceAccount: string): PodIdentity {
    const account = `${namespace}-${serviceAccount}`;
    const identity =
      this.identities.get(account) ??
      new PodIdentity(
        `${this.name}-pods-${account}`,
        { ...this.args, namespace, serviceAccount, role: `pods-${account}` },
        this.child,
      );
    this.identities.set(account, identity);
    return identity;
  }
}

/** The add-on that mounts buckets, each with the identity of its pods. GPU nodes are tainted. */
const driver = {
  addOn: "aws-mountpoint-s3-csi-driver",
  settings: { node: { tolerateAllTaints: true } },
};

/** What reading, or also writing, one bucket takes. */
function bucketStatements(
  bucket: pulumi.Input<string>,
  write: boolean,
  region: string,
): Statement[] {
  const arn = pulumi.interpolate`arn:${partition(region)}:s3:::${bucket}`;
  const objects = pulumi.interpolate`${arn}/*`;
  const writing = write ? ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"] : [];
  return [
    { actions: ["s3:ListBucket", "s3:GetBucketLocation"], resources: [arn] },
    { actions: ["s3:GetObject", ...writing], resources: [objects] },
    {
      // Where the bucket is encrypted with a key of the account, S3 asks for it in the pod's name; the key's policy has the last word.
      actions: ["kms:Decrypt", ...(write ? ["kms:GenerateDataKey"] : [])],
      conditions: {
        StringLike: {
          "kms:ViaService": "s3.*.amazonaws.com*",
          // The bucket's ARN with a bucket key, else the object's.
          "kms:EncryptionContext:aws:s3:arn": [arn, objects],
        },
      },
    },
  ];
}

/** A bucket as a volume of the cluster: Mountpoint for S3 knows no volumes of a pod's own. */
function bucketClaim(name: string, mount: BucketMount, region: string) {
  const { bucket, folder, write } = mount;
  // The user is the image's choice; new versions of a file replace old ones.
  const writing = ["allow-delete", "allow-overwrite", "file-mode 0666", "dir-mode 0777"];
  return claimedBucket(name, mount, {
    driver: "s3.csi.aws.com",
    // Mountpoint takes the role of the pod's service account, by EKS pod identity.
    volumeAttributes: { bucketName: bucket, authenticationSource: "pod" },
    mountOptions: [
      "allow-other",
      ...(write ? writing : ["read-only"]),
      ...(folder ? [`prefix ${folder}/`] : []),
      // Mountpoint finds a bucket's region by itself, but starts from us-east-1, of which other partitions know nothing.
      ...(partition(region) === "aws" ? [] : [`region ${region}`]),
    ],
  });
}
