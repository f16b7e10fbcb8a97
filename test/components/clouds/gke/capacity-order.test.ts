import assert from "node:assert/strict";
import { placedPool, plannedPools } from "../../../../components/clouds/gke/capacity-order";
import { l4Pool } from "../../../support/gke";

const reserved = { kind: "reserved", reservation: "r1", zone: "us-central1-b" } as const;

describe("the node pools that are planned on GKE", () => {
  it("are one for each capacity type: the nodes that always run belong to the first that stays", () => {
    const pool = l4Pool({
      ...{ nodes: { min: 3, max: 9 }, zones: ["us-central1-a", "us-central1-c"] },
      capacity: [{ kind: "spot" }, reserved, { kind: "on-demand" }],
    });

    assert.deepEqual(plannedPools({ l4: pool }), [
      {
        ...{ name: "l4", pool },
        nodePools: [
          {
            ...{ name: "l4-spot", type: { kind: "spot" }, zones: pool.zones },
            ...{ min: 0, max: 6, initialPerZone: 0 },
          },
          {
            ...{ name: "l4-reserved-r1", type: reserved, zones: ["us-central1-b"] },
            ...{ min: 3, max: 9, initialPerZone: 3 },
          },
          {
            ...{ name: "l4-on-demand", type: { kind: "on-demand" }, zones: pool.zones },
            ...{ min: 0, max: 6, initialPerZone: 0 },
          },
        ],
      },
    ]);
  });

  it("start with the minimum in the zones of the cluster, or in three of Google's choice", () => {
    const first = (zones?: string[]) =>
      plannedPools({ l4: l4Pool({ nodes: { min: 4, max: 9 } }) }, zones)[0]?.nodePools[0];

    assert.equal(first(["us-central1-a"])?.initialPerZone, 4);
    assert.equal(first()?.initialPerZone, 2);
  });

  it("are one pool to a pod, which tolerates its GPUs and its compute class", () => {
    const [planned] = plannedPools({ l4: l4Pool() });
    assert.ok(planned);
    const { nodeSelector, tolerations } = placedPool(planned);

    assert.deepEqual(nodeSelector, { "cloud.google.com/compute-class": "gpu-serving-l4" });
    assert.deepEqual(tolerations, [
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
      {
        ...{ key: "cloud.google.com/compute-class", value: "gpu-serving-l4" },
        ...{ operator: "Equal", effect: "NoSchedule" },
      },
    ]);
  });
});
