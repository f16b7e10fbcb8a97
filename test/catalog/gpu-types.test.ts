import assert from "node:assert/strict";
import {
  cudaMemoryGiB,
  hasBf16,
  hasFp8Cache,
  hasSparseAttention,
  runsWeights,
} from "../../catalog/gpu-types";
import { gpuMemoryGiB, type GpuName } from "../../catalog/gpus";
import { machines } from "../../catalog/machines";

describe("the memory that CUDA gives", () => {
  it("is what was seen of a whole GPU, whoever states how much", () => {
    assert.equal(cudaMemoryGiB("L4", 24), 22.03);
    assert.equal(cudaMemoryGiB("L4", 22.4), 22.03);
    assert.equal(cudaMemoryGiB("H100", 80), 79.1);
  });

  it("is less than what is stated of a part, or of a GPU that nobody has looked up", () => {
    assert.equal(cudaMemoryGiB("A100-80", 10).toFixed(2), "9.40");
    assert.equal(cudaMemoryGiB("GB300", 279).toFixed(2), "262.26");
  });

  it("is all that is stated of a GPU that the catalog does not know", () => {
    assert.equal(cudaMemoryGiB("RTX-3090", 23.5), 23.5);
    assert.equal(cudaMemoryGiB(undefined, 23.5), 23.5);
  });

  it("is at most what the catalog says of the GPU", () => {
    for (const gpu of new Set(machines.map((one) => one.gpu))) {
      assert.ok(cudaMemoryGiB(gpu, gpuMemoryGiB[gpu]) <= gpuMemoryGiB[gpu], gpu);
    }
  });
});

describe("what a GPU calculates", () => {
  const gpus = Object.keys(gpuMemoryGiB);
  const without = (can: (gpu: string) => boolean) => gpus.filter((gpu) => !can(gpu));

  it("is bfloat16 on all but the T4", () => {
    assert.deepEqual(without(hasBf16), ["T4"] satisfies GpuName[]);
  });

  it("is a cache in FP8 on all but the T4", () => {
    assert.deepEqual(without(hasFp8Cache), ["T4"] satisfies GpuName[]);
  });

  it("is sparse attention on data center GPUs from the H100 on", () => {
    assert.deepEqual(gpus.filter(hasSparseAttention), [
      "H100",
      "H100-MEGA",
      "H100-NVL",
      "H200",
      "B200",
      "B300",
      "GB200",
      "GB300",
    ] satisfies GpuName[]);
  });

  it("is weights in FP8 and MXFP4 on all but the T4, and AWQ on all", () => {
    assert.deepEqual(
      without((gpu) => runsWeights(gpu, "fp8")),
      ["T4"],
    );
    assert.deepEqual(
      without((gpu) => runsWeights(gpu, "mxfp4")),
      ["T4"],
    );
    assert.deepEqual(
      without((gpu) => runsWeights(gpu, "awq-int4")),
      [],
    );
  });

  it("is everything on a GPU that the catalog does not know", () => {
    assert.ok(hasBf16("RTX-3090") && hasFp8Cache(undefined) && runsWeights("RTX-3090", "mxfp4"));
  });
});
