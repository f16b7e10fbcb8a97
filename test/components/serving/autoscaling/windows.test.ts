import assert from "node:assert/strict";
import { behavior, startTime, windows } from "../../../../components/serving/autoscaling/windows";
import { aPool } from "../../../support/clusters";

describe("the windows of a service", () => {
  it("start from provisioning over all capacity types, the start of the server and its load balancer", () => {
    const capacity = (provisionTime: number) => ({
      ...{ capacity: "spot" as const, notice: 30, maxNodes: 4, provisionTime },
    });
    const pool = aPool({ capacityTypes: [capacity(600), capacity(300)] });
    const times = { startup: 240, minReady: 10 };

    assert.equal(startTime(times, pool, { readyTime: 60 }), 600 + 300 + 240 + 60 + 10);
    assert.equal(startTime(times), 250);
  });

  it("add one replica in the time that one takes to start, and keep what is not needed for as long", () => {
    assert.deepEqual(windows(900), { up: 30, upEvery: 900, down: 900, downEvery: 120 });
  });

  it("keep replicas that start fast for five minutes", () => {
    assert.deepEqual(windows(40), { up: 30, upEvery: 40, down: 300, downEvery: 120 });
  });

  it("stay within what Kubernetes takes", () => {
    assert.deepEqual(windows(7200), { up: 30, upEvery: 1800, down: 3600, downEvery: 120 });
  });

  it("are those of the service where it says them, each for itself", () => {
    const said = windows(900, { scaleUp: { every: 60 }, scaleDown: { window: 0 } });

    assert.deepEqual(said, { up: 30, upEvery: 60, down: 0, downEvery: 120 });
  });

  it("are the behavior of a HorizontalPodAutoscaler that changes one replica at a time", () => {
    assert.deepEqual(behavior({ up: 1, upEvery: 2, down: 3, downEvery: 4 }), {
      scaleUp: {
        stabilizationWindowSeconds: 1,
        policies: [{ type: "Pods", value: 1, periodSeconds: 2 }],
      },
      scaleDown: {
        stabilizationWindowSeconds: 3,
        policies: [{ type: "Pods", value: 1, periodSeconds: 4 }],
      },
    });
  });
});
