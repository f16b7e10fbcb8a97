import assert from "node:assert/strict";
import { placementFaults } from "../../../components/workload/placement-faults";
import { aPool } from "../../support/clusters";

/** Eight shares of GPUs on each node, and a pool whose GPUs belong to one pod each. */
const pools = {
  shared: aPool({ name: "shared", gpusPerNode: 8, gpusPerPod: 1 }),
  whole: aPool({ name: "whole", gpusPerNode: 4 }),
};
const pods = { field: "replicas", count: 2 };

describe("a pool whose pods share GPUs", () => {
  it("is refused to a pod that wants two shares, with the pools that have two GPUs", () => {
    assert.deepEqual(placementFaults({ gpus: 2, pool: "shared", pods }, pools).faults, [
      "gpus must be at most 1 in pool shared, whose pods share GPUs and cannot join two shares into one, got 2; pools with enough: whole",
    ]);
  });

  it("is passed over by a pod with more GPUs that names no pool", () => {
    assert.equal(placementFaults({ gpus: 2, pods }, pools).pool?.name, "whole");
  });

  it("takes as many pods as it has shares", () => {
    const count = (wanted: number) =>
      placementFaults({ gpus: 1, pool: "shared", pods: { ...pods, count: wanted } }, pools).faults;

    assert.deepEqual(count(32), []);
    assert.match(count(33).join(), /replicas must fit pool shared of at most 4 nodes with 8 GPUs/);
  });

  it("says of a node with too few GPUs that it has too few", () => {
    assert.deepEqual(placementFaults({ gpus: 5, pool: "whole", pods }, pools).faults, [
      "gpus must be at most the 4 of a node in pool whole, got 5; pools with enough: none on this cluster",
    ]);
  });
});
