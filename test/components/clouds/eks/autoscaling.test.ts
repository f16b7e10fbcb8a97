import assert from "node:assert/strict";
import { autoscalerPermissions, groupOrder } from "../../../../components/clouds/eks/autoscaling";
import { gpuGroups } from "../../../../components/clouds/eks/group-settings";
import { eksPool } from "../../../support/eks";

describe("the autoscaler of node groups", () => {
  it("tries the first capacity types of all pools before the second ones, and knows groups by their names", () => {
    const pool = (name: string, ...kinds: ("spot" | "on-demand")[]) =>
      gpuGroups(name, eksPool({ capacity: kinds.map((kind) => ({ kind })) }), [
        ...["us-east-1a", "us-east-1b"],
      ]);
    const l4 = pool("l4", "spot", "on-demand");
    const t4 = pool("t4", "on-demand");
    const order = groupOrder([l4, t4]);

    const named = (rung: (typeof l4)[number] = []) =>
      rung.map(({ groupName }) => `^eks-${groupName}-[0-9a-f-]+$`);

    assert.deepEqual(order, [[...named(l4[0]), ...named(t4[0])], named(l4[1]), [".*"]]);
    assert.equal(order[0]?.length, 4, "all zones of a capacity type are equal");
    const [first] = order[0] ?? [];
    const group = `eks-${l4[0]?.[0]?.groupName}-14c8b3aa-0d1f-6bd3-1c6a-4bb9b6d8f2a1`;
    assert.match(group, new RegExp(first ?? ""));
  });

  it("may size only groups that carry the tags of this cluster", () => {
    const [look, size] = autoscalerPermissions(["k8s.io/cluster-autoscaler/prod"]);

    assert.equal(
      look?.actions.some((action) => /Set|Terminate|Update/.test(action)),
      false,
    );
    assert.deepEqual(size, {
      actions: [
        "autoscaling:SetDesiredCapacity",
        "autoscaling:TerminateInstanceInAutoScalingGroup",
      ],
      conditions: { Null: { "aws:ResourceTag/k8s.io/cluster-autoscaler/prod": "false" } },
    });
  });
});
