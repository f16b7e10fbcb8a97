import assert from "node:assert/strict";
import { autoPlan } from "../../../../components/clouds/eks/auto-plan";
import { eksPool } from "../../../support/eks";

const system = { machine: "m7i.large", nodes: { min: 2, max: 10 } };
const zones = ["us-east-1a", "us-east-1b"];
const reserved = {
  ...{ kind: "reserved" as const, zone: "us-east-1c" },
  reservation: "cr-0123456789abcdef0",
};

describe("the plan of Auto Mode", () => {
  const plan = autoPlan({
    ...{ system, zones },
    pools: {
      l4: eksPool({ diskGiB: 300, capacity: [reserved, { kind: "spot" }, { kind: "on-demand" }] }),
    },
  });

  it("has NodePools without GPUs, and one with for each capacity type", () => {
    assert.deepEqual(
      plan.system.map(({ name }) => name),
      ["gpu-serving-system-us-east-1a", "gpu-serving-system-us-east-1b", "gpu-serving-system"],
    );
    assert.deepEqual(
      plan.gpu.map(({ name }) => name),
      ["l4-reserved", "l4-spot", "l4-on-demand"],
    );
  });

  it("has each NodeClass once: one without GPUs, one for a pool, one for a reservation", () => {
    assert.deepEqual(
      plan.classes.map(({ nodeClass, diskGiB, reservations }) => [
        nodeClass,
        diskGiB,
        reservations,
      ]),
      [
        ["gpu-serving-system", 80, []],
        ["l4-reserved", 300, [reserved.reservation]],
        ["l4", 300, []],
      ],
    );
  });

  it("has the zones of all nodes, those of reservations among them", () => {
    assert.deepEqual(plan.zones, ["us-east-1a", "us-east-1b", "us-east-1c"]);
  });
});
