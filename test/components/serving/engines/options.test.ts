import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Engine, ServedModel } from "../../../../components/serving/engines/engine";
import { adapterRoom } from "../../../../components/serving/engines/adapter-room";
import {
  engineProblems,
  engines,
  type EngineName,
} from "../../../../components/serving/engines/engines";
import { served } from "./served";

/** What an engine's own source says, as `test/fixtures/engines/record.py` read it. */
interface Recorded {
  version: string;
  options: Record<string, string[] | null>;
  flags: string[];
  metrics: string[];
  variables: string[];
}

const recorded = (file: string) =>
  JSON.parse(readFileSync(`test/fixtures/engines/${file}-options.json`, "utf8")) as Recorded;

const hub = { kind: "hub", revision: "0123abc" } as const;
const bucket = { kind: "bucket", url: "s3://models/qwen3" } as const;
const folder = { kind: "folder", path: "/models/qwen3" } as const;
const embed = { task: "embed", weightType: "bf16" } as const;
const gguf = { task: "generate", weightType: "gguf", file: "qwen3.Q4_K_M.gguf" } as const;
const onCpu = { gpus: 0, tensorParallel: 1 };

/** Entries that bring every argument that an engine writes into its command line. */
const models: Record<EngineName, ServedModel[]> = {
  vllm: [
    served({ weights: hub, adapters: { support: "acme/lora", legal: "/loras/legal" } }),
    served({ weights: bucket, fit: { gpus: 4, tensorParallel: 4, cacheType: "fp8" } }),
    served({ fit: { nodes: 2, gpus: 8, tensorParallel: 8, pipelineParallel: 2 } }),
    served({ shape: embed, fit: { concurrency: 512, computeType: "float16" } }),
  ],
  sglang: [
    served({ weights: hub, adapters: { support: "acme/lora" }, protected: true }),
    served({ weights: bucket, fit: { cacheType: "fp8", computeType: "float16" } }),
    served({ shape: embed, fit: { nodes: 2, gpus: 8, tensorParallel: 8, pipelineParallel: 2 } }),
  ],
  "llama.cpp": [
    served({ shape: gguf }),
    served({ shape: gguf, weights: hub }),
    served({ shape: { ...gguf, task: "embed" }, weights: folder, cpus: 4, fit: onCpu }),
  ],
  tei: [
    served({ shape: embed, weights: hub }),
    served({ shape: { ...embed, task: "classify" }, weights: folder }),
  ],
};

/** Variables that decide what follows from entries; of llama.cpp, all that stand for arguments. */
const ownVariables: Record<EngineName, RegExp> = {
  vllm: /^VLLM_(PORT|USE_MODELSCOPE|CACHE_ROOT|PP_LAYER_PARTITION|DP_(RANK|RANK_LOCAL|SIZE|MASTER_IP|MASTER_PORT))$/,
  sglang: /^SGLANG_(PORT|GRPC_PORT|USE_MODELSCOPE)$/,
  "llama.cpp": /^LLAMA_ARG_/,
  tei: /^(MODEL_ID|REVISION|MAX_BATCH_TOKENS|API_KEY|DTYPE|HF_TOKEN|HF_API_TOKEN|SERVED_MODEL_NAME|HUGGINGFACE_HUB_CACHE|HOSTNAME|PORT|PROMETHEUS_PORT)$/,
};

/** What the image of an engine has its cache, its home and its libraries' settings in, besides its own variables. */
const common = ["HOME", "USER", "HF_HOME", "HF_HUB_OFFLINE", "RUNAI_STREAMER_MEMORY_LIMIT"];

describe("the beginning of a name", () => {
  for (const [name, ...engineArgs] of [
    ["sglang", "--tp", "2"],
    ["sglang", "--dp", "2"],
    ["sglang", "--ho=::"],
    ["vllm", "--ru", "pooling"],
    ["vllm", "--dt", "half"],
    ["vllm", "-t", "2"],
    ["vllm", "--enable-prefix-cac", "oops"],
  ] as const) {
    it(`stands for the option that alone begins so, in ${name}: ${engineArgs.join(" ")}`, () => {
      const of = served({ ...models[name][0], engineArgs });
      assert.equal(engineProblems(name, of).length, 1);
    });
  }
});

