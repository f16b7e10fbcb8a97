import assert from "node:assert/strict";
import type { ReservedCapacity } from "../../../../components/clouds/managed";
import type { GkePool } from "../../../../components/clouds/gke/schema";
import { at, type Recorded } from "../../../support/deploy";
import { deployGke, gkeMachine, l4Pool } from "../../../support/gke";

const poolType = "gcp:container/nodePool:NodePool";

/** The node pools of one GPU pool, by the part of their names after the pool's. */
async function rungs(pool: Partial<GkePool>, zones?: string[]) {
  const run = await deployGke({ zones, pools: { p: l4Pool(pool) } });
  const found = run.resources.filter((it) => it.type === poolType && it.name !== "cluster-system");
  const byName = Object.fromEntries(
    found.map((it): [string, Recorded] => [it.name.replace("cluster-p-", ""), it]),
  );
  return { ...run, byName, placed: run.result.pools.p };
}

/** The only node pool of a GPU pool. */
async function only(pool: Partial<GkePool>): Promise<Recorded> {
  const found = Object.values((await rungs(pool)).byName);
  assert.equal(found.length, 1);
  const [one] = found;
  assert.ok(one);
  return one;
}

const reserved = { kind: "reserved", reservation: "r1", zone: "us-central1-b" } as const;
const everything: GkePool["capacity"] = [
  reserved,
  { kind: "spot" },
  { kind: "on-demand" },
  { kind: "flex-start" },
];

