import assert from "node:assert/strict";
import { roomOf } from "../../../catalog/cpu-nodes";
import { machine, type ManagedCloud } from "../../../catalog/machines";
import { isOpen, offered } from "../../../components/clouds/cpu-pools";
import type { ManagedPool } from "../../../components/clouds/managed";
import { aksCpu, deployAks, t4Pool } from "../../support/aks";
import { assertInputs, at } from "../../support/deploy";
import { deployEks, eksCpu, eksPool } from "../../support/eks";
import { deployGke, gkeCpu, l4Pool } from "../../support/gke";

const onDemand = { kind: "on-demand" } as const;
const spot = { kind: "spot" } as const;
const nodes = { min: 1, max: 4 };
const gke = { machine: gkeCpu(), nodes, capacity: [onDemand] };
const eks = { machine: eksCpu(), nodes, capacity: [onDemand], zones: ["us-east-1a"] };
const aks = { machine: aksCpu(), nodes, capacity: [onDemand] };
const mixed = [spot, onDemand];
const ownTaint = { key: "gpu-serving/pool", value: "cpu", effect: "NoSchedule" };
const ownToleration = { ...ownTaint, operator: "Equal" };

describe("a pool without GPUs", () => {
  for (const [claim, pool, open] of [
    ["is open to pods that name no pool", eks, true],
    [
      "is open where its nodes come from a reservation",
      { ...eks, capacity: [{ kind: "reserved", reservation: "cr-1" }] },
      true,
    ],
    ["is closed where the cloud may take its nodes back", { ...eks, capacity: [spot] }, false],
    ["is closed where it has capacity types in order", { ...eks, capacity: mixed }, false],
    [
      "is closed where its processors are not those of most images",
      { ...eks, machine: eksCpu("m7g.large") },
      false,
    ],
    [
      "is closed where its nodes take other disks than the cluster's",
      { ...gke, machine: gkeCpu("n4-standard-8") },
      false,
    ],
    ["is none where it has GPUs", eksPool(), false],
  ] satisfies [string, Pick<ManagedPool, "machine" | "capacity">, boolean][]) {
    it(claim, () => assert.equal(isOpen(pool), open));
  }
});

describe("a pool without GPUs on GKE", () => {
  const nodePool = "gcp:container/nodePool:NodePool";

  it("is a node pool without accelerators, taints and class, and one more node while it is upgraded", async () => {
    const { find, resources } = await deployGke({ pools: { cpu: gke } });
    const made = find(nodePool, "cluster-cpu-on-demand");

    assertInputs(made, {
      autoscaling: { totalMinNodeCount: 1, totalMaxNodeCount: 4, locationPolicy: "ANY" },
      upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
    });
    const { machineType, diskType, diskSizeGb, labels } = made.inputs.nodeConfig as Record<
      string,
      unknown
    >;
    assert.deepEqual(
      [machineType, diskType, diskSizeGb, labels],
      ["e2-standard-8", "pd-balanced", 100, { "gpu-serving/pool": "cpu" }],
    );
    for (const none of ["guestAccelerators", "taints"]) {
      assert.equal(at(made, `nodeConfig.${none}`), undefined);
    }
    assert.ok(resources.every(({ name }) => name !== "cluster-cpu-ladder"));
  });

  it("is of a class, with its taint, where its capacity types have an order", async () => {
    const { find, result } = await deployGke({ pools: { cpu: { ...gke, capacity: mixed } } });
    const taint = { key: "cloud.google.com/compute-class", value: "gpu-serving-cpu" };

    assert.deepEqual(at(find(nodePool, "cluster-cpu-spot"), "nodeConfig.taints"), [
      { ...taint, effect: "NO_SCHEDULE" },
    ]);
    assert.deepEqual(
      at(
        find("kubernetes:cloud.google.com/v1:ComputeClass", "cluster-cpu-ladder"),
        "spec.priorities",
      ),
      [{ nodepools: ["cpu-spot"] }, { nodepools: ["cpu-on-demand"] }],
    );
    assert.deepEqual(result.pools.cpu?.nodeSelector, { [taint.key]: taint.value });
    assert.deepEqual(result.pools.cpu?.tolerations, [
      { ...taint, operator: "Equal", effect: "NoSchedule" },
    ]);
  });

  it("tells pods its label and what a node leaves for them", async () => {
    const { result } = await deployGke({ pools: { cpu: gke } });

    assert.deepEqual(result.pools.cpu, {
      ...{ name: "cpu", gpusPerNode: 0, gpusPerPod: 0, room: roomOf("gke", gkeCpu()) },
      ...{ maxNodes: 4, nodeSelector: { "gpu-serving/pool": "cpu" }, tolerations: [] },
      capacityTypes: [{ capacity: "on-demand", notice: 0, provisionTime: 900, maxNodes: 4 }],
      interconnect: { within: "topology.kubernetes.io/zone" },
      diskClasses: ["gpu-serving-disk"],
    });
  });

  it("leaves the system pool as it is unless its machine and size are given", async () => {
    const { find } = await deployGke({
      system: { machine: gkeCpu("n2-standard-8"), nodes: { min: 3, max: 9 } },
    });
    const made = find(nodePool, "cluster-system");

    assertInputs(made, {
      initialNodeCount: 1,
      autoscaling: { totalMinNodeCount: 3, totalMaxNodeCount: 9, locationPolicy: "BALANCED" },
    });
    assert.equal(at(made, "nodeConfig.machineType"), "n2-standard-8");
  });
});

