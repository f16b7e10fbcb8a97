import assert from "node:assert/strict";
import type { Cluster } from "../../../components/cluster/cluster";
import {
  planService,
  withDefaults,
  type InferenceServiceArgs,
} from "../../../components/serving/service-plan";
import type { Volume } from "../../../components/workload/volumes";
import { aPool } from "../../support/clusters";

const disk: Volume = { kind: "claim", name: "models", claim: "models" };
const cluster = { loadBalancer: () => ({ drainTime: 300 }) } as unknown as Cluster;

function plan(args: Partial<InferenceServiceArgs>, pool = aPool()) {
  const all = { cluster, namespace: "models", image: "chat:v1", gpus: 1, ...args };
  return planService("chat", withDefaults(all), pool);
}

describe("the plan of a service", () => {
  it("has surge capacity where the pool holds one replica more, or where no GPU is asked for", () => {
    for (const [args, maxSurge] of [
      [{ replicas: 1 }, 1],
      [{ replicas: 3 }, 1],
      [{ replicas: 4 }, 0],
      [{ gpus: 0, replicas: 40 }, 1],
    ] as const) {
      const { rollingUpdate, warnings } = plan(args);
      assert.deepEqual([rollingUpdate.maxSurge, warnings], [maxSurge, []]);
    }
  });

  it("has none on a pool of several nodes where a disk ties the replicas to one, and says what avoids it", () => {
    const mounts = { "/models": { volume: disk, write: false } };
    const tied = [
      plan({ mounts }),
      plan({ mounts, surgeSlots: 3 }),
      plan({ modelUpdates: { from: { volume: disk }, to: "/models", every: 60 } }),
    ];
    for (const { rollingUpdate, warnings } of tied) {
      assert.equal(rollingUpdate.maxSurge, 0);
      assert.match(warnings[0] ?? "", /It mounts a disk, .* a bucket, .* avoids it\.$/);
    }
  });

  it("counts the slots of a pool of one node, disk or not, and needs none where no GPU is asked for", () => {
    const mounts = { "/models": { volume: disk, write: false } };
    const node = aPool({ gpusPerNode: 8, gpusPerPod: 8, maxNodes: 1 });
    assert.equal(plan({ mounts }, node).rollingUpdate.maxSurge, 1);
    assert.equal(plan({ mounts, gpus: 0 }).rollingUpdate.maxSurge, 1);
  });

  it("has without GPUs none beside a disk where nodes hold only so much, unless somebody counted them", () => {
    const mounts = { "/models": { volume: disk, write: false } };
    const room = { millicores: 8000, memoryMiB: 28_672 };
    const nodes = aPool({ gpusPerNode: 0, gpusPerPod: 0, room });
    const surge = (args: Partial<InferenceServiceArgs>, pool = nodes) =>
      plan({ gpus: 0, ...args }, pool).rollingUpdate.maxSurge;
    assert.deepEqual(
      [surge({ mounts }), surge({ mounts, surgeSlots: 1 }), surge({ mounts, surgeSlots: 0 })],
      [0, 1, 0],
    );
    assert.deepEqual([surge({}), surge({ mounts }, { ...nodes, room: undefined })], [1, 1]);
    const { warnings } = plan({ gpus: 0, mounts }, nodes);
    assert.match(warnings[0] ?? "", /on pool l4 .* It mounts a disk, /);
  });

  it("warns of nodes that go before the load balancer has left them, and of downtime", () => {
    const spot = { capacity: "spot", notice: 25, provisionTime: 900, maxNodes: 1 } as const;
    const pool = aPool({ maxNodes: 1, capacityTypes: [spot] });
    const { warnings, doors } = plan({ expose: { scope: "internal" } }, pool);
    assert.equal(warnings.length, 2);
    assert.match(warnings[0] ?? "", /^a spot node of pool l4 ends 25 s after its notice/);
    assert.match(warnings[1] ?? "", /^one replica and no surge capacity on pool l4 /);
    assert.deepEqual(doors, [{ port: 8000, open: true }]);
  });
});
