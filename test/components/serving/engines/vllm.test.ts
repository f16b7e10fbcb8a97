import assert from "node:assert/strict";
import { vllm } from "../../../../components/serving/engines/vllm";
import { served } from "./served";

describe("vLLM", () => {
  it("is given what follows from the fit, and the model first", () => {
    assert.deepEqual(vllm.args(served()), [
      ...["Qwen/Qwen3-8B-AWQ", "--served-model-name", "qwen3"],
      ...["--host", "0.0.0.0", "--port", "8000"],
      ...["--max-model-len", "16384"],
      ...["--tensor-parallel-size", "1", "--pipeline-parallel-size", "1"],
      ...["--gpu-memory-utilization", "0.9", "--dtype", "auto", "--kv-cache-dtype", "auto"],
      ...["--shutdown-timeout", "120", "--disable-access-log-for-endpoints", "/health,/metrics"],
    ]);
  });
});
