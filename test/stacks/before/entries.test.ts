import assert from "node:assert/strict";
import { attempts, limitedServices } from "../../../stacks/before/entries";
import { state } from "./state";

/** A Job as the state has it, with conditions that are so. */
const job = (uid: string, conditions: string[], attempt?: string) => ({
  metadata: { uid },
  spec: {
    template: { metadata: attempt ? { annotations: { "gpu-serving/attempt": attempt } } : {} },
  },
  status:
    conditions.length > 0
      ? { conditions: conditions.map((type) => ({ type, status: "True" })) }
      : { startTime: "2026-11-22T03:00:00Z" },
});

describe("the attempts of jobs after the last up", () => {
  it("are new for what failed, and as they were for what goes on, succeeded or is suspended", () => {
    const maybe = job("u-7", ["Failed"], "u-0");
    maybe.status.conditions?.forEach((condition) => (condition.status = "Unknown"));
    const jobs = {
      failed: job("u-2", ["FailureTarget", "Failed"], "u-1"),
      running: job("u-3", [], "u-0"),
      done: job("u-4", ["SuccessCriteriaMet", "Complete"], "u-0"),
      suspended: job("u-5", ["Suspended"]),
      first: job("u-6", []),
      maybe,
    };
    const type = "BatchJob$kubernetes:batch/v1:Job";
    const before = Object.entries(jobs).map(([name, of]) => [`${type}::${name}`, of] as const);

    const expected = { failed: "u-2", running: "u-0", done: "u-0", maybe: "u-0" };
    assert.deepEqual(attempts(state(Object.fromEntries(before))), expected);
  });

  it("are those of jobs that run once, and of no first run, whose end is always waited for", () => {
    const first = "ScheduledJob$kubernetes:batch/v1:Job::retrain-first";

    assert.deepEqual(attempts(state({ [first]: job("u-7", ["Failed"]) })), {});
  });
});

describe("the services that limit who connects to their load balancer", () => {
  it("are those whose Service has source ranges", () => {
    const service = "InferenceService$kubernetes:core/v1:Service";
    const before = state({
      [`${service}::chat-service`]: { spec: { loadBalancerSourceRanges: ["203.0.113.0/24"] } },
      [`${service}::inner-service`]: { spec: { type: "ClusterIP" } },
    });

    assert.deepEqual([...limitedServices(before)], ["chat"]);
  });
});
