import assert from "node:assert/strict";
import { chatOnPool, refusal } from "../stack-files";

const stackOf = (pool: string, entry: string) =>
  chatOnPool(`it: { ${pool}, select: { gpu: it }, nodes: { max: 4 } }`, entry);
const small = "model: HuggingFaceTB/SmolLM2-135M-Instruct, replicas: 4";

describe("a model on GPUs that pods share", () => {
  it("takes its part of the memory where the pool says how many share one", () => {
    const { command, args } =
      stackOf("gpu: L4, gpusPerNode: 4, sharesPerGpu: 4", small).services.chat ?? {};
    const said = [...(command ?? []), ...(args ?? [])];

    assert.equal(said[said.indexOf("--gpu-memory-utilization") + 1], "0.225");
  });

  it("is refused where nothing says how many share one", () => {
    for (const pool of [
      "gpu: L4, gpusPerNode: 4, gpusPerPod: 1",
      "gpu: L4, resource: nvidia.com/gpu.shared, gpusPerNode: 4",
    ]) {
      assert.match(
        refusal(() => stackOf(pool, small)),
        /nothing says how many share one[^]*write sharesPerGpu in the pool/,
        pool,
      );
    }
    assert.equal(
      refusal(() => stackOf("gpu: L4, gpusPerNode: 4, gpusPerPod: 1", "image: a:v1, gpus: 1")),
      "nothing was refused",
    );
  });

  it("gets a number of shares that divides those of a node, and one for each pod", () => {
    assert.match(
      refusal(() => stackOf("gpu: L4, gpusPerNode: 10, sharesPerGpu: 4", small)),
      /pools\.it\.sharesPerGpu[^]*write gpusPerNode: 12/,
    );
    assert.match(
      refusal(() => stackOf("gpu: L4, gpusPerNode: 8, gpusPerPod: 2, sharesPerGpu: 4", small)),
      /pools\.it\.gpusPerPod: nothing joins shares/,
    );
  });
});

describe("a model that no slice or share of a GPU holds", () => {
  for (const pool of [
    "gpu: H100, resource: nvidia.com/mig-1g.10gb, gpusPerNode: 7",
    "gpu: H100, resource: nvidia.com/mig-1g.10gb",
    "gpu: L4, gpusPerNode: 4, sharesPerGpu: 4",
  ]) {
    it(`is offered no several nodes, and not put there, on ${pool}`, () => {
      const large = "model: Qwen/Qwen3-8B, contextTokens: 4096";
      const text = refusal(() => stackOf(pool, large));

      assert.match(text, /does not fit/);
      assert.ok(!text.includes("nodesPerReplica"), text);
      assert.match(
        refusal(() => stackOf(pool, `${large}, nodesPerReplica: 2`)),
        /does not fit/,
      );
    });
  }
});
