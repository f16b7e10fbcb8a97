import assert from "node:assert/strict";
import type { EksClusterArgs } from "../../../../components/clouds/eks/eks-cluster";
import { efaTags, efaUserData } from "../../../../components/clouds/eks/efa";
import { at, type Recorded, type Run } from "../../../support/deploy";
import { allOf, deployEks, eksMachine, eksPool } from "../../../support/eks";
import { outlivers } from "../../../support/outlives";

const groupType = "aws:eks/nodeGroup:NodeGroup";
const addOnType = "aws:eks/addon:Addon";
const templateType = "aws:ec2/launchTemplate:LaunchTemplate";
const attachment = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
const zones = ["us-east-1a", "us-east-1b", "us-east-1c"];
const zone = "us-east-1a";
const l4 = eksPool({
  nodes: { min: 1, max: 4 },
  capacity: [{ kind: "spot" }, { kind: "on-demand" }],
});
const fast = eksPool({
  ...{ network: "fast", machine: eksMachine("p4d.24xlarge"), zones: [zone] },
});
const shared = eksPool({ sharing: { kind: "time-slicing", clients: 4 }, zones: [zone] });

function deployGroups(pools: EksClusterArgs["pools"] = { l4 }, args: Partial<EksClusterArgs> = {}) {
  return deployEks({ mode: "nodeGroups", pools, tags: { o: "ml" }, ...args });
}

/** The launch template of a group in the first zone. */
function template({ find }: Run<object>, key: string): Recorded["inputs"] {
  return find(templateType, `cluster-nodes-${key}-${zone}`).inputs;
}

