import assert from "node:assert/strict";
import { autoPools, systemPools } from "../../../../components/clouds/eks/auto-pools";
import type { EksPool } from "../../../../components/clouds/eks/schema";
import { eksMachine, eksPool } from "../../../support/eks";

const zones = ["us-east-1a", "us-east-1b", "us-east-1c"];
const order = [{ kind: "spot" }, { kind: "on-demand" }] as const;

function pools(pool: Partial<EksPool> = {}) {
  return autoPools("l4", eksPool(pool), zones);
}

function requirement(key: string, pool?: ReturnType<typeof pools>[number]) {
  return pool?.spec.template.spec.requirements.find((one) => one.key === key)?.values;
}

describe("GPU pools of Auto Mode", () => {
  it("are one NodePool for each capacity type, the first with the highest weight", () => {
    assert.deepEqual(
      pools({ capacity: [...order] }).map(({ name, spec }) => [
        name,
        spec.weight,
        spec.template.spec.requirements[1]?.values,
      ]),
      [
        ["l4-spot", 100, ["spot"]],
        ["l4-on-demand", 90, ["on-demand"]],
      ],
    );
  });

  it("take their machine in their zones, tainted and labelled", () => {
    const [pool] = pools({ zones: ["us-east-1b"] });

    assert.deepEqual(pool?.spec.template, {
      metadata: { labels: { "gpu-serving/pool": "l4" } },
      spec: {
        nodeClassRef: { group: "eks.amazonaws.com", kind: "NodeClass", name: "l4" },
        taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }],
        requirements: [
          { key: "node.kubernetes.io/instance-type", operator: "In", values: ["g6.2xlarge"] },
          { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] },
          { key: "topology.kubernetes.io/zone", operator: "In", values: ["us-east-1b"] },
        ],
      },
    });
  });

  it("give a node back only when nobody is left on it, one at a time", () => {
    assert.deepEqual(pools()[0]?.spec.disruption, {
      consolidationPolicy: "WhenEmpty",
      consolidateAfter: "10m",
      budgets: [{ nodes: "1" }],
    });
  });

  it("are limited to the GPUs of the nodes they may grow to", () => {
    const [pool] = pools({ machine: eksMachine("g6.12xlarge"), nodes: { min: 0, max: 3 } });

    assert.deepEqual(pool?.spec.limits, { "nvidia.com/gpu": "12" });
  });

  it("hold nodes that always run in a static pool, which has no weight, and grow by the rest", () => {
    const [always, ...rungs] = pools({ nodes: { min: 2, max: 5 }, capacity: [...order] });

    assert.deepEqual(
      [always?.name, always?.spec.replicas, always?.spec.limits, always?.spec.weight],
      // One more: Karpenter renews an outdated node by making its successor first.
      ["l4-min", 2, { nodes: 3 }, undefined],
    );
    assert.deepEqual(requirement("karpenter.sh/capacity-type", always), ["spot", "on-demand"]);
    assert.deepEqual(
      rungs.map(({ spec }) => spec.limits),
      [{ "nvidia.com/gpu": "3" }, { "nvidia.com/gpu": "3" }],
    );
  });

  it("hold no pool that could grow where all nodes always run", () => {
    assert.deepEqual(
      pools({ nodes: { min: 2, max: 2 }, capacity: [...order] }).map(({ name }) => name),
      ["l4-min"],
    );
  });

  it("take a reservation or a block by a NodeClass of the capacity type's own, in its zone", () => {
    const reservation = "cr-0123456789abcdef0";
    const block = { kind: "block", reservation, zone: "us-east-1c" } as const;
    const [reserved, onDemand] = pools({ capacity: [block, { kind: "on-demand" }] });

    assert.equal(reserved?.nodeClass, "l4-block");
    assert.equal(reserved?.spec.template.spec.nodeClassRef.name, "l4-block");
    assert.deepEqual(reserved?.reservations, [reservation]);
    assert.deepEqual(requirement("karpenter.sh/capacity-type", reserved), ["reserved"]);
    assert.deepEqual(requirement("topology.kubernetes.io/zone", reserved), ["us-east-1c"]);
    assert.equal(onDemand?.nodeClass, "l4");
    assert.deepEqual(onDemand?.reservations, []);
  });
});

describe("system pools of Auto Mode", () => {
  it("spread the nodes that always run over the zones, and may grow in all of them", () => {
    const system = systemPools({ machine: "m7i.xlarge", nodes: { min: 4, max: 10 } }, zones);

    assert.deepEqual(
      system.map(({ name, spec }) => [name, spec.replicas, spec.limits]),
      [
        ["gpu-serving-system-us-east-1a", 2, { nodes: 3 }],
        ["gpu-serving-system-us-east-1b", 1, { nodes: 2 }],
        ["gpu-serving-system-us-east-1c", 1, { nodes: 2 }],
        ["gpu-serving-system", undefined, { cpu: "24" }],
      ],
    );
  });

  it("are on-demand, without a taint", () => {
    const [first] = systemPools({ machine: "m7i.large", nodes: { min: 2, max: 2 } }, zones);

    assert.equal(first?.spec.template.spec.taints, undefined);
    assert.deepEqual(first?.spec.template.spec.requirements[1]?.values, ["on-demand"]);
  });
});
