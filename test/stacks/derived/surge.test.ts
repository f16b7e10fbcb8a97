import assert from "node:assert/strict";
import { surgeCapacity } from "../../../stacks/derived/surge";
import { aPool } from "../../support/clusters";

const service = { namespace: "models", gpus: 1, replicas: 1, startup: 60, drain: 30 };
/** Seconds that one replica of such a service takes to be replaced on nodes that always run. */
const replacement = 140;

describe("the surge capacity", () => {
  it("is what the pool has left beside all its services", () => {
    const pools = { l4: aPool({ maxNodes: 9 }) };
    const rooms = surgeCapacity({ a: { ...service, replicas: 3 }, b: service }, {}, pools);

    assert.deepEqual(rooms, { a: { spare: 5, spareWait: 0 }, b: { spare: 5, spareWait: 0 } });
  });

  it("is none on a full pool, where each makes its own room and waits for nobody", () => {
    const rooms = surgeCapacity({ a: service, b: service }, {}, { l4: aPool({ maxNodes: 2 }) });

    assert.deepEqual(rooms, { a: { spare: 0, spareWait: 0 }, b: { spare: 0, spareWait: 0 } });
  });

  it("is taken in turn where it does not do for all at once", () => {
    const services = { a: { ...service, replicas: 2 }, b: service, c: service };
    const rooms = surgeCapacity(services, {}, { l4: aPool({ maxNodes: 6 }) });

    assert.deepEqual(rooms, {
      a: { spare: 2, spareWait: 2 * replacement },
      b: { spare: 2, spareWait: 3 * replacement },
      c: { spare: 2, spareWait: 3 * replacement },
    });
  });

  it("is held until the load balancers of the others have let their replicas go and taken the next", () => {
    const loadBalancer = { readyTime: 240, drainTime: 120 };
    const services = { a: { ...service, loadBalancer }, b: service };
    const rooms = surgeCapacity(services, {}, { l4: aPool({ maxNodes: 3 }) });

    assert.equal(rooms.a?.spareWait, replacement);
    assert.equal(rooms.b?.spareWait, replacement + 240 + 120);
  });

  it("is shared by all at once where it does for them", () => {
    const rooms = surgeCapacity({ a: service, b: service }, {}, { l4: aPool({ maxNodes: 4 }) });

    assert.deepEqual(rooms, { a: { spare: 2, spareWait: 0 }, b: { spare: 2, spareWait: 0 } });
  });

  it("is counted in each service's own size: one large surge takes the slots of several small ones", () => {
    const pools = { h100: aPool({ name: "h100", gpusPerNode: 8, maxNodes: 1 }) };
    const large = { ...service, gpus: 3 };

    assert.deepEqual(surgeCapacity({ large, small: service }, {}, pools), {
      large: { spare: 1, spareWait: 0 },
      small: { spare: 4, spareWait: 0 },
    });
    assert.deepEqual(surgeCapacity({ large, small: { ...service, replicas: 2 } }, {}, pools), {
      large: { spare: 1, spareWait: 2 * replacement },
      small: { spare: 3, spareWait: replacement },
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
      named: { spare: 3, spareWait: 0 },
      large: { spare: 0, spareWait: 0 },
      other: { spare: 3, spareWait: 0 },
    });
  });

  it("is what jobs leave free, as if all of them ran", () => {
    const pools = { l4: aPool({ maxNodes: 4 }) };
    const train = { namespace: "models", gpus: 1, pool: "l4" };

    const room = (jobs: Parameters<typeof surgeCapacity>[1]) =>
      surgeCapacity({ a: { ...service, replicas: 2 } }, jobs, pools).a?.spare;

    assert.deepEqual(
      [
        room({}),
        room({ train }),
        room({ train, again: { ...train, pool: undefined } }),
        room({ cpu: { ...train, gpus: 0, pool: undefined } }),
        room({ together: { ...train, workers: 2 } }),
        room({
          overlapping: { ...train, schedule: "0 * * * *", concurrency: "allow", timeout: 7200 },
        }),
      ],
      [2, 1, 0, 2, 0, 0],
    );
  });

  it("is what the quota of its namespace leaves, also without GPUs", () => {
    const cpu = { ...service, gpus: 0, replicas: 2 };
    const room = (quota: object, jobs: Parameters<typeof surgeCapacity>[1] = {}) =>
      surgeCapacity({ a: cpu }, jobs, {}, { models: quota, other: { pods: 1 } }).a?.spare;

    assert.deepEqual(
      [room({}), room({ pods: 2 }), room({ pods: 4 }), room({ gpus: 0 })],
      [undefined, 0, 2, Infinity],
    );
    assert.deepEqual([room({ cpu: "1400m" }), room({ cpu: "2" })], [0, 2]);
    assert.deepEqual([room({ memory: "3G" }), room({ memory: "3Gi" })], [0, 1]);
    const train = { namespace: "models", gpus: 0 };
    assert.deepEqual([room({ pods: 4 }, { train }), room({ pods: 3 }, { train })], [1, 0]);
  });

  it("counts the containers beside the main one in a quota", () => {
    const cpu = { ...service, gpus: 0 };
    const room = (entry: object, quota: object) =>
      surgeCapacity({ a: { ...cpu, ...entry } }, {}, {}, { models: quota }).a?.spare;

    const sidecars = { tokenizer: { cpu: "500m" }, plain: {} };
    assert.deepEqual(
      [
        room({}, { cpu: "2" }),
        room({ sidecars }, { cpu: "2" }),
        room({ sidecars }, { cpu: "2100m" }),
      ],
      [3, 0, 1],
    );
    const modelUpdates = { from: "models" };
    const logs = { to: "stdout" };
    assert.deepEqual(
      [room({}, { memory: "3Gi" }), room({ modelUpdates }, { memory: "3Gi" })],
      [2, 1],
    );
    assert.deepEqual([room({}, { memory: "2Gi" }), room({ logs }, { memory: "2Gi" })], [1, 0]);
  });

  it("counts the container that GKE puts beside those of a pod that mounts a bucket", () => {
    const cpu = { ...service, gpus: 0 };
    const room = (injectedSidecar: boolean) =>
      surgeCapacity({ a: { ...cpu, injectedSidecar } }, {}, {}, { models: { cpu: "1400m" } }).a
        ?.spare;

    assert.deepEqual([room(false), room(true)], [1, 0]);
  });

  it("is the smaller of what pool and quota leave, and taken in turn where either does not do for all at once", () => {
    const services = { a: service, b: service };
    const pools = { l4: aPool({ maxNodes: 9 }) };

    assert.deepEqual(surgeCapacity(services, {}, pools, { models: { gpus: 3 } }), {
      a: { spare: 1, spareWait: replacement },
      b: { spare: 1, spareWait: replacement },
    });
  });

  it("is no matter of services without GPUs", () => {
    const services = { cpu: { ...service, gpus: 0, pool: "l4" }, a: service };

    assert.deepEqual(surgeCapacity(services, {}, { l4: aPool() }), {
      a: { spare: 3, spareWait: 0 },
    });
  });
});
