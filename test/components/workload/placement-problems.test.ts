import assert from "node:assert/strict";
import { choosePool, placementProblems } from "../../../components/workload/placement-problems";
import { aPool } from "../../support/clusters";

/** Eight shares of GPUs on each node, and a pool whose GPUs belong to one pod each. */
const pools = {
  shared: aPool({ name: "shared", gpusPerNode: 8, gpusPerPod: 1 }),
  whole: aPool({ name: "whole", gpusPerNode: 4 }),
};

describe("a pool whose pods share GPUs", () => {
  it("is refused to a pod that wants two shares", () => {
    assert.deepEqual(choosePool({ gpus: 2, pool: "shared" }, pools).problems, [
      {
        path: ["gpus"],
        problem: "pool shared shares its GPUs, and a pod cannot join two shares into one",
        found: "2",
        allowed: "0 or 1",
        fix: "lower it to 1, or choose a pool without sharing",
      },
    ]);
  });

  it("is passed over by a pod with more GPUs that names no pool", () => {
    assert.equal(choosePool({ gpus: 2 }, pools).name, "whole");
  });

  it("takes as many pods as it has shares", () => {
    const problems = (count: number) =>
      placementProblems({ gpus: 1, pool: "shared" }, { field: "replicas", count }, pools).problems;

    assert.deepEqual(problems(32), []);
    assert.deepEqual(
      problems(33).map(({ path, problem }) => [path, problem]),
      [[["replicas"], "more than pool shared has room for"]],
    );
  });

  it("is no reason where a node has too few GPUs", () => {
    assert.deepEqual(
      choosePool({ gpus: 5, pool: "whole" }, pools).problems.map(({ problem }) => problem),
      ["more GPUs than a node of pool whole has"],
    );
  });
});
