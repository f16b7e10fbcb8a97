import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy";
import * as pulumi from "@pulumi/pulumi";
import { EksRole, policy, type EksRoleArgs, type Statement } from "./role";

/** Arguments for {@link PodIdentity}. */
export interface PodIdentityArgs extends Omit<EksRoleArgs, "service"> {
  /** Name of the cluster. */
  clusterName: pulumi.Input<string>;
  /** Region of the cluster. */
  region: string;
  /** Namespace of the service account. */
  namespace: string;
  /** Name of the service account; EKS takes one identity for each. */
  serviceAccount: string;
}

/** A role that the pods of one service account have, by EKS pod identity. */
export class PodIdentity extends pulumi.ComponentResource {
  /** The role. */
  readonly role: EksRole;

  constructor(name: string, args: PodIdentityArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:PodIdentity", name, {}, opts);
    const { clusterName, region, namespace, serviceAccount, ...role } = args;
    this.role = new EksRole(name, { ...role, service: "pods.eks.amazonaws.com" }, { parent: this });
    new PodIdentityAssociation(
      name,
      {
        region,
        clusterName,
        namespace,
        serviceAccount,
        roleArn: this.role.arn,
        tags: args.tags,
      },
      { parent: this, dependsOn: [this.role] },
    );
    this.registerOutputs({});
  }

  /** Allows the pods more; the rules are one policy of that name. */
  allow(name: string, statements: Statement[]): RolePolicy {
    return new RolePolicy(
      name,
      { name, role: this.role.roleName, policy: policy(statements) },
      { parent: this },
    );
  }
}

/** What reading, or also writing, one bucket takes. */
export function bucketStatements(bucket: pulumi.Input<string>, write: boolean, partition: string) {
  const arn = pulumi.interpolate`arn:${partition}:s3:::${bucket}`;
  return [
    { actions: ["s3:ListBucket", "s3:GetBucketLocation"], resources: [arn] },
    {
      actions: [
        "s3:GetObject",
        ...(write ? ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"] : []),
      ],
      resources: [pulumi.interpolate`${arn}/*`],
    },
    {
      // Where the bucket is encrypted with a key of the account, S3 asks for it in the pod's name; the key's policy has the last word.
      actions: ["kms:Decrypt", ...(write ? ["kms:GenerateDataKey"] : [])],
      conditions: {
        StringLike: {
          "kms:ViaService": "s3.*.amazonaws.com*",
          // The bucket's ARN with a bucket key, else the object's.
          "kms:EncryptionContext:aws:s3:arn": [arn, pulumi.interpolate`${arn}/*`],
        },
      },
    },
  ];
}
