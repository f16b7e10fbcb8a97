import assert from "node:assert/strict";
import { parse } from "yaml";
import type { AksPool } from "../../../../components/clouds/aks/schema";
import { aksMachine, deployAks, reservationGroup, t4Pool } from "../../../support/aks";
import { assertInputs, at } from "../../../support/deploy";
import { outlivers } from "../../../support/outlives";

const agentPool = "azure-native:containerservice:AgentPool";
const group = "azure-native:compute:ProximityPlacementGroup";
const onDemand = { kind: "on-demand" } as const;

/** The agent pool of one capacity type of the pool `t4`, as it was asked for. */
async function capacityType(pool: Partial<AksPool>, role: string) {
  const { find } = await deployAks({ pools: { t4: t4Pool(pool) } });
  return find(agentPool, `cluster-t4-${role}`);
}

describe("a GPU pool on AKS", () => {
  it("scales from nothing, has AKS's driver and a disk for images, and what pods go by", async () => {
    const { find, resources } = await deployAks({ pools: { t4: t4Pool() } });

    assertInputs(find(agentPool, "cluster-t4-on-demand"), {
      ...{ enableAutoScaling: true, minCount: 0, maxCount: 12, count: 0 },
      ...{ mode: "User", vmSize: "Standard_NC16as_T4_v3" },
      nodeTaints: ["nvidia.com/gpu=present:NoSchedule"],
      nodeLabels: { "nvidia.com/gpu.present": "true", "gpu-serving/pool": "t4" },
      gpuProfile: { driver: "Install" },
      ...{ osDiskType: "Managed", osDiskSizeGB: 512 },
      // Upgraded node by node where no further one can be had.
      upgradeSettings: { maxSurge: "0", maxUnavailable: "1" },
    });
    assertInputs(await capacityType({ diskGiB: 1024 }, "on-demand"), { osDiskSizeGB: 1024 });
    // The number of nodes is the autoscaler's.
    assert.deepEqual(
      resources.flatMap(({ type, options }) => (type === agentPool ? [options.ignoreChanges] : [])),
      [["count"], ["count"]],
    );
    // A subscription would have to register it as a preview.
    assert.doesNotMatch(JSON.stringify(resources.map(({ inputs }) => inputs)), /sshAccess/);
  });

  it("declares what AKS adds to spot nodes, and no surge, which AKS does not take there", async () => {
    const pool = await capacityType({ capacity: [{ kind: "spot" }] }, "spot");

    assertInputs(pool, {
      ...{ scaleSetPriority: "Spot", scaleSetEvictionPolicy: "Delete", spotMaxPrice: -1 },
      upgradeSettings: undefined,
      nodeTaints: [
        "nvidia.com/gpu=present:NoSchedule",
        "kubernetes.azure.com/scalesetpriority=spot:NoSchedule",
      ],
      nodeLabels: {
        "nvidia.com/gpu.present": "true",
        "gpu-serving/pool": "t4",
        "kubernetes.azure.com/scalesetpriority": "spot",
      },
    });
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
        t4: t4Pool({ capacity: [{ kind: "reserved", reservation: reservationGroup, zone: "2" }] }),
      },
    });
    const reserved = resources.find(({ name }) => name.startsWith("cluster-t4-reserved-"));

    assert.ok(reserved);
    assertInputs(reserved, {
      capacityReservationGroupID: reservationGroup,
      availabilityZones: ["2"],
      scaleSetPriority: "Regular",
    });
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
    const nodes = { min: 2, max: 5 };
    const pools = { t4: t4Pool({ nodes, capacity: [onDemand, { kind: "spot" }] }) };
    const { find } = await deployAks({ pools });

    for (const [role, min] of [
      ["on-demand", 2],
      ["spot", 0],
    ] as const) {
      assertInputs(find(agentPool, `cluster-t4-${role}`), {
        ...{ count: min, minCount: min, maxCount: 5 },
      });
    }
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
    const { gpusPerNode, gpusPerPod, gpuMemoryGiB } = result.pools.t4 ?? {};

    assertInputs(find(agentPool, "cluster-t4-on-demand"), {
      nodeLabels: {
        "nvidia.com/gpu.present": "true",
        "gpu-serving/pool": "t4",
        "nvidia.com/device-plugin.config": "t4",
      },
    });
    assert.deepEqual(
      [gpusPerNode, gpusPerPod, gpuMemoryGiB],
      [4, 1, aksMachine("Standard_NC16as_T4_v3").gpuMemoryGiB / 4],
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
        [4, [pattern("cluster-more-on-demand"), pattern("cluster-t4-reserved")]],
        [3, [pattern("cluster-more-spot"), pattern("cluster-t4-spot")]],
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
    assert.equal(run.resources.filter(({ type }) => type === group).length, 1);
    assertInputs(run.find(group, "cluster-t4-proximity"), {
      proximityPlacementGroupName: "gpu-serving-test-cluster-t4",
      location: "eastus",
    });
    for (const its of ["spot", "on-demand"]) {
      assertInputs(run.find(agentPool, `cluster-t4-${its}`), {
        proximityPlacementGroupID: "cluster-t4-proximity-id",
        availabilityZones: ["1"],
      });
    }
    assertInputs(run.find(agentPool, "cluster-wide-on-demand"), {
      proximityPlacementGroupID: undefined,
    });
    // The cluster may put nodes there before it has any.
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
        gpuMemoryGiB: aksMachine("Standard_NC16as_T4_v3").gpuMemoryGiB,
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
        capacityTypes: [
          { capacity: "spot", notice: 30, provisionTime: 900, maxNodes: 12 },
          { capacity: "on-demand", notice: 0, provisionTime: 900, maxNodes: 12 },
        ],
      },
    });
  });

  it("takes no time where all nodes always run", async () => {
    const { result } = await deployAks({ pools: { t4: t4Pool({ nodes: { min: 2, max: 2 } }) } });

    assert.equal(result.pools.t4?.capacityTypes[0]?.provisionTime, 0);
  });

  it("has a pool beside it for pods that need no pool", async () => {
    const { find } = await deployAks({ system: { nodes: { min: 2, max: 6 } } });

    assertInputs(find(agentPool, "cluster-plain"), {
      ...{ agentPoolName: "plain", nodeTaints: undefined },
      ...{ count: 2, minCount: 2, maxCount: 6 },
    });
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