describe("a pool without GPUs on EKS node groups", () => {
  const group = (run: Awaited<ReturnType<typeof deployEks>>, name: string) =>
    run.find("aws:eks/nodeGroup:NodeGroup", `cluster-nodes-${name}-us-east-1a`);

  it("is a group of the plain image, without taints, device plugin or GPU labels", async () => {
    const run = await deployEks({ mode: "nodeGroups", pools: { cpu: eks } });

    assertInputs(group(run, "cpu-on-demand"), {
      amiType: "AL2023_x86_64_STANDARD",
      instanceTypes: ["m7i.2xlarge"],
      labels: { "gpu-serving/pool": "cpu" },
      taints: undefined,
      updateConfig: { maxUnavailable: 1, updateStrategy: "DEFAULT" },
      scalingConfig: { minSize: 1, maxSize: 4, desiredSize: 1 },
    });
    assert.ok(run.resources.every(({ name }) => !name.includes("device-plugin")));
    assert.deepEqual(run.result.pools.cpu?.tolerations, []);
  });

  it("has a taint of its own where it is closed, and the image of its processors", async () => {
    const machine = eksCpu("m7g.2xlarge");
    const run = await deployEks({ mode: "nodeGroups", pools: { cpu: { ...eks, machine } } });

    assertInputs(group(run, "cpu-on-demand"), {
      amiType: "AL2023_ARM_64_STANDARD",
      taints: [{ ...ownTaint, effect: "NO_SCHEDULE" }],
    });
    assert.deepEqual(run.result.pools.cpu?.tolerations, [ownToleration]);
    assert.equal(run.result.pools.cpu?.arch, "arm64");
  });

  it("says the processors of nodes with GPUs, too, for which images are built", () => {
    const on = (cloud: ManagedCloud, name: string) =>
      offered({ machine: machine(cloud, name) ?? assert.fail(name) }).arch;
    assert.deepEqual(
      [
        on("gke", "a4x-highgpu-4g"),
        on("eks", "p6e-gb200.36xlarge"),
        on("aks", "Standard_ND128isr_NDR_GB200_v6"),
        on("gke", "g2-standard-4"),
      ],
      ["arm64", "arm64", "arm64", undefined],
    );
  });
});

describe("a pool without GPUs on EKS Auto Mode", () => {
  const nodePool = "kubernetes:karpenter.sh/v1:NodePool";

  it("is a NodePool for the nodes that always run and one limited by CPUs, without a taint", async () => {
    const { find } = await deployEks({ pools: { cpu: eks } });
    const made = find(nodePool, "cluster-nodes-cpu-on-demand");

    assert.equal(at(find(nodePool, "cluster-nodes-cpu-min"), "spec.replicas"), 1);
    assert.deepEqual(at(made, "spec.limits"), { cpu: "24" });
    assert.equal(at(made, "spec.template.spec.taints"), undefined);
    assert.deepEqual(at(made, "spec.template.metadata.labels"), { "gpu-serving/pool": "cpu" });
  });

  it("has a taint of its own where its nodes may be taken back", async () => {
    const { find, result } = await deployEks({ pools: { cpu: { ...eks, capacity: mixed } } });
    const made = find(nodePool, "cluster-nodes-cpu-spot");

    assert.deepEqual(at(made, "spec.template.spec.taints"), [ownTaint]);
    assert.deepEqual(result.pools.cpu?.tolerations, [ownToleration]);
    assert.deepEqual(result.pools.cpu?.room, { millicores: 7910, memoryMiB: 31775 });
  });
});

