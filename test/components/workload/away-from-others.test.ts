import assert from "node:assert/strict";
import type { PlacedPool } from "../../../components/cluster/cluster";
import { awayFromOthers } from "../../../components/workload/scheduling";
import { aPool, deployChat, l4 } from "../../support/clusters";

const not = (key: string, value: string) => ({ key, operator: "NotIn", values: [value] });
const gpus = aPool({ untainted: true, nodeSelector: { "example.com/pool": "l4" } });
const cpu = aPool({ gpusPerNode: 0, untainted: true, nodeSelector: { "example.com/pool": "cpu" } });
const arm = aPool({
  gpusPerNode: 0,
  untainted: true,
  arch: "arm64",
  nodeSelector: { type: "arm" },
});
const term = { matchExpressions: [not("example.com/pool", "l4")] };

describe("pods without GPUs", () => {
  it("keep off GPU nodes of which no taint is known", () => {
    assert.deepEqual(awayFromOthers({ l4: gpus, cpu }), {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
    });
  });

  it("would rather be elsewhere where no pool of other nodes is described", () => {
    assert.deepEqual(awayFromOthers({ l4: gpus }), {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: term }],
    });
  });

  it("keep off ARM nodes of which no taint is known, because images are built for amd64", () => {
    const armless = { matchExpressions: [not("kubernetes.io/arch", "arm64")] };

    assert.deepEqual(awayFromOthers({ arm, cpu }), {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [armless] },
    });
    assert.deepEqual(awayFromOthers({ arm }), {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: armless }],
    });
    assert.equal(awayFromOthers({ arm: { ...arm, untainted: false }, cpu }), undefined);
  });

  it("would rather be elsewhere where a taint keeps them off the other nodes that are described", () => {
    const tainted = { ...cpu, untainted: false };

    assert.deepEqual(awayFromOthers({ l4: gpus, tainted }), awayFromOthers({ l4: gpus }));
  });

  it("lack the labels of many pools in as many terms as there are keys", () => {
    const many = Array.from({ length: 9 }, (_, at): [string, PlacedPool] => {
      const nodeSelector = { type: "gpu", "example.com/pool": `gpu-${at}`, zone: `zone-${at % 2}` };
      return [`gpu-${at}`, aPool({ untainted: true, nodeSelector })];
    });
    const names = many.map(([name]) => name);
    const all = (key: string, values: string[]) => ({
      matchExpressions: [{ key, operator: "NotIn", values }],
    });

    assert.deepEqual(awayFromOthers({ ...Object.fromEntries(many), cpu }), {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          all("example.com/pool", names),
          all("type", ["gpu"]),
          all("zone", ["zone-0", "zone-1"]),
        ],
      },
    });
  });

  it("lack a label of a pool that no node that they may run on has", () => {
    const a100 = aPool({ untainted: true, nodeSelector: { disk: "ssd", gpu: "a100" } });
    const open = { ...cpu, nodeSelector: { disk: "ssd" } };
    const terms = awayFromOthers({ a100, l4: gpus, open });

    assert.deepEqual(terms?.requiredDuringSchedulingIgnoredDuringExecution, {
      nodeSelectorTerms: [
        { matchExpressions: [not("disk", "ssd"), not("example.com/pool", "l4")] },
        { matchExpressions: [not("example.com/pool", "l4"), not("gpu", "a100")] },
      ],
    });
  });

  it("lack a label of each pool, whichever it is", () => {
    const two = aPool({ untainted: true, nodeSelector: { type: "gpu", zone: "a" } });

    assert.deepEqual(awayFromOthers({ l4: gpus, two, cpu }), {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [not("example.com/pool", "l4"), not("type", "gpu")] },
          { matchExpressions: [not("example.com/pool", "l4"), not("zone", "a")] },
        ],
      },
    });
  });

  it("need nothing where taints keep them off, and with a pool of their own", async () => {
    assert.equal(awayFromOthers({ l4: aPool(), cpu }), undefined);
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
