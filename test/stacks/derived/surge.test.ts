import assert from "node:assert/strict";
import { surgeCapacity } from "../../../stacks/derived/surge";
import { aPool } from "../../support/clusters";

const service = { namespace: "models", gpus: 1, replicas: 1, startup: 60, drain: 30 };
/** Seconds that one replica of such a service takes to be replaced on nodes that always run. */
const replacement = 140;

describe("the surge capacity", () => {
  it("is what the pool has left beside all its services", () => {
    const pools = { l4: aPool({ maxNodes: 9 }) };
    const capacity = surgeCapacity({ a: { ...service, replicas: 3 }, b: service }, {}, pools);

    assert.deepEqual(capacity, {
      a: { surgeSlots: 5, surgeWaitSeconds: 0 },
      b: { surgeSlots: 5, surgeWaitSeconds: 0 },
    });
  });

  it("is none on a full pool, where each makes its own room and waits for nobody", () => {
    const capacity = surgeCapacity({ a: service, b: service }, {}, { l4: aPool({ maxNodes: 2 }) });

    assert.deepEqual(capacity, {
      a: { surgeSlots: 0, surgeWaitSeconds: 0 },
      b: { surgeSlots: 0, surgeWaitSeconds: 0 },
    });
  });

  it("is taken in turn where it does not do for all at once", () => {
    const services = { a: { ...service, replicas: 2 }, b: service, c: service };
    const capacity = surgeCapacity(services, {}, { l4: aPool({ maxNodes: 6 }) });

    assert.deepEqual(capacity, {
      a: { surgeSlots: 2, surgeWaitSeconds: 2 * replacement },
      b: { surgeSlots: 2, surgeWaitSeconds: 3 * replacement },
      c: { surgeSlots: 2, surgeWaitSeconds: 3 * replacement },
    });
  });

  it("is held until the load balancers of the others have let their replicas go and taken the next", () => {
    const loadBalancer = { readyTime: 240, drainTime: 120 };
    const services = { a: { ...service, loadBalancer }, b: service };
    const capacity = surgeCapacity(services, {}, { l4: aPool({ maxNodes: 3 }) });

    assert.equal(capacity.a?.surgeWaitSeconds, replacement);
    assert.equal(capacity.b?.surgeWaitSeconds, replacement + 240 + 120);
  });

  it("is shared by all at once where it does for them", () => {
    const capacity = surgeCapacity({ a: service, b: service }, {}, { l4: aPool({ maxNodes: 4 }) });

    assert.deepEqual(capacity, {
      a: { surgeSlots: 2, surgeWaitSeconds: 0 },
      b: { surgeSlots: 2, surgeWaitSeconds: 0 },
    });
  });

  it("is counted in each service's own size: one large surge takes the slots of several small ones", () => {
    const pools = { h100: aPool({ name: "h100", gpusPerNode: 8, maxNodes: 1 }) };
    const large = { ...service, gpus: 3 };

    assert.deepEqual(surgeCapacity({ large, small: service }, {}, pools), {
      large: { surgeSlots: 1, surgeWaitSeconds: 0 },
      small: { surgeSlots: 4, surgeWaitSeconds: 0 },
    });
    assert.deepEqual(surgeCapacity({ large, small: { ...service, replicas: 2 } }, {}, pools), {
      large: { surgeSlots: 1, surgeWaitSeconds: 2 * replacement },
      small: { surgeSlots: 3, surgeWaitSeconds: replacement },
    });
  });

  it("is that of the pool a service runs on, named or the only one that will do", () => {
    const pools = { l4: aPool(), h100: aPool({ name: "h100", gpusPerNode: 8, maxNodes: 1 }) };
    const services = {
      named: { ...service, pool: "h100" },
      large: { ...service, gpus: 4 },
      other: { ...service, pool: "l4" },
    };

    assert.deepEqual(surgeCapacity(services, {}, pools), {
      named: { surgeSlots: 3, surgeWaitSeconds: 0 },
      large: { surgeSlots: 0, surgeWaitSeconds: 0 },
      other: { surgeSlots: 3, surgeWaitSeconds: 0 },
    });
  });

  it("is what jobs leave free, as if all of them ran", () => {
    const pools = { l4: aPool({ maxNodes: 4 }) };
    const train = { namespace: "models", gpus: 1, pool: "l4" };

    const slots = (jobs: Parameters<typeof surgeCapacity>[1]) =>
      surgeCapacity({ a: { ...service, replicas: 2 } }, jobs, pools).a?.surgeSlots;

    assert.deepEqual(
      [
        slots({}),
        slots({ train }),
        slots({ train, again: { ...train, pool: undefined } }),
        slots({ cpu: { ...train, gpus: 0, pool: undefined } }),
        slots({ together: { ...train, workers: 2 } }),
        slots({
          overlapping: { ...train, schedule: "0 * * * *", concurrency: "allow", timeout: 7200 },
        }),
      ],
      [2, 1, 0, 2, 0, 0],
    );
  });

  it("is what the quota of its namespace leaves, also without GPUs", () => {
    const cpu = { ...service, gpus: 0, replicas: 2 };
    const slots = (quota: object, jobs: Parameters<typeof surgeCapacity>[1] = {}) =>
      surgeCapacity({ a: cpu }, jobs, {}, { models: quota, other: { pods: 1 } }).a?.surgeSlots;

    assert.deepEqual(
      [slots({}), slots({ pods: 2 }), slots({ pods: 4 }), slots({ gpus: 0 })],
      [undefined, 0, 2, Infinity],
    );
    assert.deepEqual([slots({ cpu: "1400m" }), slots({ cpu: "2" })], [0, 2]);
    assert.deepEqual([slots({ memory: "3G" }), slots({ memory: "3Gi" })], [0, 1]);
    const train = { namespace: "models", gpus: 0 };
    assert.deepEqual([slots({ pods: 4 }, { train }), slots({ pods: 3 }, { train })], [1, 0]);
  });

  it("counts the containers beside the main one in a quota", () => {
    const cpu = { ...service, gpus: 0 };
    const slots = (entry: object, quota: object) =>
      surgeCapacity({ a: { ...cpu, ...entry } }, {}, {}, { models: quota }).a?.surgeSlots;

    const sidecars = { tokenizer: { cpu: "500m" }, plain: {} };
    assert.deepEqual(
      [
        slots({}, { cpu: "2" }),
        slots({ sidecars }, { cpu: "2" }),
        slots({ sidecars }, { cpu: "2100m" }),
      ],
      [3, 0, 1],
    );
    const modelUpdates = { from: "models" };
    const logs = { to: "stdout" };
    assert.deepEqual(
      [slots({}, { memory: "3Gi" }), slots({ modelUpdates }, { memory: "3Gi" })],
      [2, 1],
    );
    assert.deepEqual([slots({}, { memory: "2Gi" }), slots({ logs }, { memory: "2Gi" })], [1, 0]);
  });

  it("counts the container that GKE puts beside those of a pod that mounts a bucket", () => {
    const cpu = { ...service, gpus: 0 };
    const slots = (injectedSidecar: boolean) =>
      surgeCapacity({ a: { ...cpu, injectedSidecar } }, {}, {}, { models: { cpu: "1400m" } }).a
        ?.surgeSlots;

    assert.deepEqual([slots(false), slots(true)], [1, 0]);
  });

  it("is the smaller of what pool and quota leave, and taken in turn where either does not do for all at once", () => {
    const services = { a: service, b: service };
    const pools = { l4: aPool({ maxNodes: 9 }) };

    assert.deepEqual(surgeCapacity(services, {}, pools, { models: { gpus: 3 } }), {
      a: { surgeSlots: 1, surgeWaitSeconds: replacement },
      b: { surgeSlots: 1, surgeWaitSeconds: replacement },
    });
  });

  it("is no matter of services without GPUs", () => {
    const services = { cpu: { ...service, gpus: 0, pool: "l4" }, a: service };

    assert.deepEqual(surgeCapacity(services, {}, { l4: aPool() }), {
      a: { surgeSlots: 3, surgeWaitSeconds: 0 },
    });
  });
});
