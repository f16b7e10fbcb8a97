import assert from "node:assert/strict";
import { deploy, type Run } from "../../../support/deploy";
import { allOf, anEksCluster } from "../../../support/eks";

const chat = { namespace: "teams", serviceAccount: "chat" };

/** The policy of a name, by value. */
function policy({ find }: Run<object>, name: string): unknown {
  return JSON.parse(String(find("aws:iam/rolePolicy:RolePolicy", name).inputs.policy));
}

/** What reading, or also writing, a bucket takes. */
function allowed(bucket: string, write: boolean) {
  const arn = `arn:aws:s3:::${bucket}`;
  const Effect = "Allow";
  const writing = write ? ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"] : [];
  const Condition = {
    StringLike: {
      "kms:ViaService": "s3.*.amazonaws.com*",
      "kms:EncryptionContext:aws:s3:arn": [arn, `${arn}/*`],
    },
  };
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect, Action: ["s3:ListBucket", "s3:GetBucketLocation"], Resource: [arn] },
      { Effect, Action: ["s3:GetObject", ...writing], Resource: [`${arn}/*`] },
      {
        ...{ Effect, Resource: ["*"], Condition },
        Action: ["kms:Decrypt", ...(write ? ["kms:GenerateDataKey"] : [])],
      },
    ],
  };
}

describe("buckets of an EKS cluster", () => {
  it("are read, or also written, by a service account with one role for all of them", async () => {
    const run = await deploy(() => {
      const cluster = anEksCluster();
      const read = cluster.bucketAccess("chat-models", { ...chat, bucket: "m", write: false });
      const write = cluster.bucketAccess("chat-logs", { ...chat, bucket: "l", write: true });
      const other = { ...chat, serviceAccount: "other" };
      cluster.bucketAccess("other", { ...other, bucket: "m", write: false });
      return { read, write };
    });
    const { read, write } = run.result;
    const role = run.find("aws:iam/role:Role", "cluster-pods-teams-chat").inputs;

    assert.deepEqual(
      allOf(run, "aws:eks/podIdentityAssociation:PodIdentityAssociation").map(({ inputs }) => [
        ...[inputs.namespace, inputs.serviceAccount, inputs.roleArn],
      ]),
      ["chat", "other"].map((account) => [
        ...["teams", account],
        `arn:aws:iam::123456789012:role/test-cluster-pods-teams-${account}`,
      ]),
    );
    assert.deepEqual(JSON.parse(String(role.assumeRolePolicy)), {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "pods.eks.amazonaws.com" },
          Action: ["sts:AssumeRole", "sts:TagSession"],
        },
      ],
    });
    assert.deepEqual(policy(run, "cluster-chat-models"), allowed("m", false));
    assert.deepEqual(policy(run, "cluster-chat-logs"), allowed("l", true));
    assert.deepEqual(read.serviceAccountAnnotations, {});
    assert.equal(read.dependsOn.length, 2);
    assert.equal(read.dependsOn[0], write.dependsOn[0]);
  });
});
