import assert from "node:assert/strict";
import { autoscalerPermissions, groupOrder } from "../../../../components/cluster/eks/autoscaling";
import { gpuGroups } from "../../../../components/cluster/eks/group-settings";
import { balancer } from "../../../../components/cluster/eks/load-balancer";
import { fitted, partition } from "../../../../components/cluster/eks/names";
import { trust } from "../../../../components/cluster/eks/role";
import { eksPool } from "../../../support/eks";

describe("names on EKS", () => {
  it("are cut with a hash where they are too long, so that two stay two", () => {
    assert.equal(fitted("short", 64), "short");
    const [one, two] = ["a", "b"].map((end) => fitted(`${"x".repeat(70)}${end}`, 64));
    assert.equal(one?.length, 64);
    assert.notEqual(one, two);
  });

  it("know the part of AWS that a region is in", () => {
    assert.deepEqual(["us-east-1", "cn-north-1", "us-gov-west-1"].map(partition), [
      "aws",
      "aws-cn",
      "aws-us-gov",
    ]);
  });
});

describe("a role on EKS", () => {
  it("is taken by pods together with the tags that pod identity passes", () => {
    assert.deepEqual(JSON.parse(trust("pods.eks.amazonaws.com")), {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "pods.eks.amazonaws.com" },
          Action: ["sts:AssumeRole", "sts:TagSession"],
        },
      ],
    });
  });
});

describe("load balancers on EKS", () => {
  const annotation = "service.beta.kubernetes.io/aws-load-balancer";

  for (const [mode, name] of [
    ["auto", "eks.amazonaws.com/nlb"],
    ["nodeGroups", "service.k8s.aws/nlb"],
  ] as const) {
    it(`are of class ${name} with ${mode}, to the pods themselves`, () => {
      assert.deepEqual(balancer(mode, "public", {}), {
        class: name,
        annotations: {
          [`${annotation}-scheme`]: "internet-facing",
          [`${annotation}-nlb-target-type`]: "ip",
        },
      });
    });
  }

  it("are internal by one word, and carry the tags", () => {
    const { annotations } = balancer("auto", "internal", { owner: "ml", "cost-centre": "42" });

    assert.equal(annotations?.[`${annotation}-scheme`], "internal");
    assert.equal(annotations[`${annotation}-additional-resource-tags`], "owner=ml,cost-centre=42");
  });
});

describe("the autoscaler of node groups", () => {
  it("tries the first rungs of all pools before the second ones, and knows groups by their names", () => {
    const pool = (name: string, ...kinds: ("spot" | "on-demand")[]) =>
      gpuGroups(name, eksPool({ capacity: kinds.map((kind) => ({ kind })) }), ["us-east-1a"]);
    const l4 = pool("l4", "spot", "on-demand");
    const t4 = pool("t4", "on-demand");
    const order = groupOrder([l4, t4]);

    assert.deepEqual(order, [
      [`^eks-${l4[0]?.groupName}-[0-9a-f-]+$`, `^eks-${t4[0]?.groupName}-[0-9a-f-]+$`],
      [`^eks-${l4[1]?.groupName}-[0-9a-f-]+$`],
      [".*"],
    ]);
    const [first] = order[0] ?? [];
    const group = `eks-${l4[0]?.groupName}-14c8b3aa-0d1f-6bd3-1c6a-4bb9b6d8f2a1`;
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
