import assert from "node:assert/strict";
import { vllm } from "../../../../components/serving/engines/vllm";
import { argumentsOf, served } from "./served";

describe("vLLM", () => {
  it("is given the model first, and what follows from the fit", () => {
    assert.deepEqual(vllm.args(served()), [
      ...["Qwen/Qwen3-8B-AWQ", "--served-model-name", "qwen3"],
      ...["--host", "0.0.0.0", "--port", "8000"],
      ...["--max-model-len", "16384"],
      ...["--tensor-parallel-size", "1", "--pipeline-parallel-size", "1"],
      ...["--gpu-memory-utilization", "0.9", "--dtype", "auto", "--kv-cache-dtype", "auto"],
      ...["--max-num-batched-tokens", "2048", "--max-num-seqs", "256"],
      ...["--shutdown-timeout", "120", "--disable-access-log-for-endpoints", "/health,/metrics"],
    ]);
  });

  it("takes weights of a commit, of a folder and of a bucket", () => {
    const of = (weights: Parameters<typeof served>[0] & object) => vllm.args(served(weights));
    const commit = of({ weights: { kind: "hub", revision: "0123abc" } });
    assert.equal(commit[0], "Qwen/Qwen3-8B-AWQ");
    assert.equal(argumentsOf(commit)["--revision"], "0123abc");
    assert.equal(argumentsOf(commit)["--tokenizer-revision"], "0123abc");
    assert.equal(of({ weights: { kind: "folder", path: "/models/qwen3" } })[0], "/models/qwen3");
    const streamed = of({ weights: { kind: "bucket", url: "gs://models/qwen3" } });
    assert.equal(streamed[0], "gs://models/qwen3");
    assert.equal(argumentsOf(streamed)["--load-format"], "runai_streamer");
    assert.ok(!streamed.includes("--model-loader-extra-config"));
  });

  it("streams through a buffer of one tensor, and needs none for weights from elsewhere", () => {
    const buffer = (of?: Parameters<typeof served>[0]) =>
      vllm.env(served(of)).RUNAI_STREAMER_MEMORY_LIMIT;
    assert.equal(buffer({ weights: { kind: "bucket", url: "az://models/qwen3" } }), "0");
    assert.equal(buffer(), undefined);
  });

  it("streams to several GPUs at once", () => {
    const weights = { kind: "bucket", url: "s3://models/llama" } as const;
    const args = argumentsOf(vllm.args(served({ weights, fit: { gpus: 4, tensorParallel: 4 } })));
    assert.equal(args["--model-loader-extra-config"], '{"distributed":true}');
    assert.equal(args["--tensor-parallel-size"], "4");
  });

  it("computes in float16 with a cache of fp8 where the fit says so", () => {
    const fit = { computeType: "float16", cacheType: "fp8", memoryShare: 0.85 } as const;
    const args = argumentsOf(vllm.args(served({ fit })));
    assert.equal(args["--dtype"], "float16");
    assert.equal(args["--kv-cache-dtype"], "fp8");
    assert.equal(args["--gpu-memory-utilization"], "0.85");
  });

  it("works on as many sequences at once as the fit says, however many it would hold", () => {
    const args = argumentsOf(
      vllm.args(served({ fit: { batchSequences: 300, concurrency: 4000 } })),
    );
    assert.equal(args["--max-num-seqs"], "300");
  });

  it("serves adapters by name", () => {
    const adapters = { support: "acme/qwen3-support", legal: "/loras/legal" };
    const args = vllm.args(served({ adapters }));
    const at = args.indexOf("--enable-lora");
    assert.deepEqual(args.slice(at, at + 6), [
      ...["--enable-lora", "--max-loras", "2", "--lora-modules"],
      ...["support=acme/qwen3-support", "legal=/loras/legal"],
    ]);
  });

  it("runs on several machines that find each other by the variables of their group", () => {
    const of = served({ fit: { nodes: 2, gpus: 8, tensorParallel: 8, pipelineParallel: 2 } });
    const args = argumentsOf(vllm.args(of));
    assert.equal(args["--nnodes"], "2");
    assert.equal(args["--node-rank"], "$(LWS_WORKER_INDEX)");
    assert.equal(args["--master-addr"], "$(LWS_LEADER_ADDRESS)");
    assert.equal(args["--distributed-timeout-seconds"], "$(GROUP_STARTUP_SECONDS)");
    assert.ok(!("--headless" in args));
    assert.ok(vllm.memberArgs?.(of).includes("--headless"));
  });

  it("has the entry's own arguments last, so that they count", () => {
    const engineArgs = ["--max-num-seqs", "64"];
    assert.deepEqual(vllm.args(served({ engineArgs })).slice(-2), engineArgs);
  });

  it("asks the hub for nothing where nothing comes from there", () => {
    const weights = { kind: "folder", path: "/models/qwen3" } as const;
    const offline = (of: Parameters<typeof served>[0]) => vllm.env(served(of))["HF_HUB_OFFLINE"];
    assert.equal(offline({ weights }), "1");
    assert.equal(offline({ weights, adapters: { a: "/loras/a" } }), "1");
    assert.equal(offline({ weights, adapters: { a: "acme/a" } }), undefined);
    assert.equal(offline({}), undefined);
  });

  it("makes vectors of texts, and is asked for one", () => {
    const of = served({ shape: { task: "embed", weightType: "bf16" } });
    assert.equal(argumentsOf(vllm.args(of))["--runner"], "pooling");
    assert.deepEqual(vllm.question(of), {
      ...{ path: "/v1/embeddings", body: { model: "qwen3", input: "1" }, answer: "data" },
    });
  });
});
