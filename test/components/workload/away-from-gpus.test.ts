import assert from "node:assert/strict";
import { awayFromGpus } from "../../../components/workload/scheduling";
import { aPool, deployChat, l4 } from "../../support/clusters";

const not = (key: string, value: string) => ({ key, operator: "NotIn", values: [value] });
const gpus = aPool({ untainted: true, nodeSelector: { "example.com/pool": "l4" } });
const cpu = aPool({ name: "cpu", gpusPerNode: 0 });
const term = { matchExpressions: [not("example.com/pool", "l4")] };

describe("pods without GPUs", () => {
  it("keep off GPU nodes of which no taint is known", () => {
    assert.deepEqual(awayFromGpus({ l4: gpus, cpu }), {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
    });
  });

  it("would rather be elsewhere where no pool of other nodes is described", () => {
    assert.deepEqual(awayFromGpus({ l4: gpus }), {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: term }],
    });
  });

  it("lack a label of each pool, whichever it is", () => {
    const two = aPool({ untainted: true, nodeSelector: { type: "gpu", zone: "a" } });

    assert.deepEqual(awayFromGpus({ l4: gpus, two, cpu }), {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [not("example.com/pool", "l4"), not("type", "gpu")] },
          { matchExpressions: [not("example.com/pool", "l4"), not("zone", "a")] },
        ],
      },
    });
  });

  it("need nothing where taints keep them off, and with a pool of their own", async () => {
    assert.equal(awayFromGpus({ l4: aPool(), cpu }), undefined);
    const taints = [{ key: "gpus", effect: "NoSchedule" as const }];
    const tainted = await deployChat({}, { pools: { l4: { ...l4, taints } } });
    const named = await deployChat({ pool: "l4" });
    const of = await deployChat({ gpus: 1 });

    for (const { pod } of [tainted, named, of]) assert.equal(pod("affinity"), undefined);
  });

  it("say so in their pods", async () => {
    const { pod } = await deployChat();

    assert.deepEqual(pod("affinity"), {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: term }],
      },
    });
  });
});
