import assert from "node:assert/strict";
import type { BatchJobArgs } from "../../../components/jobs/batch-job";
import { deployTrain } from "../../support/clusters";
import { homesOf, refusedWith } from "../../support/deploy";

describe("a job", () => {
  it("is one pod that is not started again when it fails, and may take half an hour", async () => {
    const { of, pod, container } = await deployTrain();

    assert.equal(of("metadata.name"), "train");
    assert.equal(of("spec.backoffLimit"), 0);
    assert.equal(of("spec.activeDeadlineSeconds"), 1800);
    assert.equal(pod("restartPolicy"), "Never");
    assert.equal(container("image"), "registry.example/train:v1");
    // There the provider reads its last words.
    assert.equal(container("terminationMessagePolicy"), "FallbackToLogsOnError");
  });

  it("takes time and retries from its entry, and is waited for until they are over", async () => {
    const { of, job } = await deployTrain({ timeout: 600, retries: 3 });

    assert.deepEqual([of("spec.backoffLimit"), of("spec.activeDeadlineSeconds")], [3, 600]);
    assert.equal(job.options.customTimeouts?.create, "660s");
  });

  it("runs on the pool whose nodes have its GPUs", async () => {
    const { pod, container } = await deployTrain({ gpus: 8 });

    assert.deepEqual(pod("nodeSelector"), { "example.com/pool": "h100" });
    assert.deepEqual(container("resources.limits"), { "nvidia.com/gpu": "8" });
  });

  it("survives the loss of its node without a retry, and keeps autoscalers from emptying it", async () => {
    const { of } = await deployTrain();

    assert.deepEqual(of("spec.podFailurePolicy.rules"), [
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
    ]);
    assert.deepEqual(of("spec.template.metadata.annotations"), {
      "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
      "karpenter.sh/do-not-disrupt": "true",
    });
  });

  it("runs again after it failed, once the failed one is gone, and when its attempt is another", async () => {
    const { job, of } = await deployTrain({ attempt: "3f2a" });

    assert.deepEqual(job.options.replaceOnChanges, ["#initerror"]);
    assert.equal(job.options.deleteBeforeReplace, true);
    const annotations = of("spec.template.metadata.annotations") as Record<string, string>;
    assert.equal(annotations["gpu-serving/attempt"], "3f2a");
  });

  it("is not waited for where it may take more than half an hour, and then goes on through a refresh", async () => {
    const { job, of, result } = await deployTrain({ timeout: 1801 });

    assert.deepEqual(of("metadata.annotations"), {
      "pulumi.com/waitFor": "jsonpath={$[?(@.ready > 0 || @.succeeded > 0 || @.failed > 0)]}",
    });
    assert.equal(job.options.replaceOnChanges, undefined);
    assert.equal(job.options.deleteBeforeReplace, true);
    assert.equal(job.options.customTimeouts?.create, "600s");
    assert.equal(result.rollout?.object, job.resource);
  });

  it("gets the time that its pool takes for a node, and ten minutes to pull and start, where only its start is waited for", async () => {
    const { job, result } = await deployTrain({ timeout: 1801, gpus: 1, pool: "l4" });

    assert.equal(job.options.customTimeouts?.create, "1500s");
    assert.equal(result.rollout?.placement, 900);
  });

  it("is waited for all the same where something comes after it", async () => {
    const { job, of, result } = await deployTrain({ timeout: 7200, wait: true });

    assert.deepEqual(of("metadata.annotations"), {});
    assert.equal(job.options.customTimeouts?.create, "7260s");
    assert.equal(result.rollout, undefined);
  });

  it("hands its provider to every child, and keeps them when it gets a schedule", async () => {
    const run = await deployTrain({ env: { TOKEN: { secret: "t0ken" } } });

    assert.deepEqual(homesOf(run), ["cluster"]);
    assert.deepEqual(run.components.at(-1)?.options.aliases, [
      { type: "gpu-serving:index:ScheduledJob" },
    ]);
  });

  it("has several completions, each with a number of its own, of which so many run at the same time", async () => {
    const fields = ["completionMode", "completions", "parallelism"];
    const made = async (args: Partial<BatchJobArgs>) => {
      const { of } = await deployTrain(args);
      return fields.map((field) => of(`spec.${field}`));
    };

    assert.deepEqual(await made({ completions: 100, parallelism: 4 }), ["Indexed", 100, 4]);
    assert.deepEqual(await made({ completions: 2 }), ["Indexed", 2, 1]);
    assert.deepEqual(await made({ completions: 1 }), [undefined, undefined, undefined]);
  });

  it("takes the shortest and the longest time, and the most retries", async () => {
    await deployTrain({ timeout: 10, retries: 100 });
    await deployTrain({ timeout: 30 * 86400 });
  });

  for (const [rejects, args, problem] of [
    ["no time", { timeout: 9 }, "timeout: out of range, got 9"],
    ["more than thirty days", { timeout: 2592001 }, "timeout: out of range, got 2592001"],
    ["too many retries", { retries: 101 }, "retries: out of range, got 101"],
    ["half a retry", { retries: 0.5 }, "retries: not a whole number, got 0.5"],
    ["too many completions", { completions: 10001 }, "completions: out of range, got 10001"],
    [
      "more pods at the same time than completions",
      { completions: 2, parallelism: 3 },
      "parallelism: more pods at the same time than there are completions, got 3",
    ],
    [
      "completions of several workers",
      { completions: 2, workers: 2, command: ["run"] },
      "completions: not for a job on several workers, all of which start and end together, got 2",
    ],
    [
      "more parallel pods than its pool holds",
      { completions: 9, parallelism: 5, gpus: 1, pool: "l4" },
      "parallelism: more than pool l4 has room for, got 5",
    ],
    [
      "more GPUs than a node has",
      { gpus: 2, pool: "l4" },
      "gpus: more GPUs than a node of pool l4 has, got 2",
    ],
  ] as [string, Partial<BatchJobArgs>, string][]) {
    it(`rejects ${rejects}`, () => refusedWith(deployTrain(args), `train: ${problem}`));
  }
});
