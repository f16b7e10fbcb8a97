import assert from "node:assert/strict";
import { fits, spare } from "../../../components/workload/spare";

const twoNodesOfEight = { maxNodes: 2, gpusPerNode: 8 };
const group = (gpus: number, count: number) => ({ gpus, count });

describe("a pool", () => {
  for (const [claim, groups, oneMore] of [
    ["holds what fills it to the last GPU", [group(4, 4)], 4],
    ["holds no replica that would span nodes", [group(5, 2)], 5],
    ["holds large replicas before small ones", [group(8, 1), group(1, 8)], 1],
    ["holds small replicas before large ones", [group(1, 8), group(8, 1)], 1],
    ["holds small replicas in the gaps that large ones leave", [group(5, 2), group(3, 2)], 1],
  ] as const) {
    it(claim, () => {
      assert.equal(fits(twoNodesOfEight, groups), true);
      assert.equal(fits(twoNodesOfEight, [...groups, group(oneMore, 1)]), false);
    });
  }

  it("holds no replica larger than a node, and nothing on any number of nodes", () => {
    assert.equal(fits(twoNodesOfEight, [group(16, 1)]), false);
    assert.equal(fits({ maxNodes: 1, gpusPerNode: 1 }, []), true);
  });

  for (const [claim, groups, gpus, slots] of [
    ["has all slots free while it is empty", [], 4, 4],
    ["has no slot of four GPUs where there are three here and three there", [group(5, 2)], 4, 0],
    ["has slots for whole replicas on one node each", [group(5, 2)], 3, 2],
    ["has the slots that all services together leave", [group(4, 2), group(2, 3)], 2, 1],
    ["has none free when it is full", [group(8, 2)], 1, 0],
    ["has none free when it is too small as it is", [group(8, 3)], 1, 0],
  ] as const) {
    it(claim, () => assert.equal(spare(twoNodesOfEight, groups, { gpus }), slots));
  }
});

describe("a pool of nodes without GPUs", () => {
  const gib = 1024 ** 3;
  const room = { millicores: 4000, memoryMiB: 16 * 1024 };
  const twoNodes = { maxNodes: 2, gpusPerNode: 0, room };
  const pods = (cpu: number, memory: number, count = 1) => ({
    ...{ gpus: 0, cpu, memory: memory * gib, count },
  });

  it("holds what its nodes have CPU and memory for, and no pod that spans two", () => {
    assert.equal(fits(twoNodes, [pods(2000, 8, 4)]), true);
    assert.equal(fits(twoNodes, [pods(2000, 8, 5)]), false);
    assert.equal(fits(twoNodes, [pods(100, 9, 3)]), false);
    assert.equal(fits(twoNodes, [pods(2500, 1, 3)]), false);
    assert.equal(fits(twoNodes, [pods(4000, 16, 1), pods(1000, 1, 4)]), true);
  });

  it("has slots by what is scarcer", () => {
    assert.equal(spare(twoNodes, [pods(1000, 8, 1)], pods(1000, 4)), 6);
    assert.equal(spare(twoNodes, [pods(3000, 1, 2)], pods(1000, 4)), 2);
    assert.equal(spare(twoNodes, [pods(2000, 8, 5)], pods(100, 1)), 0);
  });

  it("holds no GPUs, and whatever it is where nobody knows what its nodes have", () => {
    assert.equal(fits(twoNodes, [{ gpus: 1, count: 1 }]), false);
    assert.equal(fits({ maxNodes: 1, gpusPerNode: 0 }, [pods(64_000, 512, 9)]), true);
  });
});
