import assert from "node:assert/strict";
import { groupPlan } from "../../../../components/clouds/eks/group-plan";
import { eksMachine, eksPool } from "../../../support/eks";

const system = { machine: "m7i.large", nodes: { min: 2, max: 10 } };
const zones = ["us-east-1a", "us-east-1b"];

describe("the plan of node groups", () => {
  it("has one group in each zone without GPUs, and none with, where there is no pool", () => {
    const plan = groupPlan({ system, zones, pools: {} });

    assert.deepEqual(
      plan.system.map(({ key }) => key),
      ["system-us-east-1a", "system-us-east-1b"],
    );
    assert.deepEqual(
      { ...plan, system: [] },
      {
        system: [],
        gpu: [],
        order: [[".*"]],
        maxNodes: 10,
        efa: false,
      },
    );
  });

  it("has a group for each capacity type and zone, and all nodes together", () => {
    const { gpu, order, maxNodes } = groupPlan({
      ...{ system, zones },
      pools: {
        l4: eksPool({
          nodes: { min: 0, max: 4 },
          capacity: [{ kind: "spot" }, { kind: "on-demand" }],
        }),
        t4: eksPool({ nodes: { min: 0, max: 3 }, zones: ["us-east-1c"] }),
      },
    });

    assert.deepEqual(
      gpu.map(({ key }) => key),
      [
        ...["l4-spot-us-east-1a", "l4-spot-us-east-1b"],
        ...["l4-on-demand-us-east-1a", "l4-on-demand-us-east-1b", "t4-on-demand-us-east-1c"],
      ],
    );
    assert.deepEqual(
      order.map((groups) => groups.length),
      [3, 2, 1],
    );
    assert.equal(maxNodes, 17);
  });

  it("has EFA where a pool with it has a fast network", () => {
    const machine = eksMachine("p5.48xlarge");
    const efa = (network?: "fast" | "compact") =>
      groupPlan({ system, zones, pools: { a: eksPool(), b: eksPool({ machine, network }) } }).efa;

    assert.deepEqual([efa("fast"), efa("compact"), efa()], [true, false, false]);
  });
});
