import assert from "node:assert/strict";
import type { EksClusterArgs } from "../../../../components/clouds/eks/eks-cluster";
import { at } from "../../../support/deploy";
import { allOf, deployEks, eksPool } from "../../../support/eks";
import { outlivers } from "../../../support/outlives";

const nodePool = "kubernetes:karpenter.sh/v1:NodePool";
const nodeClass = "kubernetes:eks.amazonaws.com/v1:NodeClass";
const attachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
const zone = "us-east-1a";
const l4 = eksPool({
  nodes: { min: 1, max: 4 },
  capacity: [{ kind: "spot" }, { kind: "on-demand" }],
  diskGiB: 300,
});

/** Policies that AWS keeps, as a role of the cluster has them. */
async function policiesOf(role: string, args: Partial<EksClusterArgs> = {}) {
  const attached = allOf(await deployEks(args), attachment).map(({ inputs }) => inputs);
  return attached.filter((one) => one.role === role).map(({ policyArn }) => policyArn);
}

describe("the nodes of Auto Mode", () => {
  const withL4 = () => deployEks({ pools: { l4 }, tags: { owner: "ml" } });

  it("get neither device plugin nor autoscaler, add-on or node group of ours", async () => {
    const types = new Set((await withL4()).resources.map(({ type }) => type));

    assert.deepEqual(
      [...types].filter((type) => /^kubernetes:|eks.(addon|nodeGroup):/.test(type)).sort(),
      [
        "kubernetes:core/v1:ConfigMap",
        nodeClass,
        nodePool,
        "kubernetes:storage.k8s.io/v1:StorageClass",
      ],
    );
  });

  it("are in a placement group where they are to be close to each other, but not those of a reservation", async () => {
    const reservation = "cr-0123456789abcdef0";
    const near = eksPool({
      ...{ network: "compact", zones: [zone] },
      capacity: [{ kind: "reserved", reservation, zone }, { kind: "on-demand" }],
    });
    const { find } = await deployEks({ pools: { near, l4 } });
    const spec = (name: string) =>
      at(find(nodeClass, `cluster-nodes-class-${name}`), "spec") as {
        placementGroupSelector?: object;
        capacityReservationSelectorTerms?: object[];
      };

    assert.deepEqual(
      find("aws:ec2/placementGroup:PlacementGroup", "cluster-nodes-near-placement").inputs,
      { name: "test-cluster-near", strategy: "cluster", region: "us-east-1", tags: {} },
    );
    assert.deepEqual(spec("near").placementGroupSelector, { name: "test-cluster-near" });
    for (const apart of ["near-reserved", "l4", "gpu-serving-system"]) {
      assert.equal(spec(apart).placementGroupSelector, undefined, apart);
    }
    assert.deepEqual(spec("near-reserved").capacityReservationSelectorTerms, [{ id: reservation }]);
  });

  for (const [region, partition, storage] of [
    ["us-east-1", "aws", "AmazonEKSBlockStoragePolicyV2"],
    ["us-gov-west-1", "aws-us-gov", "AmazonEKSBlockStoragePolicy"],
    ["cn-north-1", "aws-cn", "AmazonEKSBlockStoragePolicy"],
  ] as const) {
    it(`have disks by the narrowest policy that is known to be in ${region}`, async () => {
      assert.deepEqual(
        await policiesOf("test-cluster-cluster", { region }),
        [
          ...["AmazonEKSClusterPolicy", "AmazonEKSComputePolicy", storage],
          ...["AmazonEKSLoadBalancingPolicy", "AmazonEKSNetworkingPolicy"],
        ].map((policy) => `arn:${partition}:iam::aws:policy/${policy}`),
      );
    });
  }

  it("are Karpenter's pools: those without GPU first, then those of each GPU pool", async () => {
    const run = await withL4();

    assert.deepEqual(
      allOf(run, nodePool).map((pool) => at(pool, "metadata.name")),
      [
        ...["gpu-serving-system-us-east-1a", "gpu-serving-system-us-east-1b"],
        ...["gpu-serving-system", "l4-min", "l4-spot", "l4-on-demand"],
      ],
    );
    const spot = outlivers(run, run.find(nodePool, "cluster-nodes-l4-spot"));
    assert.ok(spot.has(`${nodePool} cluster-nodes-gpu-serving-system`));
    assert.ok(spot.has(`${nodeClass} cluster-nodes-class-l4`));
    for (const { name, inputs } of allOf(run, nodePool)) {
      // Karpenter would make new nodes while their pool waits for them to go.
      const annotations = { "pulumi.com/deletionPropagationPolicy": "background" };
      assert.deepEqual(at({ inputs }, "metadata.annotations"), annotations, name);
    }
  });

  it("are in private subnets, in the cluster's security group, with disks of their size and tags", async () => {
    const { inputs, options } = (await withL4()).find(nodeClass, "cluster-nodes-class-l4");

    assert.deepEqual(inputs.spec, {
      role: "test-cluster-node",
      subnetSelectorTerms: ["a", "b", "c"].map((zone) => ({
        id: `cluster-network-private-us-east-1${zone}-id`,
      })),
      securityGroupSelectorTerms: [{ id: "sg-of-the-cluster" }],
      networkPolicy: "DefaultAllow",
      ephemeralStorage: { size: "300Gi", iops: 6000, throughput: 500 },
      tags: { owner: "ml" },
    });
    assert.deepEqual(options.customTimeouts, { delete: "60m" });
  });

  it("pull and join by their role, whose nodes AWS lets in for its own pools only", async () => {
    const { find } = await withL4();
    const role = find("aws:iam/role:Role", "cluster-nodes-role").inputs;
    const entry = find("aws:eks/accessEntry:AccessEntry", "cluster-nodes-entry").inputs;
    const association = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation";

    assert.deepEqual(
      await policiesOf("test-cluster-node"),
      ["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"].map(
        (policy) => `arn:aws:iam::aws:policy/${policy}`,
      ),
    );
    assert.deepEqual(JSON.parse(String(role.assumeRolePolicy)), {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
      ],
    });
    assert.equal(entry.type, "EC2");
    assert.equal(entry.principalArn, "arn:aws:iam::123456789012:role/test-cluster-node");
    assert.equal(
      find(association, "cluster-nodes-entry").inputs.policyArn,
      "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAutoNodePolicy",
    );
  });

  it("enforce NetworkPolicy, which is switched on before the first of them", async () => {
    const run = await withL4();
    const { inputs } = run.find("kubernetes:core/v1:ConfigMap", "cluster-nodes-network-policy");
    const system = outlivers(run, run.find(nodePool, "cluster-nodes-gpu-serving-system"));

    assert.deepEqual(inputs.metadata, { name: "amazon-vpc-cni", namespace: "kube-system" });
    assert.deepEqual(inputs.data, { "enable-network-policy-controller": "true" });
    assert.ok(system.has("kubernetes:core/v1:ConfigMap cluster-nodes-network-policy"));
  });

  it("outlive no role, no access and no way out that they need", async () => {
    const run = await withL4();
    const needed = outlivers(run, run.find(nodePool, "cluster-nodes-l4-spot"));

    for (const one of [
      `${attachment} cluster-nodes-role-AmazonEKSWorkerNodeMinimalPolicy`,
      "aws:eks/accessPolicyAssociation:AccessPolicyAssociation cluster-nodes-entry",
      "aws:ec2/natGateway:NatGateway cluster-network-nat-us-east-1a",
      "aws:eks/cluster:Cluster cluster",
    ]) {
      assert.ok(needed.has(one), one);
    }
  });

  it("carry the tags by right: the cluster's role may put them on what Auto Mode makes, and nothing else", async () => {
    const { policy } = (await withL4()).find(
      "aws:iam/rolePolicy:RolePolicy",
      "cluster-role-own",
    ).inputs;
    const { Statement } = JSON.parse(String(policy)) as {
      Statement: { Action: string[]; Condition?: { StringEquals?: object } }[];
    };

    assert.ok(Statement.some(({ Action }) => Action.includes("ec2:RunInstances")));
    for (const { Condition } of Statement) {
      assert.deepEqual(Condition?.StringEquals, {
        "aws:RequestTag/eks:eks-cluster-name": "${aws:PrincipalTag/eks:eks-cluster-name}",
      });
    }
    // Nodes get into a placement group by AWS's own policy.
    assert.doesNotMatch(String(policy), /placement/i);
  });
});
