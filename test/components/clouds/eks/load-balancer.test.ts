import assert from "node:assert/strict";
import { balancer, readinessGates } from "../../../../components/clouds/eks/load-balancer";

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
          [`${annotation}-attributes`]: "load_balancing.cross_zone.enabled=true",
        },
        readyTime: 240,
        drainTime: 120,
      });
    });
  }

  it("hold pods back by the label that the controller of the mode reads", () => {
    assert.deepEqual(readinessGates, {
      auto: { "eks.amazonaws.com/pod-readiness-gate-inject": "enabled" },
      nodeGroups: { "elbv2.k8s.aws/pod-readiness-gate-inject": "enabled" },
    });
  });

  it("are internal by one word, and carry the tags", () => {
    const { annotations } = balancer("auto", "internal", { owner: "ml", "cost-centre": "42" });

    assert.equal(annotations?.[`${annotation}-scheme`], "internal");
    assert.equal(annotations[`${annotation}-additional-resource-tags`], "owner=ml,cost-centre=42");
  });
});
