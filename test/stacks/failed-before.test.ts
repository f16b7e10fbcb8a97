import assert from "node:assert/strict";
import { attempts } from "../../stacks/failed-before";
import { stateBefore } from "../../stacks/state-before";

const urn = (type: string, name: string) =>
  `urn:pulumi:prod::gpu-serving::gpu-serving:index:${type}$kubernetes:batch/v1:Job::${name}`;

/** A Job as the state has it, with conditions that are so. */
const job = (uid: string, conditions: string[], attempt?: string) => ({
  type: "kubernetes:batch/v1:Job",
  outputs: {
    metadata: { uid },
    spec: {
      template: {
        metadata: attempt ? { annotations: { "gpu-serving/attempt": attempt } } : {},
      },
    },
    status: {
      startTime: "2026-11-22T03:00:00Z",
      ...(conditions.length > 0 && {
        conditions: conditions.map((type) => ({ type, status: "True" })),
      }),
    },
  },
});

const of = (outputs: Record<string, object>) => attempts(stateBefore({ name: "prod", outputs }));

describe("the attempts of jobs after the last up", () => {
  it("are new for what failed", () => {
    const failed = job("u-2", ["FailureTarget", "Failed"], "u-1");

    assert.deepEqual(of({ [urn("BatchJob", "train")]: failed }), { train: "u-2" });
  });

  it("are as they were for what goes on, succeeded or is suspended", () => {
    const state = {
      [urn("BatchJob", "running")]: job("u-3", [], "u-0"),
      [urn("BatchJob", "done")]: job("u-4", ["SuccessCriteriaMet", "Complete"], "u-0"),
      [urn("BatchJob", "suspended")]: job("u-5", ["Suspended"]),
      [urn("BatchJob", "first")]: job("u-6", []),
    };

    assert.deepEqual(of(state), { running: "u-0", done: "u-0" });
  });

  it("are those of jobs that run once, and of no first run, whose end is always waited for", () => {
    const state = {
      [urn("ScheduledJob", "retrain-first")]: job("u-7", ["Failed"]),
      "urn:pulumi:prod::gpu-serving::pulumi:pulumi:Stack::gpu-serving-prod": {
        type: "pulumi:pulumi:Stack",
        outputs: {},
      },
    };

    assert.deepEqual(of(state), {});
  });

  it("are none before the first up", () => {
    assert.deepEqual(of({}), {});
  });
});
