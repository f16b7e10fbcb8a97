import assert from "node:assert/strict";
import { fromFile, refusal } from "../stack-files";

const existing = "cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }";
const gke = "gcp:project: acme-ml\n  cluster: { kind: gke, region: us-central1 }";
const cpuPool = "pools: { cpu: { select: { pool: cpu }, nodes: { max: 2 } } }";

const stackOf = (sections: string, entry: string) =>
  fromFile({ "Pulumi.prod.yaml": `config:\n  ${sections}\n  services:\n    it: { ${entry} }` });
const large = "model: Qwen/Qwen3-Embedding-8B";

describe("a model without GPUs", () => {
  it("is refused where it is slow, unless the entry asks for it", () => {
    for (const [sections, entry] of [
      [existing, large],
      [`${existing}\n  ${cpuPool}`, large],
      [`${existing}\n  ${cpuPool}`, `${large}, pool: cpu`],
      [gke, large],
    ] as const) {
      const text = refusal(() => stackOf(sections, entry));
      assert.match(text, /too slow on CPUs/, sections);
      assert.match(text, /do: +write gpus: 0 if it may be slow, or declare a pool with GPUs/);
    }
    assert.match(
      refusal(() => stackOf(gke, large)),
      /cheapest machines that hold it: g2-standard-4 \(1 L4\)/,
    );
    assert.equal(stackOf(existing, `${large}, gpus: 0`).services.it?.gpus, 0);
  });

  it("goes to the pool without GPUs that its entry names", () => {
    const small = "model: Qwen/Qwen3-Embedding-0.6B, pool: cpu";
    const { gpus, pool } = stackOf(`${existing}\n  ${cpuPool}`, small).services.it ?? {};

    assert.deepEqual([gpus, pool], [0, "cpu"]);
  });

  it("is of no use for one that needs them, and no pool that is misspelt stands for it", () => {
    assert.match(
      refusal(() => stackOf(`${existing}\n  ${cpuPool}`, "model: Qwen/Qwen3-8B, pool: cpu")),
      /runs on GPUs alone/,
    );
    assert.match(
      refusal(() =>
        stackOf(`${existing}\n  ${cpuPool}`, "model: Qwen/Qwen3-Embedding-0.6B, pool: cpus"),
      ),
      /"cpus"/,
    );
  });
});
