import assert from "node:assert/strict";
import { limitedServices } from "../../stacks/limited-before";
import { stateBefore } from "../../stacks/state-before";

const state = (services: Record<string, object>) =>
  stateBefore({
    name: "prod",
    outputs: Object.fromEntries(
      Object.entries(services).map(([name, outputs]) => [
        `urn:pulumi:prod::gpu-serving::gpu-serving:index:InferenceService$kubernetes:core/v1:Service::${name}-service`,
        { type: "kubernetes:core/v1:Service", outputs },
      ]),
    ),
  });

describe("the services that limit who connects to their load balancer", () => {
  it("are those whose Service has source ranges", () => {
    const before = state({
      chat: { spec: { type: "LoadBalancer", loadBalancerSourceRanges: ["203.0.113.0/24"] } },
      inner: { spec: { type: "ClusterIP" } },
    });

    assert.deepEqual([...limitedServices(before)], ["chat"]);
  });

  it("are none where nothing was made yet", () => {
    assert.deepEqual([...limitedServices(state({}))], []);
  });
});
