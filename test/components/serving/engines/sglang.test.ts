import assert from "node:assert/strict";
import { sglang } from "../../../../components/serving/engines/sglang";
import { argumentsOf, served } from "./served";

describe("SGLang", () => {
  it("is given what follows from the fit", () => {
    assert.deepEqual(sglang.command, ["python3", "-m", "sglang.launch_server"]);
    assert.deepEqual(sglang.args(served()), [
      ...["--model-path", "Qwen/Qwen3-8B-AWQ", "--served-model-name", "qwen3"],
      ...["--host", "0.0.0.0", "--port", "30000"],
      ...["--context-length", "16384", "--tp-size", "1", "--pp-size", "1"],
      ...["--chunked-prefill-size", "2048", "--max-running-requests", "256"],
      ...["--mem-fraction-static", "0.797", "--dtype", "auto", "--kv-cache-dtype", "auto"],
      "--enable-metrics",
    ]);
  });

  it("keeps the share of weights and cache, because activations come besides", () => {
    const share = (gib: { weights: number; overhead: number; cache: number }) =>
      argumentsOf(sglang.args(served({ fit: { gib } })))["--mem-fraction-static"];
    assert.equal(share({ weights: 15.26, overhead: 2.3, cache: 2.6 }), "0.797");
    assert.equal(share({ weights: 62, overhead: 2.3, cache: 7.3 }), "0.871");
  });

  it("reads its key from an argument that Kubernetes fills in, where requests must bring one", () => {
    const key = (of: Parameters<typeof served>[0]) =>
      argumentsOf(sglang.args(served(of)))["--api-key"];
    assert.equal(key({ protected: true }), "$(SGLANG_API_KEY)");
    assert.equal(key({}), undefined);
  });

  it("has names of its own for a cache of fp8, buckets, commits and embeddings", () => {
    const weights = { kind: "bucket", url: "s3://models/qwen3" } as const;
    const args = argumentsOf(sglang.args(served({ weights, fit: { cacheType: "fp8" } })));
    assert.equal(args["--kv-cache-dtype"], "fp8_e4m3");
    assert.equal(args["--model-path"], "s3://models/qwen3");
    assert.equal(args["--load-format"], "runai_streamer");
    const commit = served({ weights: { kind: "hub", revision: "0123abc" } });
    assert.equal(argumentsOf(sglang.args(commit))["--revision"], "0123abc");
    assert.ok(sglang.args(served({ shape: { task: "embed" } })).includes("--is-embedding"));
  });

  it("serves adapters by name, and replicas of several machines", () => {
    const args = sglang.args(served({ adapters: { support: "acme/lora" }, fit: { nodes: 2 } }));
    const at = args.indexOf("--enable-lora");
    assert.deepEqual(args.slice(at, at + 3), [
      ...["--enable-lora", "--lora-paths", "support=acme/lora"],
    ]);
    assert.equal(argumentsOf(args)["--max-loras-per-batch"], "2");
    assert.equal(argumentsOf(args)["--max-lora-rank"], "16");
    assert.equal(argumentsOf(args)["--nnodes"], "2");
    assert.equal(argumentsOf(args)["--dist-init-addr"], "$(LWS_LEADER_ADDRESS):20000");
    assert.equal(argumentsOf(args)["--dist-timeout"], "$(GROUP_STARTUP_SECONDS)");
  });

  it("has time to compile kernels for fp8 on the GPUs that have them", () => {
    const first = (gpu: "H100" | "L40S", weightType: "fp8" | "bf16") =>
      sglang.warmUp(served({ gpu, shape: { weightType } })).first;
    assert.deepEqual(
      [first("H100", "fp8"), first("L40S", "fp8"), first("H100", "bf16")],
      [1800, 600, 600],
    );
  });
});