describe("a pool without GPUs on AKS", () => {
  const agentPool = "azure-native:containerservice:AgentPool";

  it("is an agent pool without driver, GPU label and taint, with Secure Boot, upgraded with one more node", async () => {
    const { find, resources } = await deployAks({ pools: { cpu: aks } });

    assertInputs(find(agentPool, "cluster-cpu-on-demand"), {
      ...{ vmSize: "Standard_D8s_v5", osDiskType: "Managed", osDiskSizeGB: 128 },
      ...{ minCount: 1, maxCount: 4, gpuProfile: undefined, nodeTaints: undefined },
      nodeLabels: { "gpu-serving/pool": "cpu" },
      securityProfile: { enableSecureBoot: true, enableVTPM: true },
      upgradeSettings: { maxSurge: "1" },
    });
    assert.ok(resources.every(({ name }) => !name.includes("device-plugin")));
  });

  it("has its own taint and that of spot nodes where it is closed", async () => {
    const { find, result } = await deployAks({ pools: { cpu: { ...aks, capacity: mixed } } });
    const spotTaint = { key: "kubernetes.azure.com/scalesetpriority", value: "spot" };

    assert.deepEqual(at(find(agentPool, "cluster-cpu-spot"), "nodeTaints"), [
      "gpu-serving/pool=cpu:NoSchedule",
      "kubernetes.azure.com/scalesetpriority=spot:NoSchedule",
    ]);
    assert.deepEqual(result.pools.cpu?.tolerations, [
      ownToleration,
      { ...spotTaint, operator: "Equal", effect: "NoSchedule" },
    ]);
  });

  it("is beside GPU pools, whose device plugin is there for them", async () => {
    const { resources } = await deployAks({ pools: { cpu: aks, t4: t4Pool() } });

    assert.ok(resources.some(({ name }) => name === "cluster-device-plugin"));
  });

  it("leaves the cluster's own nodes, which have a machine of their own where one is given", async () => {
    const system = { machine: aksCpu("Standard_D8s_v6"), nodes: { min: 2, max: 6 } };
    const made = await deployAks({ system });
    const kept = await deployAks({ system, firstMachine: "Standard_D4ds_v5" });
    const cluster = "azure-native:containerservice:ManagedCluster";
    const first = (run: typeof made) => {
      const { vmSize, osDiskType } = at(
        run.find(cluster, "cluster"),
        "agentPoolProfiles[0]",
      ) as Record<string, unknown>;
      return [vmSize, osDiskType];
    };

    const plain = made.find(agentPool, "cluster-plain");
    assertInputs(plain, {
      ...{ vmSize: "Standard_D8s_v6", osDiskType: "Managed", minCount: 2, maxCount: 6 },
    });
    assert.match(String(plain.inputs.agentPoolName), /^plain\w{5}$/);
    assert.deepEqual(first(made), ["Standard_D8s_v6", "Managed"]);
    assert.deepEqual(first(kept), ["Standard_D4ds_v5", "Ephemeral"]);
  });
});

describe("GPU pools beside one without GPUs", () => {
  it("keep their taints, so that no pod without GPUs lands there", async () => {
    const { find } = await deployGke({ pools: { cpu: gke, l4: l4Pool() } });
    const taints = at(
      find("gcp:container/nodePool:NodePool", "cluster-l4-on-demand"),
      "nodeConfig.taints",
    );

    assert.deepEqual(
      (taints as { key: string }[]).map(({ key }) => key),
      ["nvidia.com/gpu", "cloud.google.com/compute-class"],
    );
  });
});
