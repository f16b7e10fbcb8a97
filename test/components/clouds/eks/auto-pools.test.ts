import assert from "node:assert/strict";
import { systemMachines } from "../../../../catalog/cpu-nodes";
import { autoPlan } from "../../../../components/clouds/eks/auto-pools";
import type { EksPool } from "../../../../components/clouds/eks/schema";
import { eksCpu, eksMachine, eksPool } from "../../../support/eks";

const zones = ["us-east-1a", "us-east-1b", "us-east-1c"];
const reservation = "cr-0123456789abcdef0";
const reserved = { kind: "reserved", reservation, zone: "us-east-1d" } as const;
const spot = { kind: "spot" } as const;
const onDemand = { kind: "on-demand" } as const;

function plan(
  pool: Partial<EksPool> = {},
  system = { machine: systemMachines.eks, nodes: { min: 2, max: 10 } },
) {
  return autoPlan({ system, zones, pools: { l4: eksPool(pool) } });
}

type Planned = Pick<ReturnType<typeof plan>["others"][number], "name" | "spec">;

function requirement(key: string, pool?: Planned) {
  return pool?.spec.template.spec.requirements.find((one) => one.key.endsWith(key))?.values;
}

describe("GPU pools of Auto Mode", () => {
  it("are one NodePool for each capacity type, the first with the highest weight", () => {
    assert.deepEqual(
      plan({ capacity: [spot, onDemand] }).others.map((pool) => [
        ...[pool.name, pool.spec.weight, requirement("capacity-type", pool)],
      ]),
      [
        ["l4-spot", 100, ["spot"]],
        ["l4-on-demand", 90, ["on-demand"]],
      ],
    );
  });

  it("take their machine in their zones, tainted and labelled, and give a node back when nobody is left on it", () => {
    const [pool] = plan({
      ...{ machine: eksMachine("g6.12xlarge"), nodes: { min: 0, max: 3 }, zones: ["us-east-1b"] },
    }).others;

    assert.deepEqual(pool?.spec, {
      weight: 100,
      limits: { "nvidia.com/gpu": "12" },
      disruption: {
        consolidationPolicy: "WhenEmpty",
        consolidateAfter: "10m",
        budgets: [{ nodes: "1" }],
      },
      template: {
        metadata: { labels: { "gpu-serving/pool": "l4" } },
        spec: {
          nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: "l4" },
          taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }],
          requirements: [
            { key: "node.kubernetes.io/instance-type", operator: "In", values: ["g6.12xlarge"] },
            { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] },
            { key: "topology.kubernetes.io/zone", operator: "In", values: ["us-east-1b"] },
          ],
        },
      },
    });
  });

  it("hold nodes that always run in a static pool, which has no weight, and grow by the rest", () => {
    const [always, ...others] = plan({
      ...{ nodes: { min: 2, max: 5 }, capacity: [spot, onDemand] },
    }).others;

    assert.deepEqual(
      [always?.name, always?.spec.replicas, always?.spec.limits, always?.spec.weight],
      // One more: Karpenter renews an outdated node by making its successor first.
      ["l4-min", 2, { nodes: 3 }, undefined],
    );
    assert.deepEqual(requirement("capacity-type", always), ["spot", "on-demand"]);
    assert.deepEqual(requirement("zone", always), zones);
    assert.deepEqual(
      others.map(({ spec }) => spec.limits),
      [{ "nvidia.com/gpu": "3" }, { "nvidia.com/gpu": "3" }],
    );
  });

  it("hold no pool that could grow where all nodes always run, and none that Karpenter would take first", () => {
    const [always, ...others] = plan({
      ...{ nodes: { min: 2, max: 2 }, capacity: [onDemand, spot] },
    }).others;

    assert.deepEqual(requirement("capacity-type", always), ["on-demand"]);
    assert.deepEqual(others, []);
  });

  for (const kind of ["reserved", "block"] as const) {
    it(`take capacity of kind ${kind} by a NodeClass of its own, in its zone`, () => {
      const { others, classes } = plan({
        capacity: [{ ...reserved, kind }, spot, onDemand],
        diskGiB: 300,
      });
      const [first] = others;

      assert.deepEqual(requirement("capacity-type", first), ["reserved"]);
      assert.deepEqual(requirement("zone", first), ["us-east-1d"]);
      assert.equal(first?.spec.template.spec.nodeClassRef.name, `l4-${kind}`);
      assert.deepEqual(
        classes.map(({ nodeClass, diskGiB, reservations }) => [nodeClass, diskGiB, reservations]),
        [
          ["gpu-serving-system", 80, []],
          [`l4-${kind}`, 300, [reservation]],
          ["l4", 300, []],
        ],
      );
    });
  }

  it("make the zones of reservations zones of the cluster's nodes", () => {
    assert.deepEqual(plan({ capacity: [reserved] }).zones, [...zones, "us-east-1d"]);
  });
});

describe("system pools of Auto Mode", () => {
  it("spread the nodes that always run over the zones, and may grow in all of them", () => {
    for (const [machine, cpu] of [
      ["m7i.large", "12"],
      ["m7i.xlarge", "24"],
      ["m7i.2xlarge", "48"],
    ] as const) {
      assert.deepEqual(
        plan({}, { machine: eksCpu(machine), nodes: { min: 4, max: 10 } }).system.map((pool) => [
          ...[pool.name, pool.spec.replicas, pool.spec.limits, requirement("zone", pool)],
        ]),
        [
          ["gpu-serving-system-us-east-1a", 2, { nodes: 3 }, ["us-east-1a"]],
          ["gpu-serving-system-us-east-1b", 1, { nodes: 2 }, ["us-east-1b"]],
          ["gpu-serving-system-us-east-1c", 1, { nodes: 2 }, ["us-east-1c"]],
          ["gpu-serving-system", undefined, { cpu }, zones],
        ],
      );
    }
  });

  it("are on-demand, without a taint, and none grows or is empty where it need not be", () => {
    const { system } = plan({}, { machine: systemMachines.eks, nodes: { min: 2, max: 2 } });
    const [first] = system;

    assert.deepEqual(
      system.map(({ name }) => name),
      ["gpu-serving-system-us-east-1a", "gpu-serving-system-us-east-1b"],
    );
    assert.equal(first?.spec.template.spec.taints, undefined);
    assert.equal(first?.spec.template.metadata.labels["gpu-serving/pool"], "system");
    assert.deepEqual(requirement("instance-type", first), ["m7i.large"]);
    assert.deepEqual(requirement("capacity-type", first), ["on-demand"]);
  });
});
