import assert from "node:assert/strict";
import { fromFile, refusal } from "../stack-files";

/** What to do about an entry, as its refusal says. */
const fixOf = (entry: string, offers = "") =>
  /do: +(.*)/.exec(
    refusal(() =>
      fromFile({
        "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  pools:
    l4: { gpu: L4, select: { gpu: l4 }, nodes: { max: 4 }${offers} }
  services:
    chat: { ${entry} }`,
      }),
    ),
  )?.[1];
const model = "model: Qwen/Qwen3-8B-AWQ";

describe("what is said of a model", () => {
  for (const address of ["hf.co", "huggingface.co", "https://huggingface.co"]) {
    it(`names the repository behind ${address}`, () => {
      assert.equal(fixOf(`model: ${address}/Qwen/Qwen3-8B-AWQ`), "write Qwen/Qwen3-8B-AWQ");
    });
  }

  it("names the key of a secret that is written as in env", () => {
    assert.equal(fixOf(`${model}, apiKey: { secret: chatKey }`), "write the key alone: chatKey");
    assert.equal(
      fixOf(`${model}, apiKey: { secret: "chat key" }`),
      "write one text, for example apiToken",
    );
  });

  it("names a token with the command that stores it", () => {
    assert.match(
      fixOf("model: meta-llama/Llama-3.1-8B-Instruct") ?? "",
      /store it with pulumi config set --secret hubToken, and write token: hubToken$/,
    );
  });

  it("names the task of models that rerank", () => {
    assert.match(
      fixOf("model: { name: BAAI/bge-reranker-v2-m3, task: rerank, size: 2Gi, config: c.json }") ??
        "",
      /^write classify/,
    );
  });

  it("names memory in whole units", () => {
    assert.match(fixOf(model, ", offers: { cpu: 4, memory: 3Gi }") ?? "", /write memory: 4Gi$/);
  });
});
