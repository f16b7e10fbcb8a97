import assert from "node:assert/strict";
import type { PlacedPool } from "../../../components/cluster/cluster";
import { podDemand, type PodFields, type Quota } from "../../../stacks/derived/demand";
import { surgeOf } from "../../../stacks/derived/surge";
import type { ServiceConfig, Stack } from "../../../stacks/stack";
import { aPool } from "../../support/clusters";

/** What matters of a workload here. */
type Given = Partial<PodFields & Pick<ServiceConfig, "pool" | "replicas" | "count">> & {
  scope?: "public";
  mounts?: Record<string, { volume: string }>;
};

/** A workload as a stack has it; `injected`: GKE puts a container into its pods. */
function workload(given: Given, injected = false) {
  const { gpus = 1, replicas = 1, count = replicas, sidecars = {} } = given;
  const expose: ServiceConfig["expose"] = { scope: given.scope ?? "cluster", allow: [] };
  const fields = { mounts: {}, ...given, gpus, replicas, count, sidecars, expose };
  const demand = podDemand(fields, injected);
  return { ...fields, namespace: "models", startup: 60, drain: 30, demand };
}

type Workloads = Record<string, Given | ReturnType<typeof workload>>;

const made = (of: Workloads) =>
  Object.fromEntries(
    Object.entries(of).map(([name, it]) => [name, "demand" in it ? it : workload(it)]),
  );

/** Slots and waiting time of each service. */
function surge(
  services: Workloads,
  pools: readonly Partial<PlacedPool>[],
  {
    jobs = {},
    quota = {},
    cluster = { kind: "existing" },
  }: { jobs?: Workloads; quota?: Quota; cluster?: object } = {},
) {
  const placed = pools.map((pool) => aPool(pool)).map((pool) => [pool.name, pool] as const);
  const namespaces = { models: { quota }, other: { quota: { pods: 1 } } };
  const volumes = { models: { kind: "disk", access: "one-node" }, shm: { kind: "memory" } };
  const stack = {
    ...{ services: made(services), jobs: made(jobs), namespaces, volumes },
    cluster,
  } as unknown as Stack;
  const capacity = surgeOf(stack, {
    pools: Object.fromEntries(placed),
    loadBalancer: () => ({ readyTime: 240, drainTime: 120 }),
  });
  return Object.fromEntries(
    Object.entries(capacity).map(([name, it]) => [name, [it.surgeSlots, it.surgeWaitSeconds]]),
  );
}

/** Seconds that one replica takes to be replaced on nodes that always run. */
const replacement = 140;
const h100 = { name: "h100", gpusPerNode: 8, maxNodes: 1 };

