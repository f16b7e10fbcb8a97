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

  it("survives the loss of its node without a retry", async () => {
    const job = (await deployJob()).find(jobType, "train");

    assert.deepEqual(at(job, "spec.podFailurePolicy"), {
      rules: [
        { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      ],
    });
  });

  it("keeps autoscalers from emptying its node until it has ended", async () => {
    const job = (await deployJob()).find(jobType, "train");

    assert.deepEqual(at(job, "spec.template.metadata.annotations"), {
      "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
      "karpenter.sh/do-not-disrupt": "true",
    });
  });

  it("runs again after it failed, once the failed one is gone", async () => {
    const { options } = (await deployJob()).find(jobType, "train");

    assert.deepEqual(options.replaceOnChanges, ["#initerror"]);
    assert.equal(options.deleteBeforeReplace, true);
  });

  it("runs again when its attempt is another, for its pods are then others", async () => {
    const annotations = async (args: Partial<BatchJobArgs>) =>
      at((await deployJob(args)).find(jobType, "train"), "spec.template.metadata.annotations");
    const before = await annotations({});
    const after = await annotations({ attempt: "3f2a" });

    assert.deepEqual(after, { ...(before as object), "gpu-serving/attempt": "3f2a" });
    assert.notDeepEqual(after, before);
  });

  it("is not waited for where it may take more than half an hour, and then goes on through a refresh", async () => {
    const job = (await deployJob({ timeout: 1801 })).find(jobType, "train");

    assert.deepEqual(at(job, "metadata.annotations"), {
      "pulumi.com/waitFor": "jsonpath={$[?(@.ready > 0 || @.succeeded > 0 || @.failed > 0)]}",
    });
    assert.equal(job.options.replaceOnChanges, undefined);
    assert.equal(job.options.customTimeouts?.create, "600s");
  });

  it("gets the time that its pool takes for a node, and ten minutes to pull and start, where only its start is waited for", async () => {
    const job = (await deployJob({ timeout: 1801, gpus: 1, pool: "l4" })).find(jobType, "train");

    assert.equal(job.options.customTimeouts?.create, "1500s");
  });

  it("is waited for all the same where something comes after it", async () => {
    const job = (await deployJob({ timeout: 7200, wait: true })).find(jobType, "train");

    assert.deepEqual(at(job, "metadata.annotations"), {});
    assert.equal(job.options.customTimeouts?.create, "7260s");
  });

  it("hands its provider to every child", async () => {
    const run = await deployJob({ env: { TOKEN: { secret: "t0ken" } } });
    const own = run.resources.filter(({ type }) => !type.startsWith("pulumi:"));

    assert.ok(own.length >= 3);
    for (const { provider, name } of own) assert.match(provider, /cluster/, name);
  });

  for (const [rejects, args, message] of [
    [
      "no time",
      { timeout: 9 },
      "timeout: out of range, got 9; allowed: a whole number from 10 to 2592000. To fix it, choose a number in this range.",
    ],
    [
      "half a retry",
      { retries: 0.5 },
      "retries: not a whole number, got 0.5; allowed: a whole number from 0 to 100. To fix it, choose a number in this range.",
    ],
    [
      "more GPUs than a node has",
      { gpus: 2, pool: "l4" },
      "gpus: more GPUs than a node of pool l4 has, got 2; allowed: a whole number from 0 to 1. To fix it, lower it, choose another pool, or raise pools.l4.gpusPerNode if its nodes have more.",
    ],
  ] as const) {
    it(`rejects ${rejects}`, async () => {
      await assert.rejects(deployJob(args), { message: `train: ${message}` });
    });
  }
});
