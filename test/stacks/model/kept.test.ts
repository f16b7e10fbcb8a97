import assert from "node:assert/strict";
import { fromFile, refusal } from "../stack-files";

const existing = "{ kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }";

const stackOf = (entry: string, volume: string, cluster = existing) =>
  fromFile({
    "Pulumi.prod.yaml": `
config:
${entry.includes("hubToken") ? "  hubToken: { secure: hf_x }\n" : ""}  cluster: ${cluster}
  pools:
    ${
      cluster === existing
        ? "h100: { gpu: H100, gpusPerNode: 8, select: { gpu: h100 }, nodes: { max: 1 } }"
        : "h100: { gpu: H100, gpusPerNode: 8, nodes: { max: 1 }, disk: 500Gi }"
    }
  namespaces: { chat: {} }
  volumes: { models: ${volume} }
  services:
    chat: ${entry}`,
  });

const llama = "meta-llama/Llama-3.3-70B-Instruct";

describe("what a model keeps between its starts", () => {
  for (const volume of ["{ disk: 10Gi }", "{ nodeCache: 10Gi }", "{ memory: 10Gi }"]) {
    it(`is on a volume that holds its weights: not ${volume}`, () => {
      const said = refusal(() =>
        stackOf(`{ model: ${llama}, token: hubToken, cache: models }`, volume),
      );
      assert.match(
        said,
        /chat\.cache: too small: the weights of \S+ have 132 GiB, and models has 10Gi/,
      );
      assert.match(said, /write 160Gi as the size of models/);
    });
  }

  it("is on any disk that holds them", () => {
    assert.ok(stackOf(`{ model: ${llama}, token: hubToken, cache: models }`, "{ disk: 160Gi }"));
  });

  it("is small where weights come from a volume", () => {
    const model = `{ name: ${llama}, from: /weights }`;
    assert.ok(stackOf(`{ model: ${model}, token: hubToken, cache: models }`, "{ disk: 20Gi }"));
  });

  it("is on no bucket", () => {
    const eks = "{ kind: eks, region: us-east-1, access: [203.0.113.0/24] }";
    const said = refusal(() =>
      stackOf("{ model: Qwen/Qwen3-8B-AWQ, cache: models/x }", "{ bucket: acme-models }", eks),
    );
    assert.match(said, /chat\.cache: a bucket, in which files are not changed, renamed and locked/);
  });
});

describe("what several pods keep between their starts", () => {
  const giant =
    "{ model: deepseek-ai/DeepSeek-V3.2, contextTokens: 8192, nodesPerReplica: 4, cache: kept }";
  const of = (entry: string, volume: string) =>
    fromFile({
      "Pulumi.prod.yaml": `
config:
  gcp:project: acme-ml
  cluster: { kind: gke, region: us-central1 }
  leaderWorkerSet: install
  pools: { h100: { gpu: H100, gpusPerNode: 8, nodes: { max: 4 } } }
  volumes: { kept: ${volume} }
  services: { chat: ${entry} }`,
    });
  const two = "{ model: Qwen/Qwen3-8B-AWQ, replicas: 2, cache: kept }";

  for (const [volume, entry] of [
    ["{ disk: 900Gi }", giant],
    ["{ disk: 900Gi }", two],
    ["{ disk: 900Gi, access: one-node }", giant],
    ["{ claim: files }", giant],
    ["{ bucket: acme }", giant],
    ["{ bucket: acme }", two],
  ] as const) {
    it(`is in a claim that many nodes mount, or on each node: not ${volume} of ${entry}`, () => {
      const text = refusal(() => of(entry, volume));

      assert.match(text, /services\.chat\.cache: /);
      assert.doesNotMatch(text, /use a bucket|a bucket,? or|allowed: +a bucket|on a disk, for/);
      assert.match(text, /many nodes mount|access: any-node/);
    });
  }

  it("is taken there", () => {
    for (const volume of ["{ claim: files, access: any-node }", "{ nodeCache: 900Gi }"]) {
      const text = refusal(() => of(giant, volume));
      assert.doesNotMatch(text, /services\.chat\.cache/, volume);
    }
  });
});
