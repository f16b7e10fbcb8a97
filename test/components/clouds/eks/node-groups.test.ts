import assert from "node:assert/strict";
import { at, type Recorded } from "../../../support/deploy";
import { efaTags, efaUserData } from "../../../../components/clouds/eks/efa";
import { deployEks, eksMachine, eksPool } from "../../../support/eks";
import { outlivers } from "../../../support/outlives";

const groupType = "aws:eks/nodeGroup:NodeGroup";
const addOnType = "aws:eks/addon:Addon";
const templateType = "aws:ec2/launchTemplate:LaunchTemplate";
const zones = ["us-east-1a", "us-east-1b", "us-east-1c"];
const l4 = eksPool({
  nodes: { min: 1, max: 4 },
  capacity: [{ kind: "spot" }, { kind: "on-demand" }],
});

function deployGroups(pools = { l4 }) {
  return deployEks({ mode: "nodeGroups", pools });
}

function ofType(resources: Recorded[], type: string): Recorded[] {
  return resources.filter((one) => one.type === type);
}

describe("the nodes of node groups", () => {
  it("leave everything to us that Auto Mode would do", async () => {
    const { inputs } = (await deployGroups()).find("aws:eks/cluster:Cluster", "cluster");

    assert.deepEqual(inputs.computeConfig, { enabled: false });
    assert.deepEqual(inputs.kubernetesNetworkConfig, { elasticLoadBalancing: { enabled: false } });
    assert.deepEqual(inputs.storageConfig, { blockStorage: { enabled: false } });
  });

  it("are in each zone one group without GPU, and one for each capacity type", async () => {
    const { resources } = await deployGroups();

    assert.deepEqual(
      ofType(resources, groupType)
        .map(({ name, inputs }) => [name, inputs.capacityType])
        .sort(),
      [
        ...zones.map((zone) => [`cluster-nodes-l4-on-demand-${zone}`, "ON_DEMAND"]),
        ...zones.map((zone) => [`cluster-nodes-l4-spot-${zone}`, "SPOT"]),
        ...zones.map((zone) => [`cluster-nodes-system-${zone}`, "ON_DEMAND"]),
      ],
    );
  });

  it("are counted by the autoscaler: no update resets them", async () => {
    for (const { name, options } of ofType((await deployGroups()).resources, groupType)) {
      assert.deepEqual(options.ignoreChanges, ["scalingConfig.desiredSize"], name);
    }
  });

  it("are in the private subnet of their zone, with the version of the control plane", async () => {
    const { find } = await deployGroups();
    const { inputs } = find(groupType, "cluster-nodes-l4-spot-us-east-1b");

    assert.deepEqual(inputs.subnetIds, ["cluster-network-private-us-east-1b-id"]);
    assert.equal(inputs.version, "1.35");
    assert.deepEqual(inputs.launchTemplate, {
      id: "cluster-nodes-l4-spot-us-east-1b-id",
      version: "3",
    });
    assert.equal(inputs.diskSize, undefined);
  });

  it("answer for their metadata by token and not to pods, and tag machine and disk", async () => {
    const { resources } = await deployEks({ mode: "nodeGroups", pools: { l4 }, tags: { o: "ml" } });
    const templates = ofType(resources, templateType);

    assert.equal(templates.length, 9);
    for (const { inputs } of templates) {
      assert.deepEqual(inputs.metadataOptions, {
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
      });
      assert.deepEqual(
        (inputs.tagSpecifications as { resourceType: string; tags: { o: string } }[]).map(
          ({ resourceType, tags }) => [resourceType, tags.o],
        ),
        [
          ["instance", "ml"],
          ["volume", "ml"],
          ["network-interface", "ml"],
        ],
      );
      assert.equal(at({ inputs }, "blockDeviceMappings.0.ebs.encrypted"), "true");
    }
  });

  it("are in a placement group where they are to be close to each other, but not those of a reservation", async () => {
    const zones = ["us-east-1a"];
    const near = eksPool({
      ...{ network: "compact", zones },
      capacity: [
        { kind: "block", reservation: "cr-0123456789abcdef0", zone: "us-east-1a" },
        { kind: "spot" },
        { kind: "on-demand" },
      ],
    });
    const { find, resources } = await deployEks({
      mode: "nodeGroups",
      pools: { near, l4 },
      tags: { o: "ml" },
    });
    const placementOf = (key: string) =>
      find(templateType, `cluster-nodes-${key}-us-east-1a`).inputs.placement;

    assert.deepEqual(
      ofType(resources, "aws:ec2/placementGroup:PlacementGroup").map(({ inputs }) => inputs),
      [
        {
          ...{ name: "test-cluster-near", strategy: "cluster", region: "us-east-1" },
          tags: { o: "ml" },
        },
      ],
    );
    assert.deepEqual(placementOf("near-spot"), { groupName: "test-cluster-near" });
    assert.deepEqual(placementOf("near-on-demand"), { groupName: "test-cluster-near" });
    for (const apart of ["near-block", "l4-spot", "system"]) {
      assert.equal(placementOf(apart), undefined, apart);
    }
  });

  it("have EFA where the pool has a fast network, in a group that lets itself through", async () => {
    const fast = eksPool({
      ...{ network: "fast", machine: eksMachine("p4d.24xlarge"), zones: ["us-east-1a"] },
      nodes: { min: 0, max: 4 },
    });
    const { find } = await deployEks({ mode: "nodeGroups", pools: { fast, l4 } });
    const template = find(templateType, "cluster-nodes-fast-on-demand-us-east-1a").inputs;
    const itself = { protocol: "-1", fromPort: 0, toPort: 0, self: true };
    const groups = ["sg-of-the-cluster", "cluster-nodes-efa-id"];
    const { tags, labels } = find(groupType, "cluster-nodes-fast-on-demand-us-east-1a").inputs;

    assert.deepEqual(
      (template.networkInterfaces as { securityGroups: string[] }[]).map(
        ({ securityGroups }) => securityGroups,
      ),
      [groups, groups, groups, groups, groups],
    );
    assert.equal(template.userData, efaUserData);
    assert.deepEqual(template.placement, { groupName: "test-cluster-fast" });
    assert.equal(at({ inputs: { labels } }, "labels")?.["gpu-serving/efa" as never], "true");
    assert.deepEqual(tags, efaTags([0, 1, 2, 3]));
    assert.deepEqual(find("aws:ec2/securityGroup:SecurityGroup", "cluster-nodes-efa").inputs, {
      ...{ name: "test-cluster-efa", description: "EFA between nodes of test-cluster" },
      ...{ region: "us-east-1", vpcId: "cluster-network-id", tags: { Name: "test-cluster-efa" } },
      ...{ ingress: [itself], egress: [itself] },
    });
    for (const plain of ["l4-spot", "system"]) {
      const other = find(templateType, `cluster-nodes-${plain}-us-east-1a`).inputs;
      assert.deepEqual([other.networkInterfaces, other.userData], [undefined, undefined], plain);
    }
  });

  it("get the device plugin of EFA, and NVIDIA's leaves its devices alone, where one has it", async () => {
    const fast = eksPool({
      ...{ network: "fast", machine: eksMachine("p5.48xlarge"), zones: ["us-east-1a"] },
    });
    const withEfa = await deployEks({ mode: "nodeGroups", pools: { fast } });
    const without = await deployGroups();
    const plugin = "gpu-serving:index:EfaDevicePlugin";
    const environment = ({ find }: typeof without) =>
      at(
        find("kubernetes:apps/v1:DaemonSet", "cluster-nodes-device-plugin"),
        "spec.template.spec.containers[0].env",
      ) as { name: string; value: string }[];

    assert.ok(withEfa.components.some(({ type }) => type === plugin));
    assert.ok(!without.components.some(({ type }) => type === plugin));
    assert.deepEqual(environment(withEfa).at(-1), { name: "MOFED_ENABLED", value: "false" });
    assert.ok(!environment(without).some(({ name }) => name === "MOFED_ENABLED"));
    assert.ok(
      !without.resources.some(({ type }) => type === "aws:ec2/securityGroup:SecurityGroup"),
    );
  });

  it("have the network before them, DNS and disks behind them, policies enforced", async () => {
    const run = await deployGroups();
    const system = run.find(groupType, "cluster-nodes-system-us-east-1a");

    for (const before of ["vpc-cni", "kube-proxy", "eks-pod-identity-agent"]) {
      assert.ok(outlivers(run, system).has(`${addOnType} cluster-nodes-${before}`), before);
    }
    for (const behind of ["coredns", "aws-ebs-csi-driver"]) {
      const addOn = run.find(addOnType, `cluster-nodes-${behind}`);
      assert.ok(outlivers(run, addOn).has(`${groupType} cluster-nodes-system-us-east-1a`), behind);
    }
    assert.equal(
      run.find(addOnType, "cluster-nodes-vpc-cni").inputs.configurationValues,
      '{"enableNetworkPolicy":"true"}',
    );
    assert.deepEqual(
      run.find(addOnType, "cluster-nodes-aws-ebs-csi-driver").inputs.podIdentityAssociations,
      [
        {
          serviceAccount: "ebs-csi-controller-sa",
          roleArn: "arn:aws:iam::123456789012:role/test-cluster-disks",
        },
      ],
    );
  });

  it("have add-ons in the default version for that of the control plane, so that they rise with it", async () => {
    const versions = async (version: string) =>
      ofType((await deployEks({ mode: "nodeGroups", pools: { l4 }, version })).resources, addOnType)
        .map(({ inputs }) => [inputs.addonName, inputs.addonVersion])
        .sort();

    for (const version of ["1.35", "1.36"]) {
      assert.deepEqual(
        await versions(version),
        [
          ...["aws-ebs-csi-driver", "coredns", "eks-node-monitoring-agent"],
          ...["eks-pod-identity-agent", "kube-proxy", "vpc-cni"],
        ].map((addOn) => [addOn, `${addOn} for ${version}`]),
      );
    }
  });

  it("are replaced by EKS when they break", async () => {
    for (const { name, inputs } of ofType((await deployGroups()).resources, groupType)) {
      assert.deepEqual(inputs.nodeRepairConfig, { enabled: true }, name);
    }
  });

  it("tell the autoscaler how many pods share a GPU, before there is a node", async () => {
    const shared = eksPool({
      ...{ sharing: { kind: "time-slicing", clients: 4 }, zones: ["us-east-1a"] },
    });
    const run = await deployEks({ mode: "nodeGroups", pools: { shared }, tags: { o: "ml" } });

    assert.deepEqual(run.find(groupType, "cluster-nodes-shared-on-demand-us-east-1a").inputs.tags, {
      o: "ml",
      "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu": "4",
    });
  });

  it("with GPU are made while those without are, from the same", async () => {
    const run = await deployGroups();
    const spot = outlivers(run, run.find(groupType, "cluster-nodes-l4-spot-us-east-1a"));

    assert.ok(!spot.has(`${groupType} cluster-nodes-system-us-east-1a`));
    for (const one of [
      `${addOnType} cluster-nodes-vpc-cni`,
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment cluster-nodes-role-AmazonEKS_CNI_Policy",
      "aws:ec2/natGateway:NatGateway cluster-network-nat-us-east-1a",
    ]) {
      assert.ok(spot.has(one), one);
    }
  });

  it("get the device plugin, told how GPUs are shared, as soon as one has a GPU", async () => {
    const plugin = "gpu-serving:index:NvidiaDevicePlugin";
    const shared = eksPool({ sharing: { kind: "time-slicing", clients: 4 } });
    const withGpu = await deployEks({ mode: "nodeGroups", pools: { l4: shared } });
    const without = await deployEks({ mode: "nodeGroups" });

    assert.ok(withGpu.components.some(({ type }) => type === plugin));
    assert.ok(
      withGpu.find("kubernetes:apps/v1:DaemonSet", "cluster-nodes-device-plugin-time-slicing-4"),
    );
    assert.ok(!without.components.some(({ type }) => type === plugin));
  });

  it("are grown by an autoscaler that knows the order and never exceeds all maxima together", async () => {
    const { find } = await deployGroups();
    const flags = at(
      find("kubernetes:apps/v1:Deployment", "cluster-nodes-cluster-autoscaler"),
      "spec.template.spec.containers[0].command",
    );

    assert.ok(Array.isArray(flags) && flags.includes("--max-nodes-total=14"));
    assert.ok(flags.includes("--max-node-provision-time=600s"));
    const order = find("kubernetes:core/v1:ConfigMap", "cluster-nodes-cluster-autoscaler-order");
    assert.match(
      String((order.inputs.data as { priorities: string }).priorities),
      /^30:\n( {2}- \^eks-l4-spot-.*\n){3}20:\n( {2}- \^eks-l4-on-demand-.*\n){3}10:\n {2}- \.\*\n$/,
    );
  });

  it("are sized and balanced by pods that have the right to it, before they start and until they are gone", async () => {
    const run = await deployGroups();
    const association = "aws:eks/podIdentityAssociation:PodIdentityAssociation";

    for (const [identity, account, controller] of [
      ["cluster-nodes-autoscaler", "cluster-autoscaler", "cluster-nodes-cluster-autoscaler"],
      [
        "cluster-nodes-load-balancers",
        "aws-load-balancer-controller",
        "cluster-nodes-load-balancer-controller",
      ],
    ] as const) {
      const { inputs } = run.find(association, identity);
      assert.equal(inputs.namespace, "kube-system");
      assert.equal(inputs.serviceAccount, account);
      const its = run.find("kubernetes:apps/v1:Deployment", controller);
      assert.deepEqual(at(its, "spec.template.spec.nodeSelector"), {
        "gpu-serving/pool": "system",
      });
      const deployment = outlivers(run, its);
      assert.ok(deployment.has(`${association} ${identity}`), controller);
      assert.ok(deployment.has(`${addOnType} cluster-nodes-coredns`), controller);
    }
  });

  it("have disks by the policy that also takes volumes behind claims that the driver did not make", async () => {
    const { resources } = await deployGroups();

    assert.deepEqual(
      ofType(resources, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        .filter(({ inputs }) => inputs.role === "test-cluster-disks")
        .map(({ inputs }) => inputs.policyArn),
      ["arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"],
    );
  });

  it("pull, join and take addresses by their role, and nothing else", async () => {
    const { resources } = await deployGroups();

    assert.deepEqual(
      ofType(resources, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        .filter(({ inputs }) => inputs.role === "test-cluster-node")
        .map(({ inputs }) => inputs.policyArn),
      [
        "AmazonEKSWorkerNodePolicy",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonEKS_CNI_Policy",
      ].map((policy) => `arn:aws:iam::aws:policy/${policy}`),
    );
  });
});
