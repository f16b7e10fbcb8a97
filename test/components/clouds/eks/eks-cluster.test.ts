import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import type { EksClusterArgs } from "../../../../components/clouds/eks/eks-cluster";
import { at, deploy, valueOf } from "../../../support/deploy";
import { allOf, anEksCluster, deployEks, eksMachine, eksPool } from "../../../support/eks";
import { outlivers } from "../../../support/outlives";

const clusterType = "aws:eks/cluster:Cluster";
const associationType = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation";
const providerType = "pulumi:providers:kubernetes";
const tags = { "cost-centre": "ml-42" };
const account = "arn:aws:iam::123456789012";

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

/** Inputs of the control plane of a cluster with these arguments. */
async function controlPlane(args: Partial<EksClusterArgs> = {}) {
  return (await deployEks(args)).find(clusterType, "cluster").inputs;
}

/** Runs a program with one cluster, whose stack has this configuration. */
function deployWith(config: Record<string, string>, args: Partial<EksClusterArgs> = {}) {
  return deploy(() => {
    pulumi.runtime.setAllConfig(config);
    return anEksCluster(args);
  });
}

/** Whether an error names each of the texts. */
function says(...parts: string[]) {
  return ({ message }: Error) => {
    for (const part of parts) assert.ok(message.includes(part), `${part} in ${message}`);
    return true;
  };
}

describe("an EKS cluster", () => {
  afterEach(() => pulumi.runtime.setAllConfig({}));

  it("encrypts secrets with a rotated key of its own, and logs every call", async () => {
    const { find } = await deployEks();
    const { inputs } = find(clusterType, "cluster");
    const logs = find("aws:cloudwatch/logGroup:LogGroup", "cluster-logs").inputs;

    assert.equal(at(find("aws:kms/key:Key", "cluster-secrets"), "enableKeyRotation"), true);
    assert.deepEqual(inputs.encryptionConfig, {
      provider: { keyArn: "arn:aws:kms:us-east-1:123456789012:key/secrets" },
      resources: ["secrets"],
    });
    assert.deepEqual(inputs.enabledClusterLogTypes, [
      ...["api", "audit", "authenticator", "controllerManager", "scheduler"],
    ]);
    assert.deepEqual([logs.name, logs.retentionInDays], ["/aws/eks/test-cluster/cluster", 90]);
  });

  for (const access of [["203.0.113.0/24"], []]) {
    it(`lets in ${access.join() || "no range"} from outside, and its nodes from inside`, async () => {
      const subnets = ["a", "b", "c"].map((zone) => `private-us-east-1${zone}-id`);

      assert.deepEqual((await controlPlane({ access })).vpcConfig, {
        subnetIds: subnets.map((subnet) => `cluster-network-${subnet}`),
        endpointPrivateAccess: true,
        endpointPublicAccess: access.length > 0,
        ...(access.length > 0 && { publicAccessCidrs: access }),
      });
    });
  }

  it("knows its users by IAM alone: whoever made it, and the given roles", async () => {
    const { find } = await deployEks({
      admins: [`${account}:role/platform`],
      viewers: [`${account}:role/ci/preview`],
    });

    assert.deepEqual(at(find(clusterType, "cluster"), "accessConfig"), {
      authenticationMode: "API",
      bootstrapClusterCreatorAdminPermissions: true,
    });
    for (const [name, role, policy] of [
      ["cluster-admin-platform", "platform", "AmazonEKSClusterAdminPolicy"],
      ["cluster-viewer-preview", "ci/preview", "AmazonEKSViewPolicy"],
    ] as const) {
      const principal = { principalArn: `${account}:role/${role}`, clusterName: "test-cluster" };
      const common = { ...principal, region: "us-east-1" };
      assert.deepEqual(find("aws:eks/accessEntry:AccessEntry", name).inputs, {
        ...common,
        tags: {},
      });
      assert.deepEqual(find(associationType, name).inputs, {
        ...common,
        policyArn: `arn:aws:eks::aws:cluster-access-policy/${policy}`,
        accessScope: { type: "cluster" },
      });
    }
  });

  it("is protected from deletion by AWS and Pulumi, until it is told otherwise, and from being replaced", async () => {
    for (const deletionProtection of [undefined, false]) {
      const { find } = await deployEks({ deletionProtection });
      const { inputs, options } = find(clusterType, "cluster");
      const key = find("aws:kms/key:Key", "cluster-secrets").options;
      const expected = deletionProtection ?? true;

      assert.deepEqual(
        [inputs.deletionProtection, options.protect, key.protect],
        [expected, expected, expected],
      );
      // EKS tells nobody what they were: where it was taken into the state afterwards, it would be replaced.
      assert.deepEqual(options.ignoreChanges, [
        "bootstrapSelfManagedAddons",
        "accessConfig.bootstrapClusterCreatorAdminPermissions",
      ]);
    }
  });

  it("has the given name and version, else one by its stack and ours, which no end of support changes", async () => {
    const given = await controlPlane({ version: "1.36", clusterName: "prod" });
    const usual = await controlPlane();

    assert.deepEqual([given.name, given.version], ["prod", "1.36"]);
    assert.deepEqual([usual.name, usual.version], ["test-cluster", "1.35"]);
    assert.deepEqual(usual.upgradePolicy, { supportType: "EXTENDED" });
  });

  it("hands out a kubeconfig, as a secret, that asks for tokens of whom the provider of AWS is", async () => {
    const role = `${account}:role/deploy`;
    const profile = { "aws:profile": "ml" };
    const assumed = JSON.stringify([{ roleArn: role, sessionName: "pulumi" }]);

    for (const [config, args, options] of [
      [{}, {}, []],
      [profile, {}, ["--profile", "ml"]],
      [{ ...profile, "aws:assumeRoles": assumed }, {}, ["--profile", "ml", "--role-arn", role]],
      [{ ...profile, "aws:token": "t" }, { credentials: { role } }, ["--role-arn", role]],
    ] as const) {
      const { kubeconfig } = (await deployWith(config, args)).result;
      const { clusters, users } = parse(await valueOf(kubeconfig)) as {
        clusters: { cluster: object }[];
        users: { user: object }[];
      };

      assert.equal(await pulumi.isSecret(kubeconfig), true);
      assert.deepEqual(clusters[0]?.cluster, {
        server: "https://test-cluster.eks.example",
        "certificate-authority-data": "Y2VydGlmaWNhdGU=",
      });
      const token = ["eks", "get-token", "--cluster-name", "test-cluster", "--region", "us-east-1"];
      assert.deepEqual(users[0]?.user, {
        exec: {
          apiVersion: "client.authentication.k8s.io/v1beta1",
          command: "aws",
          args: [...token, ...options],
          interactiveMode: "IfAvailable",
        },
      });
    }
  });

  it("is refused credentials that nobody can get tokens with", async () => {
    const assumed = [{ roleArn: "a", externalId: "x" }, { roleArn: "b" }];
    await assert.rejects(
      deployWith({ "aws:accessKey": "AKIA", "aws:assumeRoles": JSON.stringify(assumed) }),
      (error: Error) =>
        !error.message.includes("AKIA") &&
        says(
          "aws:accessKey: who the provider is, but not the AWS command line",
          "aws:assumeRoles: one role after the other, of which the AWS command line takes one, got 2 roles",
          "aws:assumeRoles.0.externalId: what the AWS command line cannot be told of a role",
        )(error),
    );
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
      says(
        "cluster.zones: fewer than two zones",
        "pools.l4.machine: no image",
        'clusterName: not a name of a cluster, got "no_such name"',
        'cidr: not a private range of /16, got "10.0.0.0/8"',
        "system.nodes: not a range of nodes for the cluster itself, got min 1, max 1",
      ),
    );
  });
});

