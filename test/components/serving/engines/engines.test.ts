import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  defaultEngine,
  engineProblems,
  engines,
  type EngineName,
} from "../../../../components/serving/engines/engines";
import type { Engine } from "../../../../components/serving/engines/engine";
import { served } from "./served";

const gguf = { weightType: "gguf", file: "a.gguf" } as const;
const bucket = { kind: "bucket", url: "s3://models/a" } as const;
const folder = { kind: "folder", path: "/models/a" } as const;
const adapters = { a: "acme/a" };

describe("the engines", () => {
  it("are chosen by the task, by the weights and by the machine", () => {
    assert.deepEqual(
      [
        defaultEngine({ weightType: "bf16" }, true),
        defaultEngine({ weightType: "bf16", task: "embed" }, true),
        defaultEngine({ weightType: "bf16", task: "embed" }, false),
        defaultEngine({ weightType: "fp32", task: "classify" }, false),
        defaultEngine({ weightType: "gguf", task: "embed" }, false),
        defaultEngine({ weightType: "gguf" }, true),
        defaultEngine({ weightType: "bf16" }, false),
      ],
      ["vllm", "tei", "tei", "tei", "llama.cpp", "llama.cpp", "llama.cpp"],
    );
  });

  for (const [engine, what, of, ...paths] of [
    ["vllm", "what it can", {}],
    ["vllm", "CPUs", { fit: { gpus: 0 } }, "engine"],
    ["vllm", "GGUF", { shape: gguf }, "engine"],
    ["vllm", "mxfp4 on a T4", { gpu: "T4", shape: { weightType: "mxfp4" } }, "pool"],
    ["vllm", "AWQ on a T4", { gpu: "T4" }],
    ["sglang", "AWQ on a T4", { gpu: "T4" }, "pool"],
    ["sglang", "fp8 on a T4", { gpu: "T4", shape: { weightType: "fp8" } }, "pool"],
    ["sglang", "GPTQ on a T4", { gpu: "T4", shape: { weightType: "gptq-int4" } }],
    ["sglang", "GGUF on CPUs", { shape: gguf, fit: { gpus: 0 } }, "engine", "engine"],
    ["llama.cpp", "safetensors", {}, "engine"],
    ["llama.cpp", "a file of a repository", { shape: gguf }],
    ["llama.cpp", "no file", { shape: { weightType: "gguf" } }, "model.file"],
    ["llama.cpp", "a path of a file", { shape: gguf, weights: folder }],
    ["llama.cpp", "a bucket", { shape: gguf, weights: bucket }, "model.from"],
    ["llama.cpp", "adapters", { shape: gguf, adapters }, "adapters"],
    ["llama.cpp", "a cache of fp8", { shape: gguf, fit: { cacheType: "fp8" } }, "cacheType"],
    ["llama.cpp", "two machines", { shape: gguf, fit: { nodes: 2 } }, "engine"],
    ["tei", "a model that writes", { shape: { weightType: "bf16" } }, "engine"],
    ["tei", "a classifier", { shape: { task: "classify", weightType: "fp32" } }],
    ["vllm", "a classifier", { shape: { task: "classify", weightType: "fp32" } }, "engine"],
    ["sglang", "a classifier", { shape: { task: "classify", weightType: "fp32" } }, "engine"],
    ["llama.cpp", "a classifier", { shape: { ...gguf, task: "classify" } }, "engine"],
    ["tei", "two GPUs", { shape: { task: "embed", weightType: "bf16" }, fit: { gpus: 2 } }, "gpus"],
    ["tei", "AWQ", { shape: { task: "embed" } }, "model"],
    ["tei", "GGUF", { shape: { task: "embed", weightType: "gguf" } }, "engine"],
    ["tei", "adapters", { shape: { task: "embed", weightType: "bf16" }, adapters }, "adapters"],
    [
      ...["tei", "a bucket"],
      { shape: { task: "embed", weightType: "bf16" }, weights: bucket },
      "model.from",
    ],
    ["vllm", "gated weights without a token", { shape: { gated: true } }, "token"],
    ["vllm", "gated weights with a token", { shape: { gated: true }, token: true }],
    ["vllm", "gated weights of a volume", { shape: { gated: true }, weights: folder }],
    ["vllm", "an argument of the entry", { engineArgs: ["-tp=2"] }, "engineArgs.0"],
  ] as [EngineName, string, Parameters<typeof served>[0], ...string[]][]) {
    it(`${engine} is looked at: ${what}`, () => {
      const found = engineProblems(engine, served(of)).map(({ path }) => path.join("."));
      assert.deepEqual(found, paths);
    });
  }

  it("refuse what they do not do with the engine that does it", () => {
    const shape = { task: "classify", weightType: "fp32" } as const;
    assert.deepEqual(engineProblems("vllm", served({ shape })), [
      {
        path: ["engine"],
        problem: "does not serve such models",
        found: "vllm for a model that classifies or reranks texts",
        allowed: "tei",
        fix: "write engine: tei, or serve it with an image of your own: image and port in place of model",
      },
    ]);
  });

  it("have pinned images, a user that is not root, and ports that users may open", () => {
    for (const engine of Object.values(engines)) {
      assert.match(engine.image(served()), /^[\w./-]+:[\w.-]*\d[\w.-]*$/);
      assert.ok(engine.user > 0 && engine.port >= 1024);
    }
  });

  it("say the figures in PromQL over the pods that are meant", () => {
    const { figures } = engines.vllm.metrics;
    const said = Object.values(figures).map(({ promql }) => promql('app="chat"'));
    assert.deepEqual(said, [
      'sum(vllm:num_requests_waiting{app="chat"})',
      'sum(vllm:num_requests_running{app="chat"})',
      'avg(vllm:kv_cache_usage_perc{app="chat"})',
      'histogram_quantile(0.95, sum by (le) (rate(vllm:e2e_request_latency_seconds_bucket{app="chat"}[2m])))',
      'histogram_quantile(0.95, sum by (le) (rate(vllm:time_to_first_token_seconds_bucket{app="chat"}[2m])))',
      'sum(rate(vllm:generation_tokens_total{app="chat"}[2m]))',
    ]);
  });

  it("are on their page as they are", () => {
    const rows = readFileSync("docs/engines.md", "utf8")
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .map((line) => line.split("|").map((cell) => cell.trim()));
    const [, , ...names] = rows[0] ?? [];
    const row = (title: string) => {
      const cells = rows.find(([, first]) => first === title) ?? [];
      return Object.fromEntries(names.map((name, place) => [name, cells[place + 2] ?? ""]));
    };
    for (const [name, engine] of Object.entries<Engine>(engines)) {
      const [image = "", tag = ""] = (row("image")[name] ?? "").replaceAll("`", "").split("…");
      assert.ok(engine.image(served()).startsWith(image), `${name}: ${image}`);
      assert.ok(engine.image(served()).endsWith(tag), `${name}: ${tag}`);
      assert.equal(row("port")[name], `${engine.port}`);
      assert.equal(row("user")[name], `${engine.user}`);
      assert.equal(row("variable of the key")[name], `\`${engine.apiKey.variable}\``);
      assert.equal(row("metric of the queue")[name], `\`${engine.metrics.figures.queue?.metric}\``);
      const dropped = engine.stop.requests === "dropped";
      assert.equal(row("SIGTERM")[name]?.startsWith("drops"), dropped);
    }
  });
});
