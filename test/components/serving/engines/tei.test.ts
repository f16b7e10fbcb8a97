import assert from "node:assert/strict";
import { gpuMemoryGiB, type GpuName } from "../../../../catalog/gpus";
import { engineProblems } from "../../../../components/serving/engines/engines";
import { tei } from "../../../../components/serving/engines/tei";
import { argumentsOf, served } from "./served";

const bge = served({
  shape: { name: "BAAI/bge-m3", task: "embed", weightType: "fp32" },
  servedName: "bge-m3",
  fit: { contextTokens: 8192 },
});
const on = (gpu: GpuName) => ({ ...bge, gpu });

describe("Text Embeddings Inference", () => {
  it("is given the model, its name and the size of a batch", () => {
    assert.deepEqual(tei.args(bge), [
      ...["--model-id", "BAAI/bge-m3", "--served-model-name", "bge-m3"],
      ...["--hostname", "0.0.0.0", "--port", "8080", "--max-batch-tokens", "16384"],
      "--json-output",
    ]);
  });

  it("has batches that hold the longest input", () => {
    const long = tei.args(served({ fit: { contextTokens: 32768 } }, bge));
    assert.equal(argumentsOf(long)["--max-batch-tokens"], "32768");
  });

  it("is asked for a vector, or for the labels of a text by models that classify or rerank", () => {
    assert.equal(tei.question(bge).path, "/v1/embeddings");
    const classifier = served({ shape: { task: "classify" } }, bge);
    assert.deepEqual(tei.question(classifier), { path: "/predict", body: { inputs: "1 + 1 =" } });
    const command = tei.firstAnswer(classifier, 9);
    assert.equal(command.at(-1), "http://127.0.0.1:8080/predict");
    assert.ok(command.includes('{"inputs":"1 + 1 ="}'), command.join(" "));
  });

  it("has an image for each generation of GPUs", () => {
    const tags = (["T4", "A100", "A10G", "L4", "H100", "B200", "RTX-PRO-6000"] as const).map(
      (gpu) => tei.image(on(gpu)).split(":")[1],
    );
    assert.deepEqual(tags, [
      ...["turing-1.9.3", "1.9.3", "86-1.9.3", "89-1.9.3", "hopper-1.9.3", "100-1.9.3"],
      "120-1.9.3",
    ]);
    assert.match(tei.image(served({ fit: { gpus: 0 } }, bge)), /:cpu-1\.9\.3$/);
  });

  it("refuses the GPUs that it has no image for", () => {
    const names = Object.keys(gpuMemoryGiB) as GpuName[];
    const refused = names.filter((gpu) => engineProblems("tei", on(gpu)).length > 0);
    assert.deepEqual(refused, ["B300", "GB200", "GB300"]);
  });
});