for (const [mode, own] of [
  [
    "auto",
    {
      provisioner: "ebs.csi.eks.amazonaws.com",
      class: "eks.amazonaws.com/nlb",
      gate: "eks.amazonaws.com/pod-readiness-gate-inject",
      provisionTime: 300,
    },
  ],
  [
    "nodeGroups",
    {
      provisioner: "ebs.csi.aws.com",
      class: "service.k8s.aws/nlb",
      gate: "elbv2.k8s.aws/pod-readiness-gate-inject",
      provisionTime: 600,
    },
  ],
] as const) {
  describe(`an EKS cluster with mode ${mode}`, () => {
    it("says what Auto Mode brings along, and that EKS adds nothing by itself", async () => {
      const { inputs } = (await deployEks({ mode })).find(clusterType, "cluster");
      const enabled = mode === "auto";

      assert.deepEqual(inputs.computeConfig, { enabled });
      assert.deepEqual(inputs.kubernetesNetworkConfig, { elasticLoadBalancing: { enabled } });
      assert.deepEqual(inputs.storageConfig, { blockStorage: { enabled } });
      assert.equal(inputs.bootstrapSelfManagedAddons, false);
    });

    it("is usable twice in one program", async () => {
      const run = await deploy(() => [
        anEksCluster({ ...everything, mode }, "one"),
        anEksCluster({ ...everything, mode }, "two"),
      ]);
      const urns = run.resources.map(({ type, name }) => `${type} ${name}`);
      const inAccount = allOf(run, "aws:iam/role:Role").map(({ inputs }) => inputs.name);

      assert.equal(new Set(urns).size, urns.length);
      assert.equal(new Set(inAccount).size, inAccount.length);
    });

    it("tags everything that can be tagged, and puts all into its region, whatever the provider's is", async () => {
      const { resources } = await deployEks({ ...everything, mode });
      const tagless =
        /iam\/role(Policy|PolicyAttachment):|ec2\/route:|routeTableAssociation|accessPolicyAssociation/;

      for (const { type, name, inputs } of resources.filter((one) => one.type.startsWith("aws:"))) {
        const its = [
          ...[tagless.test(type) ? "ml-42" : at({ inputs }, "tags.cost-centre")],
          ...[type.startsWith("aws:iam/") ? "us-east-1" : inputs.region],
        ];
        assert.deepEqual(its, ["ml-42", "us-east-1"], `${type} ${name}`);
      }
    });

    it("hands one of its two providers to every object", async () => {
      const run = await deployEks({ ...everything, mode });
      const objects = run.resources.filter(({ type }) => type.startsWith("kubernetes:"));

      assert.ok(objects.length > 5);
      for (const { type, name, provider } of objects) {
        assert.match(provider, /::cluster-nodes-setup::/, `${type} ${name}`);
      }
      for (const { inputs } of allOf(run, providerType)) {
        assert.equal(inputs.upsertExistingObjects, "true");
      }
    });

    it("goes from the objects down: controllers, pools, control plane, network", async () => {
      const run = await deployEks({ ...everything, mode });
      const provider = outlivers(run, run.find(providerType, "cluster"));
      const setup = outlivers(run, run.find(providerType, "cluster-nodes-setup"));
      const cluster = outlivers(run, run.find(clusterType, "cluster"));

      for (const { type, name, provider: its } of run.resources) {
        if (its !== "") assert.ok(provider.has(`${type} ${name}`), `${type} ${name}`);
      }
      assert.ok(provider.has(`${providerType} cluster-nodes-setup`));
      assert.ok(!setup.has(`${providerType} cluster`));
      assert.ok(setup.has(`${clusterType} cluster`));
      for (const needed of [
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment cluster-role-AmazonEKSClusterPolicy",
        "aws:cloudwatch/logGroup:LogGroup cluster-logs",
      ]) {
        assert.ok(cluster.has(needed), needed);
      }
      for (const wayOut of [
        "aws:ec2/natGateway:NatGateway cluster-network-nat-us-east-1a",
        "aws:ec2/route:Route cluster-network-private-us-east-1a-out",
      ]) {
        assert.ok(setup.has(wayOut), wayOut);
        // The control plane, which takes ten minutes, has no nodes of its own that would need it.
        assert.ok(!cluster.has(wayOut), wayOut);
      }
    });

    it("has a default StorageClass of encrypted gp3 in the zone of the pod, with its tags", async () => {
      const run = await deployEks({ mode, tags });
      const [disks] = allOf(run, "kubernetes:storage.k8s.io/v1:StorageClass");

      assert.equal(run.result.diskStorageClass, "gp3");
      assert.ok(disks);
      const { metadata, provisioner, volumeBindingMode, parameters } = disks.inputs;
      assert.deepEqual(metadata, {
        name: "gp3",
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      });
      assert.deepEqual([provisioner, volumeBindingMode], [own.provisioner, "WaitForFirstConsumer"]);
      assert.deepEqual(parameters, {
        ...{ type: "gp3", encrypted: "true", tagSpecification_1: "cost-centre=ml-42" },
      });
    });

    it("makes load balancers and places pools by its mode", async () => {
      const { result } = await deployEks({ ...everything, mode, tags: { owner: "ml", ...tags } });
      const plain = (await deployEks({ mode })).result;
      const annotation = "service.beta.kubernetes.io/aws-load-balancer";
      const annotations = {
        [`${annotation}-scheme`]: "internet-facing",
        [`${annotation}-nlb-target-type`]: "ip",
        [`${annotation}-attributes`]: "load_balancing.cross_zone.enabled=true",
      };

      assert.deepEqual(plain.loadBalancer("public"), {
        ...{ class: own.class, annotations, readyTime: 240, drainTime: 120 },
      });
      assert.deepEqual(result.loadBalancer("internal").annotations, {
        ...annotations,
        [`${annotation}-scheme`]: "internal",
        [`${annotation}-additional-resource-tags`]: "owner=ml,cost-centre=ml-42",
      });
      assert.equal(result.enforcesNetworkPolicy, true);
      assert.deepEqual(result.namespaceLabels, { [own.gate]: "enabled" });
      assert.deepEqual(Object.keys(result.pools), ["l4", "h100"]);
      assert.equal(result.pools.l4?.capacityTypes[0]?.provisionTime, own.provisionTime);
    });
  });
}
