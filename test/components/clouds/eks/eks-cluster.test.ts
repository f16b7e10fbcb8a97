import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type { EksClusterArgs } from "../../../../components/clouds/eks/eks-cluster";
import { at, deploy, valueOf, type Recorded } from "../../../support/deploy";
import { anEksCluster, deployEks, eksMachine, eksPool } from "../../../support/eks";
import { outlivers } from "../../../support/outlives";

const clusterType = "aws:eks/cluster:Cluster";
const modes = ["auto", "nodeGroups"] as const;
const tags = { "cost-centre": "ml-42" };

/** A cluster with all sorts of pools. */
const everything = {
  tags,
  pools: {
    l4: eksPool({
      nodes: { min: 1, max: 4 },
      capacity: [{ kind: "spot" as const }, { kind: "on-demand" as const }],
    }),
    h100: eksPool({
      machine: eksMachine("p5.48xlarge"),
      capacity: [
        { kind: "block" as const, reservation: "cr-0123456789abcdef0", zone: "us-east-1b" },
      ],
    }),
  },
};

function ofType(resources: Recorded[], type: string): Recorded[] {
  return resources.filter((one) => one.type === type);
}

describe("an EKS cluster", () => {
  afterEach(() => pulumi.runtime.setAllConfig({}));

  it("encrypts secrets with a rotated key of its own, and logs every call", async () => {
    const { find } = await deployEks();

    assert.equal(at(find("aws:kms/key:Key", "cluster-secrets"), "enableKeyRotation"), true);
    const cluster = find(clusterType, "cluster");
    assert.deepEqual(at(cluster, "encryptionConfig"), {
      provider: { keyArn: "arn:aws:kms:us-east-1:123456789012:key/secrets" },
      resources: ["secrets"],
    });
    assert.deepEqual(at(cluster, "enabledClusterLogTypes"), [
      "api",
      "audit",
      "authenticator",
      "controllerManager",
      "scheduler",
    ]);
    const logs = find("aws:cloudwatch/logGroup:LogGroup", "cluster-logs");
    assert.equal(logs.inputs.name, "/aws/eks/test-cluster/cluster");
    assert.equal(logs.inputs.retentionInDays, 90);
  });

  it("lets in the given ranges from outside, and its nodes from inside", async () => {
    const { find } = await deployEks({ access: ["203.0.113.0/24"] });
    const reach = find(clusterType, "cluster").inputs.vpcConfig as Record<string, unknown>;

    assert.equal(reach.endpointPrivateAccess, true);
    assert.equal(reach.endpointPublicAccess, true);
    assert.deepEqual(reach.publicAccessCidrs, ["203.0.113.0/24"]);
  });

  it("has no public endpoint where no range may reach it", async () => {
    const { find } = await deployEks({ access: [] });
    const reach = find(clusterType, "cluster").inputs.vpcConfig as Record<string, unknown>;

    assert.equal(reach.endpointPublicAccess, false);
    assert.equal(reach.publicAccessCidrs, undefined);
  });

  it("knows its users by IAM alone: whoever made it, and the given roles", async () => {
    const admin = "arn:aws:iam::123456789012:role/platform";
    const { find } = await deployEks({ admins: [admin] });

    assert.deepEqual(at(find(clusterType, "cluster"), "accessConfig"), {
      authenticationMode: "API",
      bootstrapClusterCreatorAdminPermissions: true,
    });
    const association = find(
      "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
      "cluster-admin-platform",
    );
    assert.equal(association.inputs.principalArn, admin);
    assert.equal(
      association.inputs.policyArn,
      "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
    );
  });

  it("lets viewers read everything, which a preview does", async () => {
    const viewer = "arn:aws:iam::123456789012:role/ci/preview";
    const { find } = await deployEks({ viewers: [viewer] });

    assert.equal(
      find("aws:eks/accessEntry:AccessEntry", "cluster-viewer-preview").inputs.principalArn,
      viewer,
    );
    const { inputs } = find(
      "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
      "cluster-viewer-preview",
    );
    assert.equal(inputs.policyArn, "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy");
    assert.deepEqual(inputs.accessScope, { type: "cluster" });
  });

  it("is protected from deletion by AWS and Pulumi, until it is told otherwise", async () => {
    for (const [deletionProtection, expected] of [
      [undefined, true],
      [false, false],
    ] as const) {
      const { find } = await deployEks({ deletionProtection });

      assert.equal(at(find(clusterType, "cluster"), "deletionProtection"), expected);
      assert.equal(find(clusterType, "cluster").options.protect, expected);
      assert.equal(find("aws:kms/key:Key", "cluster-secrets").options.protect, expected);
    }
  });

  it("stays on its version, which no end of support changes", async () => {
    const version = async (given?: string) =>
      at((await deployEks({ version: given })).find(clusterType, "cluster"), "version");

    assert.equal(await version("1.36"), "1.36");
    assert.equal(await version(), "1.35");
    assert.deepEqual(at((await deployEks()).find(clusterType, "cluster"), "upgradePolicy"), {
      supportType: "EXTENDED",
    });
  });

  it("has a name of its own in the account, by its stack", async () => {
    const named = async (clusterName?: string) =>
      at((await deployEks({ clusterName })).find(clusterType, "cluster"), "name");

    assert.equal(await named(), "test-cluster");
    assert.equal(await named("prod"), "prod");
  });

  it("hands out a kubeconfig that holds no credentials, as a secret", async () => {
    const { result } = await deployEks();

    assert.equal(await pulumi.isSecret(result.kubeconfig), true);
    assert.deepEqual(parse(await valueOf(result.kubeconfig)), {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "test-cluster",
          cluster: {
            server: "https://test-cluster.eks.example",
            "certificate-authority-data": "Y2VydGlmaWNhdGU=",
          },
        },
      ],
      contexts: [
        { name: "test-cluster", context: { cluster: "test-cluster", user: "test-cluster" } },
      ],
      users: [
        {
          name: "test-cluster",
          user: {
            exec: {
              apiVersion: "client.authentication.k8s.io/v1beta1",
              command: "aws",
              args: [
                ...["eks", "get-token", "--cluster-name", "test-cluster"],
                ...["--region", "us-east-1"],
              ],
              interactiveMode: "IfAvailable",
            },
          },
        },
      ],
      "current-context": "test-cluster",
    });
  });

  it("asks for tokens of whom the provider of AWS is: profile and role of the stack's configuration", async () => {
    const args = async (config: Record<string, string>, own: Partial<EksClusterArgs> = {}) => {
      const { result } = await deploy(() => {
        pulumi.runtime.setAllConfig(config);
        return anEksCluster(own);
      });
      const { users } = parse(await valueOf(result.kubeconfig)) as {
        users: { user: { exec: { args: string[] } } }[];
      };
      return users[0]?.user.exec.args.slice(6);
    };
    const roleArn = "arn:aws:iam::123456789012:role/deploy";

    assert.deepEqual(await args({}), []);
    assert.deepEqual(await args({ "aws:profile": "ml" }), ["--profile", "ml"]);
    assert.deepEqual(
      await args({
        "aws:profile": "ml",
        "aws:assumeRoles": JSON.stringify([{ roleArn, sessionName: "pulumi" }]),
      }),
      ["--profile", "ml", "--role-arn", roleArn],
    );
    assert.deepEqual(await args({ "aws:profile": "ml" }, { credentials: { role: roleArn } }), [
      ...["--role-arn", roleArn],
    ]);
  });

  it("is refused credentials that nobody can get tokens with", async () => {
    const config = {
      "aws:accessKey": "AKIA",
      "aws:assumeRoles": JSON.stringify([{ roleArn: "a", externalId: "x" }, { roleArn: "b" }]),
    };
    await assert.rejects(
      deploy(() => {
        pulumi.runtime.setAllConfig(config);
        return anEksCluster();
      }),
      (error: Error) =>
        [
          "aws:accessKey: who the provider is, but not the AWS command line",
          "aws:assumeRoles: one role after the other, of which the AWS command line takes one, got 2 roles",
          "aws:assumeRoles.0.externalId: what the AWS command line cannot be told of a role",
          "set aws:profile",
        ].every((part) => error.message.includes(part)) && !error.message.includes("AKIA"),
    );
  });

  it("is not replaced because of what EKS tells nobody, where it was taken into the state afterwards", async () => {
    const { options } = (await deployEks()).find(clusterType, "cluster");

    assert.deepEqual(options.ignoreChanges, [
      "bootstrapSelfManagedAddons",
      "accessConfig.bootstrapClusterCreatorAdminPermissions",
    ]);
  });

  it("keeps in the state who made it, and with which mode", async () => {
    const { find } = await deployEks({ mode: "nodeGroups" });
    const { inputs, options } = find("pulumi:index:Stash", "cluster-mode");

    assert.deepEqual(inputs.input, {
      mode: "nodeGroups",
      creator: "arn:aws:sts::123456789012:assumed-role/deploy/test",
    });
    assert.deepEqual(options.ignoreChanges, ["input"]);
  });

  it("is told everything that AWS would refuse, at once", async () => {
    await assert.rejects(
      deployEks({
        zones: ["us-east-1a"],
        clusterName: "no_such name",
        cidr: "10.0.0.0/8",
        system: { nodes: { min: 1, max: 1 } },
        pools: { l4: eksPool({ machine: eksMachine("g7.2xlarge") }) },
      }),
      (error: Error) =>
        [
          "cluster.zones: fewer than two zones",
          "pools.l4.machine: no image",
          'clusterName: not a name of a cluster, got "no_such name"',
          'cidr: not a private range of /16, got "10.0.0.0/8"',
          "system.nodes: not a range of nodes for the cluster itself, got min 1, max 1",
        ].every((part) => error.message.includes(part)),
    );
  });

  for (const mode of modes) {
    describe(`with mode ${mode}`, () => {
      it("is usable twice in one program", async () => {
        const { resources } = await deploy(() => [
          anEksCluster({ ...everything, mode }, "one"),
          anEksCluster({ ...everything, mode }, "two"),
        ]);
        const urns = resources.map(({ type, name }) => `${type} ${name}`);

        assert.equal(new Set(urns).size, urns.length);
        const inAccount = ofType(resources, "aws:iam/role:Role").map(({ inputs }) => inputs.name);
        assert.equal(new Set(inAccount).size, inAccount.length);
      });

      it("tags everything that can be tagged, so everything that costs money", async () => {
        const { resources } = await deployEks({ ...everything, mode });
        const tagless =
          /iam\/role(Policy|PolicyAttachment):|ec2\/route:|routeTableAssociation|accessPolicyAssociation/;

        for (const { type, name, inputs } of resources) {
          if (!type.startsWith("aws:") || tagless.test(type)) continue;
          assert.equal(at({ inputs }, "tags.cost-centre"), "ml-42", `${type} ${name}`);
        }
      });

      it("puts everything into its region, whatever the provider's is", async () => {
        const { resources } = await deployEks({ ...everything, mode, region: "us-east-1" });

        for (const { type, name, inputs } of resources) {
          if (!type.startsWith("aws:") || type.startsWith("aws:iam/")) continue;
          assert.equal(inputs.region, "us-east-1", `${type} ${name}`);
        }
      });

      it("hands one of its two providers to every object", async () => {
        const { resources } = await deployEks({ ...everything, mode });

        const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
        assert.ok(objects.length > 5);
        for (const { type, name, provider } of objects) {
          assert.match(provider, /::cluster-nodes-setup::/, `${type} ${name}`);
        }
        for (const { inputs } of ofType(resources, "pulumi:providers:kubernetes")) {
          assert.equal(inputs.upsertExistingObjects, "true");
        }
      });

      it("goes from the objects down: controllers, pools, control plane, network", async () => {
        const run = await deployEks({ ...everything, mode });
        const provider = outlivers(run, run.find("pulumi:providers:kubernetes", "cluster"));
        const setup = outlivers(
          run,
          run.find("pulumi:providers:kubernetes", "cluster-nodes-setup"),
        );
        const cluster = outlivers(run, run.find(clusterType, "cluster"));

        for (const { type, name, provider: its } of run.resources) {
          if (its !== "") assert.ok(provider.has(`${type} ${name}`), `${type} ${name}`);
        }
        assert.ok(provider.has("pulumi:providers:kubernetes cluster-nodes-setup"));
        assert.ok(!setup.has("pulumi:providers:kubernetes cluster"));
        for (const [kind, name] of [
          [
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            "cluster-role-AmazonEKSClusterPolicy",
          ],
          ["aws:cloudwatch/logGroup:LogGroup", "cluster-logs"],
        ]) {
          assert.ok(cluster.has(`${kind} ${name}`), name);
        }
        for (const [kind, name] of [
          ["aws:ec2/natGateway:NatGateway", "cluster-network-nat-us-east-1a"],
          ["aws:ec2/route:Route", "cluster-network-private-us-east-1a-out"],
        ]) {
          assert.ok(setup.has(`${kind} ${name}`), name);
          // The control plane, which takes ten minutes, has no nodes of its own that would need it.
          assert.ok(!cluster.has(`${kind} ${name}`), name);
        }
        assert.ok(setup.has(`${clusterType} cluster`));
      });

      it("gives a service account the buckets it is given, to read or also to write, by one role", async () => {
        const { resources, result, find } = await deploy(() => {
          const cluster = anEksCluster({ mode, tags });
          const chat = { namespace: "teams", serviceAccount: "chat" };
          const read = cluster.bucketAccess("chat-models", { ...chat, bucket: "m", write: false });
          const write = cluster.bucketAccess("chat-logs", { ...chat, bucket: "l", write: true });
          cluster.bucketAccess("other", {
            ...chat,
            serviceAccount: "other",
            bucket: "m",
            write: false,
          });
          return { cluster, read, write };
        });

        const pods = ofType(
          resources,
          "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        ).filter(({ name }) => name.startsWith("cluster-pods"));
        assert.deepEqual(
          pods.map(({ inputs: { namespace, serviceAccount, roleArn } }) => [
            ...[namespace, serviceAccount, roleArn],
          ]),
          ["chat", "other"].map((account) => [
            ...["teams", account],
            `arn:aws:iam::123456789012:role/test-cluster-pods-teams-${account}`,
          ]),
        );
        const policy = (name: string) =>
          JSON.parse(String(find("aws:iam/rolePolicy:RolePolicy", name).inputs.policy)) as unknown;
        const allowed = (bucket: string, ...actions: string[]) => ({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: ["s3:ListBucket", "s3:GetBucketLocation"],
              Resource: [`arn:aws:s3:::${bucket}`],
            },
            { Effect: "Allow", Action: actions, Resource: [`arn:aws:s3:::${bucket}/*`] },
            {
              Effect: "Allow",
              Action: ["kms:Decrypt", ...(actions.length > 1 ? ["kms:GenerateDataKey"] : [])],
              Resource: ["*"],
              Condition: {
                StringLike: {
                  "kms:ViaService": "s3.*.amazonaws.com*",
                  "kms:EncryptionContext:aws:s3:arn": [
                    ...[`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
                  ],
                },
              },
            },
          ],
        });
        assert.deepEqual(policy("cluster-chat-models"), allowed("m", "s3:GetObject"));
        assert.deepEqual(
          policy("cluster-chat-logs"),
          allowed(
            "l",
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:AbortMultipartUpload",
          ),
        );
        assert.deepEqual(result.read.serviceAccountAnnotations, {});
        assert.equal(result.read.dependsOn.length, 2);
        assert.equal(result.read.dependsOn[0], result.write.dependsOn[0]);
      });

      it("has a default StorageClass of encrypted gp3 in the zone of the pod, with its tags", async () => {
        const { resources, result } = await deployEks({ mode, tags });
        const [disks] = ofType(resources, "kubernetes:storage.k8s.io/v1:StorageClass");

        assert.equal(result.diskStorageClass, "gp3");
        assert.equal(at(disks ?? { inputs: {} }, "metadata.name"), "gp3");
        assert.equal(
          disks?.inputs.provisioner,
          mode === "auto" ? "ebs.csi.eks.amazonaws.com" : "ebs.csi.aws.com",
        );
        assert.equal(disks.inputs.volumeBindingMode, "WaitForFirstConsumer");
        assert.deepEqual(disks.inputs.parameters, {
          type: "gp3",
          encrypted: "true",
          tagSpecification_1: "cost-centre=ml-42",
        });
      });

      it("makes load balancers of its mode, and enforces NetworkPolicy", async () => {
        const { result } = await deployEks({ mode });

        assert.equal(
          result.loadBalancer("public").class,
          mode === "auto" ? "eks.amazonaws.com/nlb" : "service.k8s.aws/nlb",
        );
        assert.equal(result.enforcesNetworkPolicy, true);
        assert.deepEqual(
          result.namespaceLabels,
          mode === "auto"
            ? { "eks.amazonaws.com/pod-readiness-gate-inject": "enabled" }
            : { "elbv2.k8s.aws/pod-readiness-gate-inject": "enabled" },
        );
      });

      it("places its pools", async () => {
        const { result } = await deployEks({ ...everything, mode });

        assert.deepEqual(Object.keys(result.pools), ["l4", "h100"]);
        assert.deepEqual(
          result.pools.l4?.rungs.map(({ capacity }) => capacity),
          ["spot", "on-demand"],
        );
      });
    });
  }
});