describe("an argument that the engine ends or asks elsewhere with", () => {
  for (const [name, ...engineArgs] of [
    ["vllm", "--grpc"],
    ["vllm", "--prefill-context-parallel-size", "2"],
    ["vllm", "--data-parallel-size-local", "4"],
    ["vllm", "--help"],
    ["sglang", "--grpc-mode"],
    ["sglang", "--base-gpu-id", "1"],
    ["llama.cpp", "--gpt-oss-20b-default"],
    ["llama.cpp", "--reranking"],
    ["llama.cpp", "--version"],
    ["tei", "--dtype", "float32"],
    ["tei", "-V"],
  ] as const) {
    it(`is refused: ${name} ${engineArgs.join(" ")}`, () => {
      const of = served({ ...models[name][0], engineArgs });
      assert.equal(engineProblems(name, of).length, 1);
    });
  }

  it("is refused on several nodes where the pods without a server do not start with it", () => {
    const engineArgs = ["--api-server-count", "2"];
    const across = (nodes: number) =>
      engineProblems("vllm", served({ engineArgs, fit: { nodes } })).map(({ fix }) => fix);
    assert.deepEqual(across(1), []);
    assert.match(across(2).join(), /^remove it, because the pods .* have no server/);
  });
});

describe("room for adapters", () => {
  const adapters = { a: "acme/a" };
  const said = (name: EngineName, ...engineArgs: string[]) =>
    engineProblems(name, served({ ...models[name][0], adapters, engineArgs })).length;
  const room = (name: "vllm" | "sglang", ...engineArgs: string[]) =>
    adapterRoom(engines[name], 1, engineArgs);

  it("is that of the arguments, where they say it", () => {
    assert.deepEqual(room("vllm"), { count: 1 });
    assert.deepEqual(room("vllm", "--max-loras", "64"), { count: 64 });
    assert.deepEqual(room("vllm", "--max-lora-r", "512"), { count: 1, rank: 512 });
    assert.deepEqual(room("sglang", "--max-loras-per-b=64"), { count: 64 });
    assert.deepEqual(room("sglang"), { count: 2 });
  });

  it("has the ranks that vLLM takes, and no others", () => {
    const options = recorded("vllm").options["--max-lora-rank"];
    assert.deepEqual(engines.vllm.room?.ranks, options);
    assert.equal(said("vllm", "--max-lora-rank", "320"), 0);
    assert.equal(said("sglang", "--max-lora-rank", "24"), 0);
  });

  for (const words of [["24"], ["abc"], ["-5"], []]) {
    it(`has no rank ${words.join()}`, () => {
      assert.equal(said("vllm", "--max-lora-rank", ...words), 1);
    });
  }

  it("has whole numbers alone with SGLang", () => {
    for (const word of ["=0", "=-5", "=abc", ""]) {
      assert.equal(said("sglang", `--max-loras-per-batch${word}`), 1, word);
    }
  });
});

describe("a second model for speculative decoding", () => {
  const said = (name: EngineName, engineArgs: string[], more: Partial<ServedModel> = {}) =>
    engineProblems(name, served({ ...models[name][0], ...more, engineArgs })).map(({ fix }) => fix);
  const room = ["write contextTokens so that the second model has room besides, or remove it"];
  const draft = ["--speculative-config", '{"model": "acme/draft", "num_speculative_tokens": 3}'];

  it("needs contextTokens, because the largest context leaves it no memory", () => {
    assert.deepEqual(said("vllm", draft), room);
    assert.deepEqual(said("vllm", ["-sc.model", "acme/draft"]), room);
    assert.deepEqual(said("sglang", ["--speculative-draft-model", "acme/draft"]), room);
    assert.deepEqual(said("llama.cpp", ["-md", "/models/draft.gguf"]), room);
    assert.deepEqual(said("vllm", draft, { contextTokens: 8192 }), []);
  });

  it("has no memory of the pod on CPUs", () => {
    const { fit } = served({ fit: onCpu });
    const of = { fit, contextTokens: 8192 };
    assert.deepEqual(said("llama.cpp", ["-hfd", "acme/draft"], of), ["remove it"]);
  });

  it("is none where a method needs no model", () => {
    assert.deepEqual(said("vllm", ["--speculative-config", '{"method": "ngram"}']), []);
    assert.deepEqual(said("vllm", ["--speculative-config.method", "ngram"]), []);
  });
});

