import assert from "node:assert/strict";
import { choosePool, placementProblems } from "../../../components/workload/placement-problems";
import { aPool } from "../../support/clusters";

/** Eight shares of GPUs on each node, and two pools whose GPUs belong to one pod each. */
const pools = {
  shared: aPool({ name: "shared", gpusPerNode: 8, gpusPerPod: 1 }),
  whole: aPool({ name: "whole", gpusPerNode: 4 }),
};
const { whole } = pools;
const twice = { ...pools, other: aPool({ name: "other", gpusPerNode: 4 }) };

describe("the pool of a workload", () => {
  for (const [is, demand, among, name] of [
    ["the one that it names", { gpus: 4, pool: "whole" }, twice, "whole"],
    ["the one that it names, also without GPUs", { gpus: 0, pool: "shared" }, pools, "shared"],
    ["none where no GPU is asked for", { gpus: 0 }, pools, undefined],
    ["the only one that gives one pod its GPUs", { gpus: 2 }, pools, "whole"],
  ] as const) {
    it(`is ${is}`, () => assert.deepEqual(choosePool(demand, among), { name, problems: [] }));
  }

  for (const [where, gpus, pool, among, path, problem, allowed] of [
    ["where it is not declared", 0, "whol", pools, "pool", "not a declared pool", "shared, whole"],
    ["where none is", 1, "l4", {}, "pool", "not a declared pool", "none: no pools are declared"],
    ["where several give it its GPUs", 2, undefined, twice, "pool", "missing", "whole, other"],
    ["without pools", 1, undefined, {}, "gpus", "no pool declared", "0 while there are no pools"],
    [
      "where its own shares its GPUs",
      ...([9, "shared", pools, "gpus"] as const),
      "pool shared shares its GPUs, and a pod cannot join two shares into one",
      "0 or 1",
    ],
    [
      "where a node of its own has fewer GPUs",
      ...([5, "whole", pools, "gpus", "more GPUs than a node of pool whole has"] as const),
      "a whole number from 0 to 4",
    ],
    [
      "where those with enough GPUs are shared",
      ...([8, undefined, pools, "gpus"] as const),
      "more GPUs than any pool gives one pod: those of shared are shared",
      "a whole number from 0 to 4",
    ],
    [
      "where no node has enough GPUs",
      ...([9, undefined, pools, "gpus", "more GPUs than a node of any pool has"] as const),
      "a whole number from 0 to 4",
    ],
  ] as const) {
    it(`is refused ${where}`, () => {
      const { name, problems } = choosePool({ gpus, pool }, among);

      assert.equal(name, undefined);
      assert.deepEqual(
        problems.map((one) => [one.path, one.problem, one.allowed]),
        [[[path], problem, allowed]],
      );
    });
  }

  it("is named in the fix where one is probably meant, or could be raised", () => {
    const fix = (gpus: number, pool?: string) =>
      String(choosePool({ gpus, pool }, pools).problems[0]?.fix);

    assert.equal(fix(0, "whol"), "write whole if that is meant");
    assert.match(fix(0, "a100"), /^choose a declared pool/);
    assert.match(fix(5, "whole"), /raise pools\.whole\.gpusPerNode/);
    assert.match(fix(9), /declare a pool with gpusPerNode: 9$/);
  });
});

describe("the room of a pool", () => {
  it("is as many pods as it has shares", () => {
    const problems = (count: number) =>
      placementProblems({ gpus: 1, pool: "shared" }, { field: "replicas", count }, pools).problems;

    assert.deepEqual(problems(32), []);
    assert.deepEqual(problems(33), [
      {
        path: ["replicas"],
        problem: "more than pool shared has room for",
        found: "33",
        allowed: "what fits 4 nodes with 8 GPUs each, at 1 GPUs for a pod",
        fix: "lower it, or raise nodes.max of the pool",
      },
    ]);
  });

  it("is not asked for where no GPU is, or the number of pods has a problem of its own", () => {
    const pool = (gpus: number, count: number) =>
      placementProblems({ gpus, pool: "whole" }, { field: "replicas", count }, pools);

    for (const found of [pool(0, 100), pool(1, 100.5), pool(1, 5001)]) {
      assert.deepEqual(found, { pool: whole, problems: [] });
    }
  });
});
