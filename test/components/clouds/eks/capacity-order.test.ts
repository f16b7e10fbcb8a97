import assert from "node:assert/strict";
import { placedPool } from "../../../../components/clouds/eks/capacity-order";
import { capacityNames, floorTypes } from "../../../../components/clouds/eks/node-pool-names";
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
      ...["reserved", "spot", "reserved-2", "on-demand"],
    ]);
  });

  for (const [types, floor] of [
    [[spot, onDemand], 2],
    [[reserved, spot, onDemand], 3],
    [[onDemand, spot], 1],
    [[spot, onDemand, reserved], 2],
    [[spot, reserved], 1],
    [[spot, block], 1],
  ] as const) {
    it(`keeps nodes that always run on the first ${floor} of ${types.map(({ kind }) => kind).join(", ")}, where Karpenter's order is the same`, () => {
      assert.equal(floorTypes(types), floor);
    });
  }

  it("is a pool that pods select by its name and tolerate", () => {
    assert.deepEqual(placedPool("l4", eksPool(), "auto"), {
      ...{ name: "l4", gpu: "L4", gpusPerNode: 1, gpusPerPod: 1, gpuMemoryGiB: 22.4, maxNodes: 12 },
      nodeSelector: { "gpu-serving/pool": "l4" },
      tolerations: [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }],
      interconnect: { within: "topology.kubernetes.io/zone" },
      capacityTypes: [{ capacity: "on-demand", notice: 0, provisionTime: 300, maxNodes: 12 }],
    });
  });

  it("says how long a reclaimed node stays: two minutes, ten at the end of a block", () => {
    const { capacityTypes } = placedPool(
      "l4",
      eksPool({ capacity: [block, spot, onDemand] }),
      "auto",
    );

    assert.deepEqual(
      capacityTypes.map(({ capacity, notice }) => [capacity, notice]),
      [
        ["reserved", 600],
        ["spot", 120],
        ["on-demand", 0],
      ],
    );
  });

  for (const [mode, [min, max], capacityTypes] of [
    ["auto", [0, 5], ["300 s, 5 nodes", "300 s, 5 nodes"]],
    ["auto", [2, 5], ["300 s, 5 nodes", "300 s, 3 nodes"]],
    ["auto", [2, 2], ["0 s, 2 nodes"]],
    ["nodeGroups", [2, 5], ["600 s, 5 nodes", "600 s, 5 nodes"]],
    ["nodeGroups", [2, 2], ["0 s, 2 nodes", "600 s, 2 nodes"]],
  ] as const) {
    it(`waits on ${mode} with ${min} to ${max} nodes, and counts each capacity type: ${capacityTypes.join("; ")}`, () => {
      const pool = eksPool({ nodes: { min, max }, capacity: [onDemand, spot] });

      assert.deepEqual(
        placedPool("l4", pool, mode).capacityTypes.map(
          ({ provisionTime, maxNodes }) => `${provisionTime} s, ${maxNodes} nodes`,
        ),
        capacityTypes,
      );
    });
  }

  it("offers a time-sliced GPU as often as it has clients", () => {
    const sharing = { kind: "time-slicing", clients: 4 } as const;
    const pool = eksPool({ machine: eksMachine("g6.12xlarge"), sharing });
    const { gpusPerNode, gpusPerPod, gpuMemoryGiB } = placedPool("l4", pool, "nodeGroups");

    assert.deepEqual([gpusPerNode, gpusPerPod, gpuMemoryGiB], [16, 1, 5.6]);
  });
});