describe("a value behind =", () => {
  for (const [name, refused] of [
    ["vllm", 0],
    ["sglang", 0],
    ["llama.cpp", 1],
    ["tei", 0],
  ] as const) {
    it(`is ${refused ? "refused" : "taken"} by ${name}`, () => {
      const of = served({ ...models[name][0], engineArgs: ["--unknown=1"] });
      assert.equal(engineProblems(name, of).length, refused);
    });
  }
});

for (const [name, file] of [
  ["vllm", "vllm"],
  ["sglang", "sglang"],
  ["llama.cpp", "llama-cpp"],
  ["tei", "tei"],
] as const) {
  describe(`${name}, held against its own source`, () => {
    const engine: Engine = engines[name];
    const { options, flags, metrics, variables } = recorded(file);

    for (const [place, of] of models[name].entries()) {
      const members = engine.memberArgs?.(of) ?? [];
      for (const args of [engine.args(of), members]) {
        it(`knows the arguments and values of model ${place + 1}, ${args.length} words`, () => {
          assert.deepEqual(engineProblems(name, of), []);
          for (const [at, word] of args.entries()) {
            if (!word.startsWith("-")) continue;
            assert.ok(word in options, `no option: ${word}`);
            const allowed = options[word];
            if (allowed) assert.ok(allowed.includes(args[at + 1] ?? ""), `${word} ${args[at + 1]}`);
          }
        });
      }
    }

    it("knows the arguments that entries must not pass, and no other is refused", () => {
      const own = Object.values(engine.own).flat();
      assert.deepEqual(
        own.filter((word) => !(word in options)),
        [],
      );
      const refused = (word: string) =>
        engineProblems(name, served({ ...models[name][0], engineArgs: [word] })).length > 0;
      // Without a value those are refused, too.
      const { slots, rank } = engine.room ?? {};
      const ofRoom = [slots, rank].flatMap((option) => option ?? []);
      const all = [...own, ...(engine.drafts ?? []), ...ofRoom];
      assert.deepEqual(Object.keys(options).filter(refused).sort(), all.sort());
    });

    it("knows the arguments that take no value", () => {
      const known = Object.keys(options).filter((word) => engine.reading.flags.includes(word));
      assert.deepEqual(known, [...flags].sort());
    });

    it("knows every name, where the beginning of one stands for it", () => {
      const { flags, valued } = engine.reading;
      if (valued === undefined) return;
      const known = Object.keys(options).filter((word) => !flags.includes(word));
      assert.deepEqual([...valued].sort(), known.sort());
    });

    it("knows the variables that entries must not set, as its source does", () => {
      assert.deepEqual(
        variables.filter((each) => engine.ownVariable(each) !== undefined),
        variables.filter((each) => ownVariables[name].test(each)),
      );
    });

    it("has the metrics that figures are calculated from", () => {
      const known = new Set(
        metrics.flatMap((metric) => [metric, `${metric}_total`, `${metric}_sum`]),
      );
      for (const { metric, promql } of Object.values(engine.metrics.figures)) {
        assert.ok(known.has(metric), metric);
        assert.ok(promql('app="chat"').includes(`{app="chat"}`));
      }
    });

    it("reads the variables that it is given", () => {
      const given = models[name].flatMap((of) => Object.keys(engine.env(of)));
      const key = name === "sglang" ? [] : [engine.apiKey.variable];
      assert.deepEqual(
        [...given, ...key].filter((each) => ![...variables, ...common].includes(each)),
        [],
      );
    });
  });
}
