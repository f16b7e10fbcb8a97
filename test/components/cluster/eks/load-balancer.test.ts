import assert from "node:assert/strict";
import { balancer } from "../../../../components/cluster/eks/load-balancer";

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
