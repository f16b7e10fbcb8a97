import assert from "node:assert/strict";
import type { GkePool } from "../../../../components/clouds/gke/schema";
import type { ReservedCapacity } from "../../../../components/clouds/managed";
import { assertInputs, at, type Recorded } from "../../../support/deploy";
import { deployGke, gkeMachine, l4Pool } from "../../../support/gke";

const poolType = "gcp:container/nodePool:NodePool";

/** The node pools of one GPU pool, by the part of their names after the pool's. */
async function capacityTypes(pool: Partial<GkePool>, zones?: string[]) {
  const run = await deployGke({ zones, pools: { p: l4Pool(pool) } });
  const found = run.resources.filter((it) => it.type === poolType && it.name !== "cluster-system");
  const byName = Object.fromEntries(
    found.map((it): [string, Recorded] => [it.name.replace("cluster-p-", ""), it]),
  );
  return { ...run, byName, placed: run.result.pools.p };
}

/** The only node pool of a GPU pool. */
async function only(pool: Partial<GkePool>): Promise<Recorded> {
  const found = Object.values((await capacityTypes(pool)).byName);
  assert.equal(found.length, 1);
  const [one] = found;
  assert.ok(one);
  return one;
}

const reserved = { kind: "reserved", reservation: "r1", zone: "us-central1-b" } as const;
const spot = { kind: "spot" } as const;
const onDemand = { kind: "on-demand" } as const;
const flexStart = { kind: "flex-start" } as const;
const everything = [reserved, spot, onDemand, flexStart];

