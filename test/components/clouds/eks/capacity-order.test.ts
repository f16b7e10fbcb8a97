import assert from "node:assert/strict";
import {
  floorTypes,
  placedPool,
  capacityNames,
} from "../../../../components/clouds/eks/capacity-order";
import type { CapacityType } from "../../../../components/clouds/managed";
import { eksMachine, eksPool } from "../../../support/eks";

const zone = "us-east-1b";
const spot: CapacityType = { kind: "spot" };
const onDemand: CapacityType = { kind: "on-demand" };
const reserved: CapacityType = { kind: "reserved", reservation: "cr-00000001", zone };
const block: CapacityType = { kind: "block", reservation: "cr-00000002", zone };

describe("a capacity order on EKS", () => {
  it("has a name for each capacity type, which another capacity type behind it does not change", () => {
    assert.deepEqual(capacityNames([reserved, spot, reserved, onDemand]), [
      "reserved",
      "spot",
      "reserved-2",
      "on-demand",
    ]);
  });

  for (const [rungs, floor] of [
    [[spot, onDemand], 2],
    [[reserved, spot, onDemand], 3],
    [[onDemand, spot], 1],
    [[spot, onDemand, reserved], 2],
  ] as const) {
    it(`keeps nodes that always run on the first ${floor} of ${rungs.map(({ kind }) => kind).join(", ")}, where Karpenter's order is the same`, () => {
      assert.equal(floorTypes(rungs), floor);
    });
  }

  it("is a pool that pods select by its name and tolerate", () => {
    const pool = placedPool("l4", eksPool(), "auto");

    assert.deepEqual(pool, {
      name: "l4",
      gpu: "L4",
      gpusPerNode: 1,
      gpusPerPod: 1,
      gpuMemoryGiB: 22.4,
      maxNodes: 12,
      nodeSelector: { "gpu-serving/pool": "l4" },
      tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
      interconnect: { within: "topology.kubernetes.io/zone" },
      rungs: [{ capacity: "on-demand", notice: 0, provisionTime: 300, maxNodes: 12 }],
    });
  });

  it("says how long a reclaimed node stays: two minutes, ten at the end of a block", () => {
    const { rungs } = placedPool("l4", eksPool({ capacity: [block, spot, onDemand] }), "auto");

    assert.deepEqual(
      rungs.map(({ capacity, notice }) => [capacity, notice]),
      [
        ["reserved", 600],
        ["spot", 120],
        ["on-demand", 0],
      ],
    );
  });

  it("counts on Auto Mode what a capacity type may grow to beside the nodes that always run", () => {
    const nodes = { min: 2, max: 5 };
    const { rungs } = placedPool("l4", eksPool({ nodes, capacity: [onDemand, spot] }), "auto");

    assert.deepEqual(
      rungs.map(({ maxNodes }) => maxNodes),
      [5, 3],
    );
  });

  it("waits for no node on Auto Mode where all of a pool always run", () => {
    const nodes = { min: 2, max: 2 };
    const { rungs } = placedPool("l4", eksPool({ nodes, capacity: [onDemand, spot] }), "auto");

    assert.deepEqual(rungs, [{ capacity: "on-demand", notice: 0, provisionTime: 0, maxNodes: 2 }]);
  });

  it("waits in node groups as long as the autoscaler does, for the first capacity type not if it always runs", () => {
    const nodes = { min: 2, max: 2 };
    const pool = eksPool({ nodes, capacity: [onDemand, spot] });

    assert.deepEqual(
      placedPool("l4", pool, "nodeGroups").rungs.map(({ provisionTime }) => provisionTime),
      [0, 600],
    );
  });

  it("offers a time-sliced GPU as often as it has clients", () => {
    const pool = eksPool({
      machine: eksMachine("g6.12xlarge"),
      sharing: { kind: "time-slicing", clients: 4 },
    });

    assert.equal(placedPool("l4", pool, "nodeGroups").gpusPerNode, 16);
    assert.equal(placedPool("l4", pool, "nodeGroups").gpusPerPod, 1);
    assert.equal(placedPool("l4", pool, "nodeGroups").gpuMemoryGiB, 5.6);
  });
});
