import assert from "node:assert/strict";
import { fromFile, refusal } from "../stack-files";

/** What is said of a service on a cluster with the volume `models`. */
function refused(entry: string, volume = "{ disk: 50Gi }", gpusPerNode = 1) {
  return refusal(() =>
    fromFile({
      "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  pools: { l4: { gpu: L4, gpusPerNode: ${gpusPerNode}, select: { gpu: l4 }, nodes: { max: 4 } } }
  volumes: { models: ${volume} }
  services:
    chat: ${entry}`,
    }),
  );
}

const model = "model: Qwen/Qwen3-8B-AWQ";

describe("mounts of a model", () => {
  it("leave the entry's own at other paths, and are refused in place of them", () => {
    assert.match(
      refused(`{ ${model}, cache: models/a, mounts: { /cache/weights: models/b } }`),
      /mounts\["\/cache\/weights"\]: the path at which cache is mounted[^]*mount it elsewhere, or remove cache/,
    );
    const from = "model: { name: Qwen/Qwen3-8B-AWQ, from: models/q }";
    assert.match(
      refused(`{ ${from}, mounts: { /model: models/other } }`),
      /mounts\["\/model"\]: the path at which model\.from is mounted/,
    );
    assert.equal(
      refused(`{ ${from}, cache: models/a, mounts: { /data: models/b } }`),
      "nothing was refused",
    );
  });

  it("are told of at the keys that they follow from, once", () => {
    const cache = refused(`{ ${model}, cache: nope }`);
    assert.match(
      cache,
      /^1 problem[^]*services\.chat\.cache: volume nope is not declared\n +found: +"nope"\n/,
    );
    const from = refused("{ model: { name: Qwen/Qwen3-8B-AWQ, from: nope/q } }");
    assert.match(
      from,
      /^1 problem[^]*services\.chat\.model\.from: volume nope is not declared\n +found: +"nope\/q"\n/,
    );
  });

  it("of a disk are offered one node where it holds all replicas, and nowhere else", () => {
    const entry = `{ ${model}, cache: models, replicas: 2 }`;
    const apart = refused(entry);
    assert.match(apart, /services\.chat\.cache: 2 pods on nodes of their own/);
    assert.doesNotMatch(apart, /one-node/);
    assert.match(refused(entry, undefined, 2), /with access: one-node on volumes\.models/);
  });
});
