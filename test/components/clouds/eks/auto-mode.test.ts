import assert from "node:assert/strict";
import { at, type Recorded } from "../../../support/deploy";
import { deployEks, eksPool } from "../../../support/eks";
import { outlivers } from "../../../support/outlives";

const nodePool = "kubernetes:karpenter.sh/v1:NodePool";
const nodeClass = "kubernetes:eks.amazonaws.com/v1:NodeClass";
const zone = "us-east-1a";
const l4 = eksPool({
  nodes: { min: 1, max: 4 },
  capacity: [{ kind: "spot" }, { kind: "on-demand" }],
  diskGiB: 300,
});

function ofType(resources: Recorded[], type: string): Recorded[] {
  return resources.filter((one) => one.type === type);
}

describe("the nodes of Auto Mode", () => {
  it("come with load balancers and disks, and none of EKS's own pools", async () => {
    const { inputs } = (await deployEks()).find("aws:eks/cluster:Cluster", "cluster");

    assert.deepEqual(inputs.computeConfig, { enabled: true });
    assert.deepEqual(inputs.kubernetesNetworkConfig, { elasticLoadBalancing: { enabled: true } });
    assert.deepEqual(inputs.storageConfig, { blockStorage: { enabled: true } });
    assert.equal(inputs.bootstrapSelfManagedAddons, false);
  });

  it("get neither device plugin nor autoscaler, add-on or node group of ours", async () => {
    const { resources } = await deployEks({ pools: { l4 } });

    assert.deepEqual(
      [
        ...new Set(resources.map(({ type }) => type).filter((it) => it.startsWith("kubernetes:"))),
      ].sort(),
      [
        "kubernetes:core/v1:ConfigMap",
        nodeClass,
        nodePool,
        "kubernetes:storage.k8s.io/v1:StorageClass",
      ],
    );
    for (const type of ["aws:eks/addon:Addon", "aws:eks/nodeGroup:NodeGroup"]) {
      assert.equal(ofType(resources, type).length, 0, type);
    }
  });

  it("are in a placement group where they are to be close to each other", async () => {
    const reserved = { kind: "reserved", reservation: "cr-0123456789abcdef0", zone } as const;
    const near = eksPool({
      ...{ network: "compact", zones: [zone] },
      capacity: [reserved, { kind: "on-demand" }],
    });
    const { find } = await deployEks({ pools: { near, l4 } });
    const groupOf = (name: string) =>
      at(find(nodeClass, `cluster-nodes-class-${name}`), "spec.placementGroupSelector");

    assert.deepEqual(
      find("aws:ec2/placementGroup:PlacementGroup", "cluster-nodes-near-placement").inputs,
      {
        ...{ name: "test-cluster-near", strategy: "cluster", region: "us-east-1", tags: {} },
      },
    );
    assert.deepEqual(groupOf("near"), { name: "test-cluster-near" });
    for (const apart of ["near-reserved", "l4", "gpu-serving-system"]) {
      assert.equal(groupOf(apart), undefined, apart);
    }
  });

  it("get into it by what AWS's policy allows, and by no rule of ours", async () => {
    const near = eksPool({ network: "compact", zones: [zone] });
    const { find } = await deployEks({ pools: { near } });
    const policy = find("aws:iam/rolePolicy:RolePolicy", "cluster-role-own").inputs.policy;

    assert.doesNotMatch(String(policy), /placement/i);
  });

  for (const [region, storage] of [
    ["us-east-1", "arn:aws:iam::aws:policy/AmazonEKSBlockStoragePolicyV2"],
    ["us-gov-west-1", "arn:aws-us-gov:iam::aws:policy/AmazonEKSBlockStoragePolicy"],
    ["cn-north-1", "arn:aws-cn:iam::aws:policy/AmazonEKSBlockStoragePolicy"],
  ] as const) {
    it(`have disks by the narrowest policy that is known to be in ${region}`, async () => {
      const { resources } = await deployEks({ region });
      const attached = ofType(resources, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        .filter(({ inputs }) => inputs.role === "test-cluster-cluster")
        .map(({ inputs }) => String(inputs.policyArn));

      assert.deepEqual(
        attached.filter((one) => one.includes("BlockStorage")),
        [storage],
      );
      assert.equal(attached.length, 5);
    });
  }

  it("are Karpenter's pools: those without GPU first, then those of each GPU pool", async () => {
    const run = await deployEks({ pools: { l4 } });

    assert.deepEqual(
      ofType(run.resources, nodePool).map(({ inputs }) => at({ inputs }, "metadata.name")),
      [
        "gpu-serving-system-us-east-1a",
        "gpu-serving-system-us-east-1b",
        "gpu-serving-system",
        "l4-min",
        "l4-spot",
        "l4-on-demand",
      ],
    );
    const spot = outlivers(run, run.find(nodePool, "cluster-nodes-l4-spot"));
    assert.ok(spot.has(`${nodePool} cluster-nodes-gpu-serving-system`));
    assert.ok(spot.has(`${nodeClass} cluster-nodes-class-l4`));
  });

  it("are in private subnets, in the cluster's security group, with disks of their size and tags", async () => {
    const { find } = await deployEks({ pools: { l4 }, tags: { owner: "ml" } });

    assert.deepEqual(find(nodeClass, "cluster-nodes-class-l4").inputs.spec, {
      role: "test-cluster-node",
      subnetSelectorTerms: ["a", "b", "c"].map((zone) => ({
        id: `cluster-network-private-us-east-1${zone}-id`,
      })),
      securityGroupSelectorTerms: [{ id: "sg-of-the-cluster" }],
      networkPolicy: "DefaultAllow",
      ephemeralStorage: { size: "300Gi", iops: 6000, throughput: 500 },
      tags: { owner: "ml" },
    });
  });

  it("go without their pools waiting for them: Karpenter would make new ones meanwhile", async () => {
    const { resources } = await deployEks({ pools: { l4 } });

    for (const { name, inputs } of ofType(resources, nodePool)) {
      assert.deepEqual(
        at({ inputs }, "metadata.annotations"),
        { "pulumi.com/deletionPropagationPolicy": "background" },
        name,
      );
    }
  });

  it("take reservations by a class of their own", async () => {
    const reservation = "cr-0123456789abcdef0";
    const zone = "us-east-1b";
    const { find } = await deployEks({
      pools: { l4: eksPool({ capacity: [{ kind: "reserved", reservation, zone }] }) },
    });

    assert.deepEqual(
      at(
        find(nodeClass, "cluster-nodes-class-l4-reserved"),
        "spec.capacityReservationSelectorTerms",
      ),
      [{ id: reservation }],
    );
  });

  it("may join by their role, which AWS entitles to for its own pools only", async () => {
    const { find } = await deployEks();
    const entry = find("aws:eks/accessEntry:AccessEntry", "cluster-nodes-entry");

    assert.equal(entry.inputs.type, "EC2");
    assert.equal(entry.inputs.principalArn, "arn:aws:iam::123456789012:role/test-cluster-node");
    assert.equal(
      find("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", "cluster-nodes-entry").inputs
        .policyArn,
      "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAutoNodePolicy",
    );
  });

  it("enforce NetworkPolicy, which is switched on before the first of them", async () => {
    const run = await deployEks();
    const config = run.find("kubernetes:core/v1:ConfigMap", "cluster-nodes-network-policy");

    assert.equal(at(config, "metadata.name"), "amazon-vpc-cni");
    assert.equal(at(config, "metadata.namespace"), "kube-system");
    assert.deepEqual(config.inputs.data, { "enable-network-policy-controller": "true" });
    const system = outlivers(run, run.find(nodePool, "cluster-nodes-gpu-serving-system"));
    assert.ok(system.has("kubernetes:core/v1:ConfigMap cluster-nodes-network-policy"));
  });

  it("outlive no role, no access and no way out that they need", async () => {
    const run = await deployEks({ pools: { l4 } });
    const needed = outlivers(run, run.find(nodePool, "cluster-nodes-l4-spot"));

    for (const one of [
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment cluster-nodes-role-AmazonEKSWorkerNodeMinimalPolicy",
      "aws:eks/accessPolicyAssociation:AccessPolicyAssociation cluster-nodes-entry",
      "aws:ec2/natGateway:NatGateway cluster-network-nat-us-east-1a",
      "aws:eks/cluster:Cluster cluster",
    ]) {
      assert.ok(needed.has(one), one);
    }
  });

  it("carry the tags by right: the cluster's role may put them on what Auto Mode makes", async () => {
    const { find } = await deployEks();
    const { Statement } = JSON.parse(
      String(find("aws:iam/rolePolicy:RolePolicy", "cluster-role-own").inputs.policy),
    ) as { Statement: { Action: string[]; Condition?: { StringEquals?: object } }[] };

    assert.ok(Statement.some(({ Action }) => Action.includes("ec2:RunInstances")));
    for (const { Condition } of Statement) {
      assert.deepEqual(Condition?.StringEquals, {
        "aws:RequestTag/eks:eks-cluster-name": "${aws:PrincipalTag/eks:eks-cluster-name}",
      });
    }
  });
});
