import assert from "node:assert/strict";
import { parse } from "yaml";
import type { AksPool } from "../../../../components/clouds/aks/schema";
import { aksMachine, deployAks, reservationGroup, t4Pool } from "../../../support/aks";
import { at } from "../../../support/deploy";
import { outlivers } from "../../../support/outlives";

const agentPool = "azure-native:containerservice:AgentPool";
const group = "azure-native:compute:ProximityPlacementGroup";
const onDemand = { kind: "on-demand" } as const;

/** The agent pool of one capacity type of the pool `t4`, as it was asked for. */
async function rung(pool: Partial<AksPool>, role: string) {
  const { find } = await deployAks({ pools: { t4: t4Pool(pool) } });
  return find(agentPool, `cluster-t4-${role}`);
}

describe("a GPU pool on AKS", () => {
  it("scales from nothing to its maximum", async () => {
    const { inputs } = await rung({}, "on-demand");

    assert.equal(inputs.enableAutoScaling, true);
    assert.equal(inputs.minCount, 0);
    assert.equal(inputs.maxCount, 12);
    assert.equal(inputs.count, 0);
    assert.equal(inputs.mode, "User");
    assert.equal(inputs.vmSize, "Standard_NC16as_T4_v3");
  });

  it("leaves the number of its nodes to the autoscaler", async () => {
    const { resources } = await deployAks({ pools: { t4: t4Pool() } });
    const pools = resources.filter(({ type }) => type === agentPool);

    assert.deepEqual(
      pools.map(({ options }) => options.ignoreChanges),
      [["count"], ["count"]],
    );
  });

  it("declares the taint and labels that pods go by", async () => {
    const { inputs } = await rung({}, "on-demand");

    assert.deepEqual(inputs.nodeTaints, ["nvidia.com/gpu=present:NoSchedule"]);
    assert.deepEqual(inputs.nodeLabels, {
      "nvidia.com/gpu.present": "true",
      "gpu-serving/pool": "t4",
    });
  });

  it("has its driver from AKS, and a disk for images and weights", async () => {
    const { inputs } = await rung({}, "on-demand");
    const larger = await rung({ diskGiB: 1024 }, "on-demand");

    assert.deepEqual(inputs.gpuProfile, { driver: "Install" });
    assert.equal(inputs.osDiskType, "Managed");
    assert.equal(inputs.osDiskSizeGB, 512);
    assert.equal(larger.inputs.osDiskSizeGB, 1024);
  });

  it("asks for nothing that a subscription must register as a preview", async () => {
    const { resources } = await deployAks({ pools: { t4: t4Pool() } });

    assert.doesNotMatch(JSON.stringify(resources.map(({ inputs }) => inputs)), /sshAccess/);
  });

  it("is upgraded node by node where no further one can be had", async () => {
    const { inputs } = await rung({}, "on-demand");

    assert.deepEqual(inputs.upgradeSettings, { maxSurge: "0", maxUnavailable: "1" });
  });

  it("declares what AKS adds to spot nodes, and no surge, which AKS does not take there", async () => {
    const { inputs } = await rung({ capacity: [{ kind: "spot" }] }, "spot");

    assert.equal(inputs.scaleSetPriority, "Spot");
    assert.equal(inputs.scaleSetEvictionPolicy, "Delete");
    assert.equal(inputs.spotMaxPrice, -1);
    assert.equal(inputs.upgradeSettings, undefined);
    assert.deepEqual(inputs.nodeTaints, [
      "nvidia.com/gpu=present:NoSchedule",
      "kubernetes.azure.com/scalesetpriority=spot:NoSchedule",
    ]);
    assert.equal(
      at({ inputs }, "nodeLabels")?.["kubernetes.azure.com/scalesetpriority" as never],
      "spot",
    );
  });

  it("has a device plugin that tolerates spot nodes", async () => {
    const { find } = await deployAks({ pools: { t4: t4Pool({ capacity: [{ kind: "spot" }] }) } });
    const plugin = find("kubernetes:apps/v1:DaemonSet", "cluster-device-plugin");

    assert.deepEqual(at(plugin, "spec.template.spec.tolerations[1]"), {
      ...{ key: "kubernetes.azure.com/scalesetpriority", operator: "Equal" },
      ...{ value: "spot", effect: "NoSchedule" },
    });
  });

  it("takes its nodes from a reservation, in its zone", async () => {
    const { resources } = await deployAks({
      zones: ["1", "2"],
      pools: {
        t4: t4Pool({
          capacity: [{ kind: "reserved", reservation: reservationGroup, zone: "2" }],
        }),
      },
    });
    const [reserved] = resources.filter(({ name }) => name.startsWith("cluster-t4-reserved-"));

    assert.equal(reserved?.inputs.capacityReservationGroupID, reservationGroup);
    assert.deepEqual(reserved?.inputs.availabilityZones, ["2"]);
    assert.equal(reserved?.inputs.scaleSetPriority, "Regular");
  });

  it("goes to its own zones, else to the cluster's, else wherever Azure has the machine", async () => {
    const zones = async (own?: string[], clusters?: string[]) => {
      const { find } = await deployAks({ zones: clusters, pools: { t4: t4Pool({ zones: own }) } });
      return find(agentPool, "cluster-t4-on-demand").inputs.availabilityZones;
    };

    assert.deepEqual(await zones(["3"], ["1", "2", "3"]), ["3"]);
    assert.deepEqual(await zones(undefined, ["1", "2"]), ["1", "2"]);
    assert.equal(await zones(), undefined);
  });

  it("keeps its minimum on the first capacity type", async () => {
    const { find } = await deployAks({
      pools: {
        t4: t4Pool({
          nodes: { min: 2, max: 5 },
          capacity: [{ kind: "on-demand" }, { kind: "spot" }],
        }),
      },
    });
    const counts = (role: string) => {
      const { inputs } = find(agentPool, `cluster-t4-${role}`);
      return [inputs.count, inputs.minCount, inputs.maxCount];
    };

    assert.deepEqual(counts("on-demand"), [2, 2, 5]);
    assert.deepEqual(counts("spot"), [0, 0, 5]);
  });

  it("is cut into slices by AKS, and the plugin offers each as one GPU", async () => {
    const machine = aksMachine("Standard_NC24ads_A100_v4");
    const { find, result } = await deployAks({
      pools: { a100: t4Pool({ machine, sharing: { kind: "mig", profile: "2g.20gb" } }) },
    });
    const { inputs } = find(agentPool, "cluster-a100-on-demand");
    const { gpusPerNode, gpusPerPod, gpuMemoryGiB } = result.pools.a100 ?? {};

    assert.equal(inputs.gpuInstanceProfile, "MIG2g");
    assert.deepEqual([gpusPerNode, gpusPerPod, gpuMemoryGiB], [3, 1, 20]);
    assert.deepEqual(
      at(
        find("kubernetes:apps/v1:DaemonSet", "cluster-device-plugin-a100"),
        "spec.template.spec.containers[0].env[0]",
      ),
      { name: "MIG_STRATEGY", value: "single" },
    );
  });

  it("offers a GPU to several pods in turn", async () => {
    const { find, result } = await deployAks({
      pools: { t4: t4Pool({ sharing: { kind: "time-slicing", clients: 4 } }) },
    });
    const labels = find(agentPool, "cluster-t4-on-demand").inputs.nodeLabels as object;
    const { gpusPerNode, gpusPerPod, gpuMemoryGiB } = result.pools.t4 ?? {};

    assert.deepEqual(labels, {
      "nvidia.com/gpu.present": "true",
      "gpu-serving/pool": "t4",
      "nvidia.com/device-plugin.config": "t4",
    });
    assert.deepEqual(
      [gpusPerNode, gpusPerPod, gpuMemoryGiB],
      [4, 1, t4Pool().machine.gpuMemoryGiB / 4],
    );
  });
});