describe("the nodes of node groups", () => {
  it("are in each zone one group without GPU, and one for each capacity type, counted by the autoscaler and repaired by EKS", async () => {
    const groups = allOf(await deployGroups(), groupType);

    assert.deepEqual(
      groups.map(({ name, inputs }) => `${name} ${String(inputs.capacityType)}`).sort(),
      ["l4-on-demand ON_DEMAND", "l4-spot SPOT", "system ON_DEMAND"].flatMap((group) =>
        zones.map((zone) => `cluster-nodes-${group.replace(" ", `-${zone} `)}`),
      ),
    );
    for (const { name, inputs, options } of groups) {
      const zone = name.slice(-"us-east-1a".length);
      assert.deepEqual(inputs.subnetIds, [`cluster-network-private-${zone}-id`]);
      assert.deepEqual(inputs.launchTemplate, { id: `${name}-id`, version: "3" });
      assert.deepEqual([inputs.version, inputs.diskSize], ["1.35", undefined]);
      assert.deepEqual(inputs.nodeRepairConfig, { enabled: true }, name);
      assert.deepEqual(options.ignoreChanges, ["scalingConfig.desiredSize"], name);
      assert.deepEqual(options.customTimeouts, { create: "30m", update: "180m", delete: "60m" });
    }
  });

  it("answer for their metadata by token and not to pods, and tag machine and disk", async () => {
    const templates = allOf(await deployGroups(), templateType);

    assert.equal(templates.length, 9);
    for (const { inputs } of templates) {
      assert.deepEqual(inputs.metadataOptions, {
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
      });
      const Name = `test-cluster-${String(inputs.name).slice("test-cluster-".length)}`;
      assert.deepEqual(
        inputs.tagSpecifications,
        ["instance", "volume", "network-interface"].map((resourceType) => ({
          ...{ resourceType, tags: { o: "ml", Name } },
        })),
      );
      assert.equal(at({ inputs }, "blockDeviceMappings.0.ebs.encrypted"), "true");
    }
  });

  it("are in a placement group where they are to be close to each other, but not those of a reservation", async () => {
    const near = eksPool({
      ...{ network: "compact", zones: [zone] },
      capacity: [
        { kind: "block", reservation: "cr-0123456789abcdef0", zone },
        { kind: "spot" },
        { kind: "on-demand" },
      ],
    });
    const run = await deployGroups({ near, l4 });
    const group = { name: "test-cluster-near", strategy: "cluster", region: "us-east-1" };

    assert.deepEqual(
      allOf(run, "aws:ec2/placementGroup:PlacementGroup").map(({ inputs }) => inputs),
      [{ ...group, tags: { o: "ml" } }],
    );
    for (const [key, placement] of [
      ["near-spot", { groupName: "test-cluster-near" }],
      ["near-on-demand", { groupName: "test-cluster-near" }],
      ["near-block", undefined],
      ["l4-spot", undefined],
      ["system", undefined],
    ] as const) {
      assert.deepEqual(template(run, key).placement, placement, key);
    }
  });

  it("have EFA where the pool has a fast network, in a group that lets itself through", async () => {
    const run = await deployGroups({ fast, l4 });
    const { networkInterfaces, userData, placement } = template(run, "fast-on-demand");
    const itself = { protocol: "-1", fromPort: 0, toPort: 0, self: true };
    const { tags, labels } = run.find(groupType, `cluster-nodes-fast-on-demand-${zone}`).inputs;

    assert.deepEqual(
      (networkInterfaces as { securityGroups: string[] }[]).map((one) => one.securityGroups),
      Array.from({ length: 5 }, () => ["sg-of-the-cluster", "cluster-nodes-efa-id"]),
    );
    assert.equal(userData, efaUserData);
    assert.deepEqual(placement, { groupName: "test-cluster-fast" });
    assert.equal((labels as Record<string, string>)["gpu-serving/efa"], "true");
    assert.deepEqual(tags, { o: "ml", ...efaTags([0, 1, 2, 3]) });
    assert.deepEqual(run.find("aws:ec2/securityGroup:SecurityGroup", "cluster-nodes-efa").inputs, {
      ...{ name: "test-cluster-efa", description: "EFA between nodes of test-cluster" },
      ...{ region: "us-east-1", vpcId: "cluster-network-id" },
      ...{ ingress: [itself], egress: [itself], tags: { o: "ml", Name: "test-cluster-efa" } },
    });
    for (const plain of ["l4-spot", "system"]) {
      const other = template(run, plain);
      assert.deepEqual([other.networkInterfaces, other.userData], [undefined, undefined], plain);
    }
  });

  for (const [which, pools, names, leavesNetwork] of [
    ["none where no node has a GPU", {}, [], false],
    ["NVIDIA's, told how GPUs are shared", { shared }, ["", "-time-slicing-4"], false],
    ["AWS's where a node has EFA, whose devices NVIDIA's leaves alone", { fast }, [""], true],
  ] as const) {
    it(`get a device plugin: ${which}`, async () => {
      const run = await deployGroups(pools);
      const all = allOf(run, "kubernetes:apps/v1:DaemonSet");
      const theirs = all.filter(({ name }) => !name.includes("efa"));

      assert.deepEqual(
        theirs.map(({ name }) => name),
        names.map((name) => `cluster-nodes-device-plugin${name}`),
      );
      assert.equal(
        JSON.stringify(theirs.map(({ inputs }) => inputs)).includes("MOFED_ENABLED"),
        leavesNetwork,
      );
      assert.equal(all.length - theirs.length, leavesNetwork ? 1 : 0);
      assert.equal(allOf(run, "aws:ec2/securityGroup:SecurityGroup").length, leavesNetwork ? 1 : 0);
    });
  }

  it("have the network before them, DNS and disks behind them, policies enforced", async () => {
    const run = await deployGroups();
    const system = outlivers(run, run.find(groupType, `cluster-nodes-system-${zone}`));
    const disks = run.find(addOnType, "cluster-nodes-aws-ebs-csi-driver");
    const roleArn = "arn:aws:iam::123456789012:role/test-cluster-disks";

    for (const before of ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"]) {
      assert.ok(system.has(`${addOnType} cluster-nodes-${before}`), before);
    }
    for (const behind of ["coredns", "eks-node-monitoring-agent", "aws-ebs-csi-driver"]) {
      const needed = outlivers(run, run.find(addOnType, `cluster-nodes-${behind}`));
      assert.ok(needed.has(`${groupType} cluster-nodes-system-${zone}`), behind);
    }
    assert.equal(
      run.find(addOnType, "cluster-nodes-vpc-cni").inputs.configurationValues,
      '{"enableNetworkPolicy":"true"}',
    );
    assert.deepEqual(disks.inputs.podIdentityAssociations, [
      { serviceAccount: "ebs-csi-controller-sa", roleArn },
    ]);
    assert.ok(
      outlivers(run, disks).has(`${attachment} cluster-nodes-disks-AmazonEBSCSIDriverPolicy`),
    );
  });

  for (const version of ["1.35", "1.36"]) {
    it(`have add-ons in the default version for ${version} of the control plane, so that they rise with it`, async () => {
      assert.deepEqual(
        allOf(await deployGroups({ l4 }, { version }), addOnType)
          .map(({ inputs }) => [inputs.addonName, inputs.addonVersion])
          .sort(),
        [
          ...["aws-ebs-csi-driver", "coredns", "eks-node-monitoring-agent"],
          ...["eks-pod-identity-agent", "kube-proxy", "vpc-cni"],
        ].map((addOn) => [addOn, `${addOn} for ${version}`]),
      );
    });
  }

  it("with GPU are made while those without are, from the same", async () => {
    const run = await deployGroups();
    const spot = outlivers(run, run.find(groupType, `cluster-nodes-l4-spot-${zone}`));

    assert.ok(!spot.has(`${groupType} cluster-nodes-system-${zone}`));
    for (const one of [
      `${addOnType} cluster-nodes-vpc-cni`,
      `${attachment} cluster-nodes-role-AmazonEKS_CNI_Policy`,
      "aws:ec2/natGateway:NatGateway cluster-network-nat-us-east-1a",
    ]) {
      assert.ok(spot.has(one), one);
    }
  });

  it("are grown by an autoscaler that knows the order and never exceeds all maxima together", async () => {
    const { find } = await deployGroups();
    const flags = at(
      find("kubernetes:apps/v1:Deployment", "cluster-nodes-cluster-autoscaler"),
      "spec.template.spec.containers[0].command",
    );
    const order = find("kubernetes:core/v1:ConfigMap", "cluster-nodes-cluster-autoscaler-order");

    assert.ok(Array.isArray(flags) && flags.includes("--max-nodes-total=14"));
    assert.ok(flags.includes("--max-node-provision-time=600s"));
    assert.match(
      String(at(order, "data.priorities")),
      /^30:\n( {2}- \^eks-l4-spot-.*\n){3}20:\n( {2}- \^eks-l4-on-demand-.*\n){3}10:\n {2}- \.\*\n$/,
    );
  });

  it("are sized and balanced by pods that have the right to it, before they start and until they are gone", async () => {
    const run = await deployGroups();
    const association = "aws:eks/podIdentityAssociation:PodIdentityAssociation";

    for (const [identity, serviceAccount, controller] of [
      ["autoscaler", "cluster-autoscaler", "cluster-autoscaler"],
      ["load-balancers", "aws-load-balancer-controller", "load-balancer-controller"],
    ] as const) {
      const { inputs } = run.find(association, `cluster-nodes-${identity}`);
      const its = run.find("kubernetes:apps/v1:Deployment", `cluster-nodes-${controller}`);
      const needed = outlivers(run, its);

      assert.deepEqual(
        [inputs.namespace, inputs.serviceAccount, inputs.roleArn],
        ["kube-system", serviceAccount, `arn:aws:iam::123456789012:role/test-cluster-${identity}`],
      );
      assert.deepEqual(at(its, "spec.template.spec.nodeSelector"), {
        "gpu-serving/pool": "system",
      });
      assert.ok(needed.has(`${association} cluster-nodes-${identity}`), controller);
      assert.ok(needed.has(`${addOnType} cluster-nodes-coredns`), controller);
    }
  });

  it("are sized only where they carry the tags of this cluster", async () => {
    const { find } = await deployGroups();
    const { policy } = find("aws:iam/rolePolicy:RolePolicy", "cluster-nodes-autoscaler-own").inputs;
    const [look, size] = (
      JSON.parse(String(policy)) as { Statement: { Action: string[]; Condition?: object }[] }
    ).Statement;

    assert.doesNotMatch(String(look?.Action), /Set|Terminate|Update/);
    assert.deepEqual(size?.Condition, {
      Null: {
        "aws:ResourceTag/k8s.io/cluster-autoscaler/enabled": "false",
        "aws:ResourceTag/k8s.io/cluster-autoscaler/test-cluster": "false",
      },
    });
  });

  it("pull, join and take addresses by their role, and have disks by the policy that takes volumes behind claims, too", async () => {
    const attached = allOf(await deployGroups(), attachment).map(({ inputs }) => inputs);

    for (const [role, policies] of [
      ["cluster", ["AmazonEKSClusterPolicy"]],
      [
        "node",
        [
          ...["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"],
          "AmazonEKS_CNI_Policy",
        ],
      ],
      ["disks", ["service-role/AmazonEBSCSIDriverPolicy"]],
    ] as const) {
      assert.deepEqual(
        attached.filter((one) => one.role === `test-cluster-${role}`).map((one) => one.policyArn),
        policies.map((policy) => `arn:aws:iam::aws:policy/${policy}`),
      );
    }
  });
});
