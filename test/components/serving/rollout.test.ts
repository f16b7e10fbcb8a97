import assert from "node:assert/strict";
import { reclaimedEarly, strategy, times } from "../../../components/serving/rollout";
import { aPool } from "../../support/clusters";

describe("the strategy of a rollout", () => {
  it("starts one new replica first where there is surge capacity, and stops an old one first where there is none", () => {
    for (const slots of [1, 9])
      assert.deepEqual(strategy(slots), { maxSurge: 1, maxUnavailable: 0 });
    assert.deepEqual(strategy(0), { maxSurge: 0, maxUnavailable: 1 });
  });
});

describe("the times of a rollout", () => {
  const facts = { replicas: 3, startup: 60, drain: 30 };

  it("are these for three CPU replicas that start in a minute and drain in half a one", () => {
    assert.deepEqual(times(facts), {
      startup: 60,
      preStop: 15,
      terminationGrace: 55,
      minReady: 10,
      progressDeadline: 140,
      rollout: 420,
    });
  });

  it("kill no replica that is still draining after its pause", () => {
    for (const drain of [0, 30, 3600]) {
      const { preStop, terminationGrace } = times({ ...facts, drain });
      assert.ok(terminationGrace > preStop + drain, `${drain} s`);
    }
  });

  it("call no rollout failed while the replica before still drains on the slot it needs", () => {
    const late = times({ ...facts, drain: 3600 });
    const { progressDeadline, terminationGrace, startup, minReady } = late;
    assert.ok(progressDeadline > terminationGrace + startup + minReady);
  });

  it("count the node's provisioning on every capacity type, since one is tried after the other", () => {
    const capacityType = { notice: 0, maxNodes: 4 };
    const pool = aPool({
      capacityTypes: [
        { ...capacityType, capacity: "spot", provisionTime: 300 },
        { ...capacityType, capacity: "on-demand", provisionTime: 900 },
      ],
    });
    const longer = times({ ...facts, pool }).progressDeadline - times(facts).progressDeadline;
    assert.equal(longer, 300 + 900);
  });

  it("stop no replica that the load balancer still sends new connections to, and wait for it to send them to the next", () => {
    const exposed = times({ ...facts, loadBalancer: { readyTime: 240, drainTime: 120 } });

    assert.equal(exposed.preStop, 15 + 120);
    assert.equal(exposed.terminationGrace, 55 + 120);
    assert.equal(exposed.progressDeadline, 140 + 120 + 240);
    assert.equal(exposed.rollout, 3 * (140 + 120 + 240));
    assert.deepEqual(times({ ...facts, loadBalancer: {} }), times(facts));
  });

  it("are longer than a notice, and it is said, where the load balancer takes longer than that", () => {
    const spot = (notice: number) =>
      aPool({ capacityTypes: [{ capacity: "spot", notice, provisionTime: 300, maxNodes: 4 }] });

    assert.match(
      reclaimedEarly({ preStop: 135 }, spot(120)).join(),
      /^a spot node of pool l4 ends 120 s after its notice, .* for 135 s, so some are lost/,
    );
    assert.deepEqual(reclaimedEarly({ preStop: 120 }, spot(120)), []);
    assert.deepEqual(reclaimedEarly({ preStop: 135 }, aPool()), []);
    assert.deepEqual(reclaimedEarly({ preStop: 135 }), []);
  });

  it("wait once in a rollout for slots that other rollouts hold", () => {
    const waiting = times({ ...facts, surgeWaitSeconds: 500 });
    assert.equal(waiting.progressDeadline - times(facts).progressDeadline, 500);
    assert.equal(waiting.rollout - times(facts).rollout, 500);
  });

  it("add up over the replicas", () => {
    assert.equal(times({ ...facts, replicas: 1 }).rollout, 140);
    assert.equal(times({ ...facts, replicas: 10 }).rollout, 1400);
  });
});