describe("a GPU pool on GKE", () => {
  it("has nodes with the machine, its GPUs, a driver that is asked for by name, and marks", async () => {
    const { byName, placed } = await capacityTypes({ nodes: { min: 0, max: 12 } });
    const [pool] = Object.values(byName);
    assert.ok(pool);

    assertInputs(pool, {
      "nodeConfig.machineType": "g2-standard-12",
      // Each GPU belongs to one pod unless sharing is asked for.
      "nodeConfig.guestAccelerators": [
        {
          ...{ type: "nvidia-l4", count: 1 },
          gpuDriverInstallationConfig: { gpuDriverVersion: "LATEST" },
        },
      ],
      "nodeConfig.labels": {
        "gpu-serving/pool": "p",
        "cloud.google.com/compute-class": "gpu-serving-p",
      },
      "nodeConfig.taints": [
        { key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" },
        { key: "cloud.google.com/compute-class", value: "gpu-serving-p", effect: "NO_SCHEDULE" },
      ],
      "nodeConfig.diskSizeGb": 200,
      "nodeConfig.taintConfig": undefined,
      // Quota and reservations do not hold one node more.
      upgradeSettings: { strategy: "SURGE", maxSurge: 0, maxUnavailable: 1 },
      placementPolicy: undefined,
      initialNodeCount: 0,
      autoscaling: { totalMinNodeCount: 0, totalMaxNodeCount: 12, locationPolicy: "ANY" },
      nodeLocations: undefined,
    });
    assert.deepEqual(placed?.nodeSelector, { "cloud.google.com/compute-class": "gpu-serving-p" });
    assert.deepEqual(placed?.interconnect, { within: "topology.kubernetes.io/zone" });
    assert.deepEqual(placed?.tolerations, [
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
      {
        ...{ key: "cloud.google.com/compute-class", value: "gpu-serving-p" },
        ...{ operator: "Equal", effect: "NoSchedule" },
      },
    ]);
  });

  it("puts the nodes of each capacity type close to each other where it is asked to, and workers on one capacity type", async () => {
    const { byName, placed } = await capacityTypes({
      ...{ network: "compact", zones: ["us-central1-a"], capacity: [spot, onDemand] },
    });

    assert.equal(Object.keys(byName).length, 2);
    for (const pool of Object.values(byName)) {
      assertInputs(pool, { placementPolicy: { type: "COMPACT" } });
    }
    assert.deepEqual(placed?.interconnect, { within: "cloud.google.com/gke-nodepool" });
  });

  it("has disks as large as it is told, of the kind that the machine takes, and uses the local disks that come with it", async () => {
    assertInputs(await only({ diskGiB: 500 }), { "nodeConfig.diskSizeGb": 500 });
    for (const [name, diskType, localSsdCount] of [
      ["g2-standard-12", "pd-balanced", undefined],
      ["g4-standard-48", "hyperdisk-balanced", undefined],
      ["a3-highgpu-8g", "pd-balanced", 16],
      ["a3-ultragpu-8g", "hyperdisk-balanced", 32],
    ] as const) {
      const pool = await only({ machine: gkeMachine(name) });
      assertInputs(pool, {
        "nodeConfig.diskType": diskType,
        "nodeConfig.ephemeralStorageLocalSsdConfig": localSsdCount && { localSsdCount },
      });
      assert.equal(pool.options.ignoreChanges?.at(-1), "nodeCount");
    }
  });

  it("leaves the local disks of a4x to GKE, whose count is not known, and keeps its taint of ARM nodes away", async () => {
    const pool = await only({ machine: gkeMachine("a4x-highgpu-4g"), capacity: [reserved] });

    assertInputs(pool, {
      "nodeConfig.ephemeralStorageLocalSsdConfig": undefined,
      "nodeConfig.taintConfig": { architectureTaintBehavior: "NONE" },
    });
    assert.equal(pool.options.ignoreChanges?.at(-1), "nodeConfig.ephemeralStorageLocalSsdConfig");
  });

  it("is in its own zones, else in the cluster's, and starts with the nodes that always run, shared out over them", async () => {
    const [a, b] = ["us-central1-a", "us-central1-b"];
    for (const [start, zones, clusterZones] of [
      [2, undefined, undefined],
      [4, [a], undefined],
      [4, undefined, [a]],
      [4, [a], [a, b]],
    ] as const) {
      const pool = { nodes: { min: 4, max: 12 }, zones: zones && [...zones] };
      const { byName } = await capacityTypes(pool, clusterZones && [...clusterZones]);
      const [made] = Object.values(byName);
      assert.ok(made);
      assertInputs(made, { initialNodeCount: start, nodeLocations: pool.zones });
    }
  });
});

describe("the capacity order of a GPU pool on GKE", () => {
  it("is one node pool for each capacity type, tried in the order given and none besides", async () => {
    const { byName, find } = await capacityTypes({ capacity: everything });

    assert.deepEqual(
      new Set(Object.keys(byName)),
      new Set(["reserved-r1", "spot", "on-demand", "flex-start"]),
    );
    assert.deepEqual(
      find("kubernetes:cloud.google.com/v1:ComputeClass", "cluster-p-ladder").inputs,
      {
        apiVersion: "cloud.google.com/v1",
        kind: "ComputeClass",
        metadata: { name: "gpu-serving-p" },
        spec: {
          priorities: [
            { nodepools: ["p-reserved-r1"] },
            { nodepools: ["p-spot"] },
            { nodepools: ["p-on-demand"] },
            { nodepools: ["p-flex-start"] },
          ],
          nodePoolAutoCreation: { enabled: false },
          whenUnsatisfiable: "DoNotScaleUp",
          activeMigration: { optimizeRulePriority: false },
        },
      },
    );
  });

  it("names the node pools that are there", async () => {
    const long = { ...reserved, reservation: "a-reservation-with-a-very-long-name-indeed" };
    const { byName, find } = await capacityTypes({ capacity: [long, spot] });

    const order = find("kubernetes:cloud.google.com/v1:ComputeClass", "cluster-p-ladder");
    const names = Object.values(byName)
      .map(({ inputs }) => String(inputs.name))
      .sort();
    assert.deepEqual(
      at(order, "spec.priorities"),
      names.map((name) => ({ nodepools: [name] })),
    );
    for (const name of names) assert.ok(name.length <= 40, name);
  });

  it("keeps its node pools when its order changes", async () => {
    const names = async (capacity: GkePool["capacity"]) =>
      Object.keys((await capacityTypes({ capacity })).byName).sort();

    assert.deepEqual(await names(everything), await names([...everything].reverse()));
  });

  it("never mixes spot, flex-start and reservations in one node pool, and takes reserved nodes from their zone alone", async () => {
    const zones = ["us-central1-a", "us-central1-b"];
    const { byName } = await capacityTypes({ capacity: everything, zones });
    const none = { consumeReservationType: "NO_RESERVATION" };
    const specific = {
      consumeReservationType: "SPECIFIC_RESERVATION",
      ...{ key: "compute.googleapis.com/reservation-name", values: ["r1"] },
    };

    for (const [name, spot, flexStart, reservationAffinity, nodeLocations] of [
      ["spot", true, undefined, none, zones],
      ["flex-start", undefined, true, none, zones],
      ["on-demand", undefined, undefined, undefined, zones],
      ["reserved-r1", undefined, undefined, specific, ["us-central1-b"]],
    ] as const) {
      const pool = byName[name];
      assert.ok(pool);
      assertInputs(pool, {
        "nodeConfig.spot": spot,
        "nodeConfig.flexStart": flexStart,
        "nodeConfig.reservationAffinity": reservationAffinity,
        nodeLocations,
      });
    }
  });

  it("calls a reservation of another project, and a block of one, by its whole path, and its node pool by a name", async () => {
    const source = async (more: Partial<ReservedCapacity>) => {
      const pool = await only({ capacity: [{ ...reserved, ...more }] });
      assert.match(String(pool.inputs.name), /^[a-z]([-a-z0-9]*[a-z0-9])?$/);
      return [pool.inputs.name, at(pool, "nodeConfig.reservationAffinity.values.0")];
    };

    assert.deepEqual(await source({ project: "shared" }), [
      "p-reserved-r1-902546",
      "projects/shared/reservations/r1",
    ]);
    assert.deepEqual(await source({ reservationBlock: "b1" }), [
      "p-reserved-r1-3b1329",
      "projects/acme-ml/reservations/r1/reservationBlocks/b1",
    ]);
    assert.deepEqual(await source({ project: "shared", reservationBlock: "b1" }), [
      "p-reserved-r1-e09069",
      "projects/shared/reservations/r1/reservationBlocks/b1",
    ]);
  });

  it("leaves flex-start nodes alone for their seven days, at the end of a queue and without a lowest count", async () => {
    const { byName } = await capacityTypes({
      ...{ capacity: [flexStart, onDemand], nodes: { min: 2, max: 12 }, zones: ["us-central1-a"] },
    });

    const { "flex-start": flex, "on-demand": other } = byName;
    assert.ok(flex && other);
    assertInputs(flex, {
      "nodeConfig.maxRunDuration": "604800s",
      management: { autoRepair: false, autoUpgrade: true },
      ...{ upgradeSettings: undefined, queuedProvisioning: undefined, initialNodeCount: 0 },
      "autoscaling.totalMinNodeCount": 0,
    });
    assertInputs(other, { management: { autoRepair: true, autoUpgrade: true } });
  });

  it("keeps the nodes that always run on the first capacity type whose nodes stay, and off the others' bounds", async () => {
    for (const [capacity, bounds] of [
      [[spot, onDemand], { spot: [0, 9, 0], "on-demand": [3, 12, 1] }],
      [[reserved, onDemand], { "reserved-r1": [3, 12, 3], "on-demand": [0, 9, 0] }],
      [[flexStart, spot], { "flex-start": [0, 9, 0], spot: [3, 12, 1] }],
    ] satisfies [GkePool["capacity"], object][]) {
      const { byName } = await capacityTypes({ capacity, nodes: { min: 3, max: 12 } });
      const found = Object.entries(byName).map(([name, pool]) => [
        name,
        [
          ...[at(pool, "autoscaling.totalMinNodeCount"), at(pool, "autoscaling.totalMaxNodeCount")],
          pool.inputs.initialNodeCount,
        ],
      ]);
      assert.deepEqual(Object.fromEntries(found), bounds);
    }
  });

  it("is told to pods with the time each capacity type may take and the notice it gives", async () => {
    const { placed } = await capacityTypes({ capacity: everything });

    assert.equal(placed?.maxNodes, 12);
    assert.deepEqual(placed?.capacityTypes, [
      { capacity: "reserved", notice: 0, provisionTime: 900, maxNodes: 12 },
      { capacity: "spot", notice: 30, provisionTime: 900, maxNodes: 12 },
      { capacity: "on-demand", notice: 0, provisionTime: 900, maxNodes: 12 },
      { capacity: "flex-start", notice: 0, provisionTime: 3600, maxNodes: 12 },
    ]);
  });

  it("waits for no node where all of a pool always run", async () => {
    const { placed } = await capacityTypes({ nodes: { min: 3, max: 3 } });

    assert.deepEqual(placed?.capacityTypes, [
      { capacity: "on-demand", notice: 0, provisionTime: 0, maxNodes: 3 },
    ]);
  });

  it("is each pool's own: several pools have several", async () => {
    const run = await deployGke({
      pools: { l4: l4Pool(), h100: l4Pool({ machine: gkeMachine("a3-highgpu-8g") }) },
    });

    const order = run.resources.filter(({ type }) => type.endsWith(":ComputeClass"));
    assert.equal(order.length, 2);
    for (const pool of ["l4", "h100"]) {
      assertInputs(
        run.find("kubernetes:cloud.google.com/v1:ComputeClass", `cluster-${pool}-ladder`),
        {
          "metadata.name": `gpu-serving-${pool}`,
          "spec.priorities": [{ nodepools: [`${pool}-on-demand`] }],
        },
      );
    }
    assert.deepEqual(
      Object.values(run.result.pools).map(({ name, gpu, gpusPerNode, gpuMemoryGiB }) => [
        ...[name, gpu, gpusPerNode, gpuMemoryGiB],
      ]),
      [
        ["l4", "L4", 1, 22.4],
        ["h100", "H100", 8, 80],
      ],
    );
  });
});

describe("sharing GPUs on GKE", () => {
  for (const [what, machine, sharing, accelerator, offered] of [
    [
      "lets pods take turns, each counting on its part of the memory",
      "g2-standard-12",
      { kind: "time-slicing", clients: 4 },
      [{ gpuSharingStrategy: "TIME_SHARING", maxSharedClientsPerGpu: 4 }, undefined],
      [4, 1, 5.6],
    ],
    [
      "cuts GPUs into slices",
      "a2-ultragpu-2g",
      { kind: "mig", profile: "2g.20gb" },
      [undefined, "2g.20gb"],
      [6, 1, 20],
    ],
  ] as const) {
    it(what, async () => {
      const { byName, placed } = await capacityTypes({ machine: gkeMachine(machine), sharing });
      const pool = byName["on-demand"];
      assert.ok(pool);
      const [gpuSharingConfig, gpuPartitionSize] = accelerator;

      assertInputs(pool, {
        "nodeConfig.guestAccelerators.0.gpuSharingConfig": gpuSharingConfig,
        "nodeConfig.guestAccelerators.0.gpuPartitionSize": gpuPartitionSize,
      });
      assert.deepEqual([placed?.gpusPerNode, placed?.gpusPerPod, placed?.gpuMemoryGiB], offered);
    });
  }
});
