import assert from "node:assert/strict";
import { ScheduledJob, type ScheduledJobArgs } from "../../../components/jobs/scheduled-job";
import { aCluster, l4 } from "../../support/clusters";
import { at, deploy } from "../../support/deploy";

const cronJobType = "kubernetes:batch/v1:CronJob";
const jobType = "kubernetes:batch/v1:Job";

function deployRetrain(args: Partial<ScheduledJobArgs> = {}) {
  return deploy(
    () =>
      new ScheduledJob("retrain", {
        cluster: aCluster({ pools: { l4 } }),
        namespace: "models",
        image: "registry.example/train:v1",
        schedule: "0 3 * * *",
        ...args,
      }),
  );
}

describe("a job on a schedule", () => {
  it("leaves a run out while the last one goes on, or an hour after it was due, and keeps three of each", async () => {
    const run = await deployRetrain();
    const { jobTemplate, ...spec } = run.find(cronJobType, "retrain").inputs.spec as {
      jobTemplate: unknown;
    };

    assert.ok(jobTemplate);
    assert.deepEqual(spec, {
      schedule: "0 3 * * *",
      timeZone: "Etc/UTC",
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: 3600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
    });
    assert.deepEqual(
      run.resources.filter(({ type }) => type === jobType),
      [],
    );
  });

  it("takes zone, concurrency, deadline and history from its entry", async () => {
    const job = (
      await deployRetrain({
        timeZone: "Europe/Berlin",
        concurrency: "replace",
        startingDeadline: 120,
        history: { succeeded: 0, failed: 10 },
      })
    ).find(cronJobType, "retrain");

    assert.equal(at(job, "spec.timeZone"), "Europe/Berlin");
    assert.equal(at(job, "spec.concurrencyPolicy"), "Replace");
    assert.equal(at(job, "spec.startingDeadlineSeconds"), 120);
    assert.equal(at(job, "spec.successfulJobsHistoryLimit"), 0);
    assert.equal(at(job, "spec.failedJobsHistoryLimit"), 10);
  });

  it("runs what a job that runs once would run", async () => {
    const job = (await deployRetrain({ gpus: 1, timeout: 600, retries: 2 })).find(
      cronJobType,
      "retrain",
    );

    const template = "spec.jobTemplate.spec";
    assert.equal(at(job, `${template}.backoffLimit`), 2);
    assert.equal(at(job, `${template}.activeDeadlineSeconds`), 600);
    assert.equal(at(job, `${template}.template.spec.restartPolicy`), "Never");
    assert.deepEqual(at(job, `${template}.template.spec.nodeSelector`), {
      "example.com/pool": "l4",
    });
    assert.equal(at(job, "spec.jobTemplate.metadata.labels.app"), "retrain");
  });

  it("runs the same first, and is put on its schedule when that has ended well", async () => {
    const run = await deployRetrain({ runFirst: true, timeout: 7200 });
    const first = run.find(jobType, "retrain-first");
    const cronJob = run.find(cronJobType, "retrain");

    assert.deepEqual(first.inputs.spec, at(cronJob, "spec.jobTemplate.spec"));
    assert.equal(first.options.customTimeouts?.create, "7260s");
    assert.deepEqual(first.options.replaceOnChanges, ["#initerror"]);
    assert.equal(first.options.deleteBeforeReplace, true);
    assert.ok(
      run.resources.indexOf(first) < run.resources.indexOf(cronJob),
      "the schedule is made after the first run",
    );
    const awaited = [cronJob.options.dependsOn].flat();
    assert.ok(awaited.includes(first.resource), "the schedule waits for the first run");
  });

  it("hands its provider to every child", async () => {
    const run = await deployRetrain({ runFirst: true });
    const own = run.resources.filter(({ type }) => !type.startsWith("pulumi:"));

    assert.ok(own.length >= 4);
    for (const { provider, name } of own) assert.match(provider, /cluster/, name);
  });

  for (const [rejects, args, message] of [
    [
      "a deadline that its controller would miss",
      { startingDeadline: 5 },
      "startingDeadline: out of range, got 5; allowed: a whole number from 10 to 604800. To fix it, choose a number in this range.",
    ],
    [
      "half a run kept",
      { history: { failed: 0.5 } },
      "history.failed: not a whole number, got 0.5; allowed: a whole number from 0 to 100. To fix it, choose a number in this range.",
    ],
    [
      "no time",
      { timeout: 9 },
      "timeout: out of range, got 9; allowed: a whole number from 10 to 2592000. To fix it, choose a number in this range.",
    ],
  ] as const) {
    it(`rejects ${rejects}`, async () => {
      await assert.rejects(deployRetrain(args), { message: `retrain: ${message}` });
    });
  }
});
