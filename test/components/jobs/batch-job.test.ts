import assert from "node:assert/strict";
import { BatchJob, type BatchJobArgs } from "../../../components/jobs/batch-job";
import { aCluster, l4 } from "../../support/clusters";
import { at, deploy } from "../../support/deploy";

const jobType = "kubernetes:batch/v1:Job";

function deployJob(args: Partial<BatchJobArgs> = {}) {
  return deploy(
    () =>
      new BatchJob("train", {
        cluster: aCluster({ pools: { l4 } }),
        namespace: "models",
        image: "registry.example/train:v1",
        ...args,
      }),
  );
}

describe("a job", () => {
  it("is one pod that is not started again when it fails, and may take half an hour", async () => {
    const job = (await deployJob()).find(jobType, "train");

    assert.equal(at(job, "metadata.name"), "train");
    assert.equal(at(job, "spec.backoffLimit"), 0);
    assert.equal(at(job, "spec.activeDeadlineSeconds"), 1800);
    assert.equal(at(job, "spec.template.spec.restartPolicy"), "Never");
    assert.equal(at(job, "spec.template.spec.containers[0].image"), "registry.example/train:v1");
  });

  it("takes time and retries from its entry, and is waited for until they are over", async () => {
    const job = (await deployJob({ timeout: 600, retries: 3 })).find(jobType, "train");

    assert.equal(at(job, "spec.backoffLimit"), 3);
    assert.equal(at(job, "spec.activeDeadlineSeconds"), 600);
    assert.equal(job.options.customTimeouts?.create, "660s");
  });

  it("runs on the pool whose nodes have its GPUs", async () => {
    const job = (await deployJob({ gpus: 1 })).find(jobType, "train");

    assert.deepEqual(at(job, "spec.template.spec.nodeSelector"), { "example.com/pool": "l4" });
    assert.deepEqual(at(job, "spec.template.spec.containers[0].resources.limits"), {
      "nvidia.com/gpu": "1",
    });
  });

  it("leaves its last words where the provider reads them", async () => {
    const job = (await deployJob()).find(jobType, "train");

    const container = "spec.template.spec.containers[0]";
    assert.equal(at(job, `${container}.terminationMessagePolicy`), "FallbackToLogsOnError");
  });

  for (const [rejects, args, message] of [
    ["no time", { timeout: 9 }, "timeout must be a whole number from 10 to 2592000, got 9"],
    ["half a retry", { retries: 0.5 }, "retries must be a whole number from 0 to 100, got 0.5"],
    [
      "more GPUs than a node has",
      { gpus: 2, pool: "l4" },
      "gpus must be at most the 1 of a node in pool l4, got 2; pools with enough: none on this cluster",
    ],
  ] as const) {
    it(`rejects ${rejects}`, async () => {
      await assert.rejects(deployJob(args), { message: `train: ${message}` });
    });
  }
});