describe("the surge capacity", () => {
  for (const [claim, services, maxNodes, expected] of [
    [
      "what the pool has left beside all",
      { a: { replicas: 3 }, b: {} },
      9,
      { a: [5, 0], b: [5, 0] },
    ],
    ["none on a full pool, where nobody waits", { a: {}, b: {} }, 2, { a: [0, 0], b: [0, 0] }],
    ["shared by all at once where it does", { a: {}, b: {} }, 4, { a: [2, 0], b: [2, 0] }],
    ["no matter of services without GPUs", { b: { gpus: 0, pool: "l4" }, a: {} }, 4, { a: [3, 0] }],
  ] as const) {
    it(`is ${claim}`, () => assert.deepEqual(surge(services, [{ maxNodes }]), expected));
  }

  it("is taken in turn where it does not do for all at once", () => {
    assert.deepEqual(surge({ a: { replicas: 2 }, b: {}, c: {} }, [{ maxNodes: 6 }]), {
      a: [2, 2 * replacement],
      b: [2, 3 * replacement],
      c: [2, 3 * replacement],
    });
  });

  it("is not taken by a service without replicas, which has none to replace", () => {
    assert.deepEqual(surge({ stopped: { replicas: 0 }, b: {} }, [{ maxNodes: 2 }]), {
      ...{ stopped: [1, 0], b: [1, 0] },
    });
  });

  it("is held until the load balancers of the others have let their replicas go and taken the next", () => {
    assert.deepEqual(surge({ a: { scope: "public" }, b: {} }, [{ maxNodes: 3 }]), {
      a: [1, replacement],
      b: [1, replacement + 240 + 120],
    });
  });

  it("is counted in each service's own size: one large surge takes the slots of several small ones", () => {
    const large = { gpus: 3 };
    assert.deepEqual(surge({ large, small: {} }, [h100]), { large: [1, 0], small: [4, 0] });
    assert.deepEqual(surge({ large, small: { replicas: 2 } }, [h100]), {
      large: [1, 2 * replacement],
      small: [3, replacement],
    });
  });

  it("is that of the pool a service runs on, named or the only one that will do", () => {
    const services = { named: { pool: "h100" }, large: { gpus: 4 }, other: { pool: "l4" } };
    assert.deepEqual(surge(services, [{}, h100]), {
      ...{ named: [3, 0], large: [0, 0], other: [3, 0] },
    });
  });

  for (const [slots, claim, jobs] of [
    [2, "without a job", {}],
    [1, "beside a job on its pool", { train: { pool: "l4" } }],
    [0, "beside two, of which one finds the pool", { train: { pool: "l4" }, again: {} }],
    [2, "beside one without GPUs", { cpu: { gpus: 0 } }],
    [0, "beside one of two pods", { together: { count: 2 } }],
  ] as const) {
    it(`is what jobs leave free, as if all of them ran: ${slots} ${claim}`, () => {
      assert.equal(surge({ a: { replicas: 2 } }, [{ maxNodes: 4 }], { jobs }).a?.[0], slots);
    });
  }

  for (const [slots, quota, entry, jobs] of [
    [undefined, {}, { replicas: 2 }],
    [0, { pods: 2 }, { replicas: 2 }],
    [2, { pods: 4 }, { replicas: 2 }],
    [1, { pods: 4 }, { replicas: 2 }, { train: { gpus: 0 } }],
    [0, { pods: 3 }, { replicas: 2 }, { train: { gpus: 0 } }],
    [Infinity, { gpus: 0 }, { replicas: 2 }],
    [0, { cpu: "1400m" }, { replicas: 2 }],
    [2, { cpu: "2" }, { replicas: 2 }],
    [0, { memory: "3G" }, { replicas: 2 }],
    [1, { memory: "3Gi" }, { replicas: 2 }],
    [1, { memory: "4Gi" }, { memory: "2Gi" }],
    [0, { cpu: "2" }, { sidecars: { tokenizer: { cpu: "500m" }, plain: {} } }],
    [1, { cpu: "2100m" }, { sidecars: { tokenizer: { cpu: "500m" }, plain: {} } }],
    [1, { memory: "3Gi" }, { modelUpdates: { from: "bucket" } }],
    [0, { memory: "2Gi" }, { logs: {} }],
  ] as const) {
    const given = [quota, entry, ...(jobs ? [jobs] : [])].map((of) => JSON.stringify(of));
    it(`is ${slots} of what the quota of its namespace leaves: ${given.join(", ")}`, () => {
      const found = surge({ a: { gpus: 0, ...entry } }, [], { quota, jobs });
      assert.equal(found.a?.[0], slots);
    });
  }

  it("is what a quota leaves of each resource of GPUs for itself", () => {
    const pools = [{ maxNodes: 9 }, { name: "amd", maxNodes: 9, resource: "amd.com/gpu" }];
    const services = { a: { pool: "l4", replicas: 2 }, b: { pool: "amd", replicas: 3 } };
    const slots = (gpus: number) => surge(services, pools, { quota: { gpus } });
    assert.deepEqual(slots(4), { a: [2, 0], b: [1, 0] });
    assert.deepEqual(slots(3), { a: [1, 0], b: [0, 0] });
  });

  it("counts the container that GKE puts beside those of a pod that mounts a bucket", () => {
    const slots = (injected: boolean) =>
      surge({ a: workload({ gpus: 0 }, injected) }, [], { quota: { cpu: "1400m" } }).a?.[0];
    assert.deepEqual([slots(false), slots(true)], [1, 0]);
  });

  it("is the smaller of what pool and quota leave, and taken in turn where either does not do for all at once", () => {
    const slots = (gpus: number) => surge({ a: {}, b: {} }, [{ maxNodes: 9 }], { quota: { gpus } });
    assert.deepEqual(slots(3), { a: [1, replacement], b: [1, replacement] });
    assert.deepEqual(slots(4), { a: [2, 0], b: [2, 0] });
  });

  describe("where a disk keeps the pods of a service without GPUs on one node", () => {
    const cpuPool = {
      ...{ name: "cpu", gpu: undefined, gpusPerNode: 0, gpusPerPod: 0 },
      room: { millicores: 8000, memoryMiB: 28 * 1024 },
    };
    const mounts = { "/models": { volume: "models/chat" } };
    const onPool = { gpus: 0, pool: "cpu" };

    for (const [slots, claim, services, maxNodes] of [
      [0, "none where the node has no CPU for two", { a: { cpu: "5", mounts } }, 4],
      [0, "none where it has no memory for two", { a: { memory: "15Gi", mounts } }, 4],
      [1, "one where it has room for two", { a: { cpu: "4", mounts } }, 4],
      [0, "none where others can fill it", { a: { cpu: "4", mounts }, b: { cpu: "1" } }, 4],
      [1, "no matter where the pods mount none", { a: { cpu: "5" } }, 2],
      [
        ...[1, "no matter of memory"],
        { a: { cpu: "5", mounts: { "/m": { volume: "shm" } } } },
        2,
      ] as const,
    ] as const) {
      it(`is ${claim}`, () => {
        const on = Object.entries(services).map(
          ([name, it]) => [name, { ...onPool, ...it }] as const,
        );
        const pools = [{ ...cpuPool, maxNodes }];
        assert.equal(surge(Object.fromEntries<Given>(on), pools).a?.[0], slots);
      });
    }

    for (const [slots, cpu] of [
      [0, "1"],
      [1, "900m"],
    ] as const) {
      it(`is counted on the cluster's own nodes where the pods name no pool: ${slots} of ${cpu}`, () => {
        const cluster = { kind: "eks" };
        const found = surge({ a: { gpus: 0, cpu, mounts } }, [], { cluster });
        assert.deepEqual(found, { a: [slots, 0] });
      });
    }

    it("is not known on the nodes of a cluster of others", () => {
      assert.deepEqual(surge({ a: { gpus: 0, cpu: "1", mounts } }, []), {});
    });

    it("is taken in turn by those who share it", () => {
      const services = { a: { ...onPool, cpu: "2500m", mounts }, b: { ...onPool, mounts } };
      const found = surge(services, [{ ...cpuPool, room: { ...cpuPool.room, millicores: 5500 } }]);
      assert.deepEqual(found, { a: [1, replacement], b: [5, replacement] });
    });
  });
});
