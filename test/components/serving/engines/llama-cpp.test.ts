import assert from "node:assert/strict";
import { llamaCpp } from "../../../../components/serving/engines/llama-cpp";
import { argumentsOf, served } from "./served";

const smol = served({
  shape: { name: "acme/SmolLM2-GGUF", weightType: "gguf", file: "smol.Q4_1.gguf" },
  servedName: "smol",
  fit: { gpus: 0, contextTokens: 2048, concurrency: 3 },
  cpus: 1.5,
});

describe("llama.cpp", () => {
  it("shares one context among its slots, and uses the pod's CPUs", () => {
    assert.deepEqual(llamaCpp.args(smol), [
      ...["--hf-repo", "acme/SmolLM2-GGUF", "--hf-file", "smol.Q4_1.gguf"],
      ...["--alias", "smol", "--host", "0.0.0.0", "--port", "8080"],
      ...["--ctx-size", "6144", "--parallel", "3", "--threads", "1", "--cache-ram", "0"],
      "--metrics",
    ]);
    assert.equal(llamaCpp.image(smol), "ghcr.io/ggml-org/llama.cpp:server-b11459");
  });

  it("puts all layers on the GPU where it has one", () => {
    const of = served({ fit: { gpus: 1 } }, smol);
    assert.equal(argumentsOf(llamaCpp.args(of))["--n-gpu-layers"], "all");
    assert.equal(llamaCpp.image(of), "ghcr.io/ggml-org/llama.cpp:server-cuda-b11459");
  });

  it("loads a commit by its address, a file, and the file of a folder", () => {
    const of = (weights: Parameters<typeof served>[0] & object) =>
      llamaCpp.args(served(weights, smol)).slice(0, 2);
    assert.deepEqual(of({ weights: { kind: "hub", revision: "0123abc" } }), [
      "--model-url",
      "https://huggingface.co/acme/SmolLM2-GGUF/resolve/0123abc/smol.Q4_1.gguf",
    ]);
    assert.deepEqual(of({ weights: { kind: "folder", path: "/m/other.gguf" } }), [
      ...["--model", "/m/other.gguf"],
    ]);
    assert.deepEqual(of({ weights: { kind: "folder", path: "/m" } }), [
      ...["--model", "/m/smol.Q4_1.gguf"],
    ]);
  });

  it("makes vectors of texts", () => {
    assert.ok(llamaCpp.args(served({ shape: { task: "embed" } }, smol)).includes("--embedding"));
  });

  it("keeps what it downloads where a volume is, and asks nobody where it needs nothing", () => {
    assert.equal(llamaCpp.env(smol)["LLAMA_CACHE"], llamaCpp.folders.weights);
    const folder = served({ weights: { kind: "folder", path: "/m" } }, smol);
    assert.equal(llamaCpp.env(folder)["LLAMA_ARG_OFFLINE"], "1");
  });
});