describe("a GPU pool on GKE", () => {
  it("has nodes with the machine, its GPUs and a driver that is asked for by name", async () => {
    const pool = await only({});

    assert.equal(at(pool, "nodeConfig.machineType"), "g2-standard-12");
    assert.deepEqual(at(pool, "nodeConfig.guestAccelerators"), [
      {
        type: "nvidia-l4",
        count: 1,
        gpuDriverInstallationConfig: { gpuDriverVersion: "LATEST" },
      },
    ]);
  });

  it("marks its nodes by labels and taints, in writing", async () => {
    const pool = await only({});

    assert.deepEqual(at(pool, "nodeConfig.labels"), {
      "gpu-serving/pool": "p",
      "cloud.google.com/compute-class": "gpu-serving-p",
    });
    assert.deepEqual(at(pool, "nodeConfig.taints"), [
      { key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" },
      { key: "cloud.google.com/compute-class", value: "gpu-serving-p", effect: "NO_SCHEDULE" },
    ]);
  });

  it("puts the nodes of each capacity type close to each other where it is asked to, and workers on one capacity type", async () => {
    const { byName, placed } = await rungs({
      network: "compact",
      zones: ["us-central1-a"],
      capacity: [{ kind: "spot" }, { kind: "on-demand" }],
    });

    assert.deepEqual(Object.keys(byName).sort(), ["on-demand", "spot"]);
    for (const { inputs } of Object.values(byName)) {
      assert.deepEqual(inputs.placementPolicy, { type: "COMPACT" });
    }
    assert.deepEqual(placed?.interconnect, { within: "cloud.google.com/gke-nodepool" });
    assert.equal((await only({})).inputs.placementPolicy, undefined);
  });

  it("is selected and tolerated by its marks", async () => {
    const { placed } = await rungs({});

    assert.deepEqual(placed?.nodeSelector, { "cloud.google.com/compute-class": "gpu-serving-p" });
    assert.deepEqual(placed?.interconnect, { within: "topology.kubernetes.io/zone" });
    assert.deepEqual(placed?.tolerations, [
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
      {
        key: "cloud.google.com/compute-class",
        operator: "Equal",
        value: "gpu-serving-p",
        effect: "NoSchedule",
      },
    ]);
  });

  it("has disks of 200 GiB, or as large as it is told", async () => {
    assert.equal(at(await only({}), "nodeConfig.diskSizeGb"), 200);
    assert.equal(at(await only({ diskGiB: 500 }), "nodeConfig.diskSizeGb"), 500);
  });

  it("has disks that the machine takes", async () => {
    const diskOf = async (name: string) =>
      at(await only({ machine: gkeMachine(name) }), "nodeConfig.diskType");

    assert.equal(await diskOf("a3-highgpu-8g"), "pd-balanced");
    assert.equal(await diskOf("a3-ultragpu-8g"), "hyperdisk-balanced");
    assert.equal(await diskOf("g4-standard-48"), "hyperdisk-balanced");
  });

  it("keeps images and scratch files on the local disks that come with the machine", async () => {
    const ssds = async (name: string) =>
      at(await only({ machine: gkeMachine(name) }), "nodeConfig.ephemeralStorageLocalSsdConfig");

    assert.deepEqual(await ssds("a3-highgpu-8g"), { localSsdCount: 16 });
    assert.deepEqual(await ssds("a3-ultragpu-8g"), { localSsdCount: 32 });
    assert.equal(await ssds("g2-standard-12"), undefined);
  });

  it("leaves the local disks of a4x to GKE, whose count is not known", async () => {
    const pool = await only({ machine: gkeMachine("a4x-highgpu-4g"), capacity: [reserved] });

    assert.equal(at(pool, "nodeConfig.ephemeralStorageLocalSsdConfig"), undefined);
    const ignored = (one: Recorded) => one.options.ignoreChanges?.at(-1);
    assert.equal(ignored(pool), "nodeConfig.ephemeralStorageLocalSsdConfig");
    assert.equal(ignored(await only({ machine: gkeMachine("a3-highgpu-8g") })), "nodeCount");
  });

  it("keeps GKE's taint of ARM nodes away, which its pods would not tolerate", async () => {
    const pool = await only({ machine: gkeMachine("a4x-highgpu-4g"), capacity: [reserved] });

    assert.deepEqual(at(pool, "nodeConfig.taintConfig"), { architectureTaintBehavior: "NONE" });
    assert.equal(at(await only({}), "nodeConfig.taintConfig"), undefined);
  });

  it("starts at zero and takes nodes from whichever zone has them", async () => {
    const { inputs } = await only({ nodes: { min: 0, max: 12 } });

    assert.equal(inputs.initialNodeCount, 0);
    assert.deepEqual(inputs.autoscaling, {
      totalMinNodeCount: 0,
      totalMaxNodeCount: 12,
      locationPolicy: "ANY",
    });
  });

  it("is upgraded in place, because quota and reservations do not hold one node more", async () => {
    assert.deepEqual((await only({})).inputs.upgradeSettings, {
      ...{ strategy: "SURGE", maxSurge: 0, maxUnavailable: 1 },
    });
  });

  it("is in its own zones, else in the cluster's", async () => {
    const zones = ["us-central1-a", "us-central1-f"];

    assert.deepEqual((await only({ zones })).inputs.nodeLocations, zones);
    assert.equal((await only({})).inputs.nodeLocations, undefined);
  });

  it("starts with the nodes that always run, shared out over its zones", async () => {
    const start = async (min: number, zones?: string[], clusterZones?: string[]) => {
      const { byName } = await rungs({ nodes: { min, max: 12 }, zones }, clusterZones);
      return byName["on-demand"]?.inputs.initialNodeCount;
    };

    assert.equal(await start(4), 2);
    assert.equal(await start(4, ["us-central1-a"]), 4);
    assert.equal(await start(4, undefined, ["us-central1-a", "us-central1-b"]), 2);
    assert.equal(await start(4, ["us-central1-a"], ["us-central1-a", "us-central1-b"]), 4);
  });
});

describe("the capacity order of a GPU pool on GKE", () => {
  it("is one node pool for each capacity type, tried in the order given and none besides", async () => {
    const { byName, find } = await rungs({ capacity: everything });

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
    const { byName, find } = await rungs({ capacity: [long, { kind: "spot" }] });

    const order = find("kubernetes:cloud.google.com/v1:ComputeClass", "cluster-p-ladder");
    const names = Object.values(byName).map(({ inputs }) => String(inputs.name));
    assert.deepEqual(
      new Set(
        (at(order, "spec.priorities") as { nodepools: string[] }[]).flatMap((it) => it.nodepools),
      ),
      new Set(names),
    );
    for (const name of names) assert.ok(name.length <= 40, name);
  });

  it("keeps its node pools when its order changes", async () => {
    const names = async (capacity: GkePool["capacity"]) =>
      Object.keys((await rungs({ capacity })).byName).sort();

    assert.deepEqual(await names(everything), await names([...everything].reverse()));
  });

  it("never mixes spot, flex-start and reservations in one node pool", async () => {
    const { byName } = await rungs({ capacity: everything });

    const source = (name: string) => {
      const pool = byName[name];
      assert.ok(pool);
      return {
        spot: at(pool, "nodeConfig.spot"),
        flexStart: at(pool, "nodeConfig.flexStart"),
        reservation: at(pool, "nodeConfig.reservationAffinity"),
      };
    };
    const none = { consumeReservationType: "NO_RESERVATION" };
    assert.deepEqual(source("spot"), { spot: true, flexStart: undefined, reservation: none });
    assert.deepEqual(source("flex-start"), { spot: undefined, flexStart: true, reservation: none });
    assert.deepEqual(source("on-demand"), {
      ...{ spot: undefined, flexStart: undefined, reservation: undefined },
    });
    assert.deepEqual(source("reserved-r1"), {
      spot: undefined,
      flexStart: undefined,
      reservation: {
        consumeReservationType: "SPECIFIC_RESERVATION",
        key: "compute.googleapis.com/reservation-name",
        values: ["r1"],
      },
    });
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

  it("takes reserved nodes from the reservation's zone alone", async () => {
    const { byName } = await rungs({
      capacity: everything,
      zones: ["us-central1-a", "us-central1-b"],
    });

    assert.deepEqual(byName["reserved-r1"]?.inputs.nodeLocations, ["us-central1-b"]);
    assert.deepEqual(byName.spot?.inputs.nodeLocations, ["us-central1-a", "us-central1-b"]);
  });

  it("leaves flex-start nodes alone for their seven days, at the end of a queue and without a lowest count", async () => {
    const { byName } = await rungs({
      capacity: [{ kind: "flex-start" }, { kind: "on-demand" }],
      nodes: { min: 2, max: 12 },
      zones: ["us-central1-a"],
    });

    const flex = byName["flex-start"];
    assert.ok(flex);
    assert.equal(at(flex, "nodeConfig.maxRunDuration"), "604800s");
    assert.deepEqual(flex.inputs.management, { autoRepair: false, autoUpgrade: true });
    assert.equal(flex.inputs.upgradeSettings, undefined);
    assert.equal(flex.inputs.queuedProvisioning, undefined);
    assert.equal(flex.inputs.initialNodeCount, 0);
    assert.equal(at(flex, "autoscaling.totalMinNodeCount"), 0);
    assert.deepEqual(byName["on-demand"]?.inputs.management, {
      ...{ autoRepair: true, autoUpgrade: true },
    });
  });

  it("keeps the nodes that always run on the first capacity type whose nodes stay, and off the others' bounds", async () => {
    const bounds = async (capacity: GkePool["capacity"]) => {
      const { byName } = await rungs({ capacity, nodes: { min: 3, max: 12 } });
      return Object.fromEntries(
        Object.entries(byName).map(([name, pool]) => [
          name,
          [at(pool, "autoscaling.totalMinNodeCount"), at(pool, "autoscaling.totalMaxNodeCount")],
        ]),
      );
    };

    assert.deepEqual(await bounds([{ kind: "spot" }, { kind: "on-demand" }]), {
      spot: [0, 9],
      "on-demand": [3, 12],
    });
    assert.deepEqual(await bounds([reserved, { kind: "on-demand" }]), {
      "reserved-r1": [3, 12],
      "on-demand": [0, 9],
    });
    assert.deepEqual(await bounds([{ kind: "flex-start" }, { kind: "spot" }]), {
      "flex-start": [0, 9],
      spot: [3, 12],
    });
  });

  it("is told to pods with the time each capacity type may take and the notice it gives", async () => {
    const { placed } = await rungs({ capacity: everything });

    assert.equal(placed?.maxNodes, 12);
    assert.deepEqual(placed?.rungs, [
      { capacity: "reserved", notice: 0, provisionTime: 900, maxNodes: 12 },
      { capacity: "spot", notice: 30, provisionTime: 900, maxNodes: 12 },
      { capacity: "on-demand", notice: 0, provisionTime: 900, maxNodes: 12 },
      { capacity: "flex-start", notice: 0, provisionTime: 3600, maxNodes: 12 },
    ]);
  });

  it("waits for no node where all of a pool always run", async () => {
    const { placed } = await rungs({ nodes: { min: 3, max: 3 } });

    assert.deepEqual(placed?.rungs, [
      { capacity: "on-demand", notice: 0, provisionTime: 0, maxNodes: 3 },
    ]);
  });

  it("is each pool's own: several pools have several", async () => {
    const run = await deployGke({
      pools: { l4: l4Pool(), h100: l4Pool({ machine: gkeMachine("a3-highgpu-8g") }) },
    });

    const order = run.resources.filter(({ type }) => type.endsWith(":ComputeClass"));
    assert.deepEqual(
      new Set(
        order.map((it) => JSON.stringify([at(it, "metadata.name"), at(it, "spec.priorities")])),
      ),
      new Set([
        '["gpu-serving-l4",[{"nodepools":["l4-on-demand"]}]]',
        '["gpu-serving-h100",[{"nodepools":["h100-on-demand"]}]]',
      ]),
    );
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
  it("gives each GPU to one pod unless it is asked for", async () => {
    const pool = await only({});

    assert.equal(at(pool, "nodeConfig.guestAccelerators.0.gpuSharingConfig"), undefined);
    assert.equal(at(pool, "nodeConfig.guestAccelerators.0.gpuPartitionSize"), undefined);
  });

  it("lets pods take turns, each counting on its part of the memory", async () => {
    const { byName, placed } = await rungs({ sharing: { kind: "time-slicing", clients: 4 } });

    const pool = byName["on-demand"];
    assert.ok(pool);
    assert.deepEqual(at(pool, "nodeConfig.guestAccelerators.0.gpuSharingConfig"), {
      gpuSharingStrategy: "TIME_SHARING",
      maxSharedClientsPerGpu: 4,
    });
    assert.equal(at(pool, "nodeConfig.guestAccelerators.0.gpuPartitionSize"), undefined);
    assert.equal(placed?.gpusPerNode, 4);
    assert.equal(placed.gpusPerPod, 1);
    assert.equal(placed.gpuMemoryGiB, 5.6);
  });

  it("cuts GPUs into slices", async () => {
    const { byName, placed } = await rungs({
      machine: gkeMachine("a2-ultragpu-2g"),
      sharing: { kind: "mig", profile: "2g.20gb" },
    });

    const pool = byName["on-demand"];
    assert.ok(pool);
    assert.equal(at(pool, "nodeConfig.guestAccelerators.0.gpuPartitionSize"), "2g.20gb");
    assert.equal(at(pool, "nodeConfig.guestAccelerators.0.gpuSharingConfig"), undefined);
    assert.equal(placed?.gpusPerNode, 6);
    assert.equal(placed.gpusPerPod, 1);
    assert.equal(placed.gpuMemoryGiB, 20);
  });
});
