import assert from "node:assert/strict";
import { ScheduledJob, type ScheduledJobArgs } from "../../../components/jobs/scheduled-job";
import { aCluster, l4, looksInto } from "../../support/clusters";
import { deploy, homesOf, refusedWith } from "../../support/deploy";

const jobType = "kubernetes:batch/v1:Job";

async function deployRetrain(args: Partial<ScheduledJobArgs> = {}) {
  const run = await deploy(
    () =>
      new ScheduledJob("retrain", {
        cluster: aCluster({ pools: { l4 } }),
        namespace: "models",
        image: "registry.example/train:v1",
        schedule: "0 3 * * *",
        ...args,
      }),
  );
  const cronJob = run.find("kubernetes:batch/v1:CronJob", "retrain");
  return { ...run, cronJob, ...looksInto(cronJob, "spec.jobTemplate.spec.template") };
}

describe("a job on a schedule", () => {
  it("leaves a run out while the last one goes on, or an hour after it was due, and keeps three of each", async () => {
    const { of, resources } = await deployRetrain();
    const { jobTemplate, ...spec } = of("spec") as { jobTemplate: unknown };

    assert.ok(jobTemplate);
    assert.deepEqual(spec, {
      schedule: "0 3 * * *",
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 3600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
    });
    assert.ok(resources.every(({ type }) => type !== jobType));
  });

  it("takes zone, concurrency, deadline and history from its entry", async () => {
    const { of } = await deployRetrain({
      timeZone: "Europe/Berlin",
      concurrency: "replace",
      startingDeadline: 120,
      history: { succeeded: 0, failed: 10 },
    });

    assert.equal(of("spec.timeZone"), "Europe/Berlin");
    assert.equal(of("spec.concurrencyPolicy"), "Replace");
    assert.equal(of("spec.startingDeadlineSeconds"), 120);
    assert.equal(of("spec.successfulJobsHistoryLimit"), 0);
    assert.equal(of("spec.failedJobsHistoryLimit"), 10);
  });

  it("runs what a job that runs once would run", async () => {
    const { of, pod } = await deployRetrain({ gpus: 1, timeout: 600, retries: 2 });

    assert.equal(of("spec.jobTemplate.spec.backoffLimit"), 2);
    assert.equal(of("spec.jobTemplate.spec.activeDeadlineSeconds"), 600);
    assert.equal(of("spec.jobTemplate.metadata.labels.app"), "retrain");
    assert.equal(pod("restartPolicy"), "Never");
    assert.deepEqual(pod("nodeSelector"), { "example.com/pool": "l4" });
  });

  it("runs the same first, and is put on its schedule when that has ended well", async () => {
    const { find, of, cronJob } = await deployRetrain({ runFirst: true, timeout: 7200 });
    const first = find(jobType, "retrain-first");
    const policy = find("kubernetes:networking.k8s.io/v1:NetworkPolicy", "retrain-network");

    assert.deepEqual(first.inputs.spec, of("spec.jobTemplate.spec"));
    assert.equal(first.options.customTimeouts?.create, "7260s");
    assert.deepEqual(first.options.replaceOnChanges, ["#initerror"]);
    assert.equal(first.options.deleteBeforeReplace, true);
    assert.deepEqual(first.options.dependsOn, [policy.resource]);
    assert.deepEqual(cronJob.options.dependsOn, [policy.resource, first.resource]);
  });

  it("hands its provider to every child, and keeps them when it loses its schedule", async () => {
    const run = await deployRetrain({ runFirst: true });

    assert.deepEqual(homesOf(run), ["cluster"]);
    assert.deepEqual(run.components.at(-1)?.options.aliases, [
      { type: "gpu-serving:index:BatchJob" },
    ]);
  });

  for (const [rejects, args, problem] of [
    ["a deadline that is missed", { startingDeadline: 9 }, "startingDeadline: out of range, got 9"],
    [
      "a deadline after more than a week",
      { startingDeadline: 604801 },
      "startingDeadline: out of range, got 604801",
    ],
    [
      "half a run kept",
      { history: { failed: 0.5 } },
      "history.failed: not a whole number, got 0.5",
    ],
    [
      "too many runs kept",
      { history: { succeeded: 101 } },
      "history.succeeded: out of range, got 101",
    ],
    ["no time", { timeout: 9 }, "timeout: out of range, got 9"],
  ] as const) {
    it(`rejects ${rejects}`, () => refusedWith(deployRetrain(args), `retrain: ${problem}`));
  }

  it("takes the shortest deadline", async () => {
    await deployRetrain({ startingDeadline: 10 });
  });
});