describe("the capacity order of a pool on AKS", () => {
  it("is an order of the autoscaler, from each pool's first capacity type to its last", async () => {
    const reserved = { kind: "reserved", reservation: reservationGroup } as const;
    const { find, resources } = await deployAks({
      zones: ["1"],
      pools: {
        t4: t4Pool({ capacity: [reserved, { kind: "spot" }, { kind: "on-demand" }] }),
        more: t4Pool({ capacity: [{ kind: "on-demand" }, { kind: "spot" }] }),
      },
    });
    const { metadata, data } = find("kubernetes:core/v1:ConfigMap", "cluster-ladder").inputs as {
      metadata: object;
      data: { priorities: string };
    };
    const pattern = (name: string) => {
      const pool = resources.find((it) => it.type === agentPool && it.name.startsWith(name));
      return `^aks-${String(pool?.inputs.agentPoolName)}-.*`;
    };

    assert.deepEqual(metadata, {
      name: "cluster-autoscaler-priority-expander",
      namespace: "kube-system",
    });
    assert.deepEqual(
      parse(data.priorities, { mapAsMap: true }),
      new Map([
        [4, [pattern("cluster-t4-reserved"), pattern("cluster-more-on-demand")]],
        [3, [pattern("cluster-t4-spot"), pattern("cluster-more-spot")]],
        [2, [pattern("cluster-t4-on-demand")]],
        [1, [".*"]],
      ]),
    );
  });

  it("puts the nodes of all capacity types close to each other where it is asked to", async () => {
    const run = await deployAks({
      pools: {
        t4: t4Pool({ network: "compact", zones: ["1"], capacity: [{ kind: "spot" }, onDemand] }),
        wide: t4Pool(),
      },
    });
    const { inputs } = run.find(group, "cluster-t4-proximity");

    assert.equal(run.resources.filter(({ type }) => type === group).length, 1);
    assert.equal(inputs.proximityPlacementGroupName, "gpu-serving-test-cluster-t4");
    assert.equal(inputs.location, "eastus");
    for (const its of ["spot", "on-demand"]) {
      const pool = run.find(agentPool, `cluster-t4-${its}`);
      assert.equal(pool.inputs.proximityPlacementGroupID, "cluster-t4-proximity-id");
      assert.deepEqual(pool.inputs.availabilityZones, ["1"]);
    }
    assert.equal(
      run.find(agentPool, "cluster-wide-on-demand").inputs.proximityPlacementGroupID,
      undefined,
    );
  });

  it("may put nodes there before it has any", async () => {
    const run = await deployAks({ pools: { t4: t4Pool({ network: "compact" }) } });
    const right = run.find("azure-native:authorization:RoleAssignment", "cluster-t4-in-proximity");
    const cluster = run.find("azure-native:containerservice:ManagedCluster", "cluster");

    assert.equal(right.inputs.scope, "cluster-t4-proximity-id");
    assert.match(String(right.inputs.roleDefinitionId), /b24988ac-6180-42a0-ab88-20f7382dd24c$/);
    assert.ok(outlivers(run, cluster).has(`${right.type} ${right.name}`));
  });

  it("tells pods what to tolerate and how long each capacity type may take", async () => {
    const { result } = await deployAks({
      pools: { t4: t4Pool({ capacity: [{ kind: "spot" }, { kind: "on-demand" }] }) },
    });

    assert.deepEqual(result.pools, {
      t4: {
        name: "t4",
        gpu: "T4",
        gpusPerNode: 1,
        gpusPerPod: 1,
        gpuMemoryGiB: t4Pool().machine.gpuMemoryGiB,
        maxNodes: 12,
        nodeSelector: { "gpu-serving/pool": "t4" },
        tolerations: [
          { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
          {
            ...{ key: "kubernetes.azure.com/scalesetpriority", operator: "Equal" },
            ...{ value: "spot", effect: "NoSchedule" },
          },
        ],
        interconnect: { within: "topology.kubernetes.io/zone" },
        rungs: [
          { capacity: "spot", notice: 30, provisionTime: 900, maxNodes: 12 },
          { capacity: "on-demand", notice: 0, provisionTime: 900, maxNodes: 12 },
        ],
      },
    });
  });

  it("takes no time where all nodes always run", async () => {
    const { result } = await deployAks({ pools: { t4: t4Pool({ nodes: { min: 2, max: 2 } }) } });

    assert.equal(result.pools.t4?.rungs[0]?.provisionTime, 0);
  });

  it("has a pool beside it for pods without GPUs", async () => {
    const { find } = await deployAks({ plainNodes: { min: 2, max: 6 } });
    const { inputs } = find(agentPool, "cluster-plain");

    assert.equal(inputs.agentPoolName, "plain");
    assert.equal(inputs.nodeTaints, undefined);
    assert.deepEqual([inputs.count, inputs.minCount, inputs.maxCount], [2, 2, 6]);
  });

  it("has another one beside it in other zones, which no pool can change to", async () => {
    const plain = async (zones?: string[]) =>
      (await deployAks({ zones })).find(agentPool, "cluster-plain").inputs;
    const [usual, one, two] = [await plain(), await plain(["1"]), await plain(["1", "2"])];

    assert.deepEqual(one.availabilityZones, ["1"]);
    const names = [usual, one, two].map(({ agentPoolName }) => String(agentPoolName));
    assert.equal(new Set(names).size, 3, names.join(", "));
    for (const name of names) assert.match(name, /^plain[0-9a-z]{0,7}$/);
  });
});
