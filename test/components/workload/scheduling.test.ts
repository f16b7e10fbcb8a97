import assert from "node:assert/strict";
import { eligiblePools } from "../../../components/workload/scheduling";

describe("the pools a pod can run on", () => {
  const pools = { l4: { gpusPerPod: 1 }, a100: { gpusPerPod: 4 }, h100: { gpusPerPod: 8 } };

  it("are those with enough GPUs in one node, in the order of the file", () => {
    assert.deepEqual(eligiblePools(pools, 1), ["l4", "a100", "h100"]);
    assert.deepEqual(eligiblePools(pools, 4), ["a100", "h100"]);
    assert.deepEqual(eligiblePools(pools, 5), ["h100"]);
  });

  it("are none where no node has enough", () => {
    assert.deepEqual(eligiblePools(pools, 9), []);
  });
});
