import assert from "node:assert/strict";
import { z } from "zod";
import { entryOf, startRun } from "../../../cli/job/entry";
import { ApiServer } from "./api-server";

const labels = { app: "train", "app.kubernetes.io/managed-by": "pulumi" };

/** A Job as the API server has it. */
const job = (name: string, status: object = {}, created = "2026-11-22T10:00:00Z") => ({
  kind: "Job",
  metadata: { name, namespace: "models", labels, creationTimestamp: created },
  spec: {
    backoffLimit: 2,
    manualSelector: true,
    selector: { matchLabels: { "batch.kubernetes.io/controller-uid": "u1" } },
    template: {
      metadata: {
        labels: {
          app: "train",
          "controller-uid": "u1",
          "job-name": name,
          "batch.kubernetes.io/controller-uid": "u1",
          "batch.kubernetes.io/job-name": name,
        },
        annotations: { "karpenter.sh/do-not-disrupt": "true" },
      },
      spec: { serviceAccountName: "train", containers: [{ name: "train", image: "train:v1" }] },
    },
  },
  status,
});

const account = {
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: "train", uid: "a1", namespace: "models" },
};

const schedule = {
  kind: "CronJob",
  metadata: { ...job("train").metadata },
  spec: {
    concurrencyPolicy: "Forbid",
    jobTemplate: { spec: { template: job("train").spec.template } },
  },
};

/** What is sent to make a run. */
const sent = z.tuple([
  z.looseObject({
    metadata: z.record(z.string(), z.unknown()),
    spec: z.looseObject({ template: z.looseObject({ spec: z.unknown() }) }),
  }),
]);

describe("a run that is started by hand", () => {
  let api: ApiServer | undefined;
  afterEach(() => api?.stop());

  /** Starts a run of `train` where the cluster has these objects for it; gives its name and what was sent. */
  async function started(objects: { cronJobs?: object[]; jobs?: object[] }) {
    api = await ApiServer.start({
      "GET /apis/batch/v1/cronjobs": { items: objects.cronJobs ?? [] },
      "GET /apis/batch/v1/jobs": { items: objects.jobs ?? [] },
      "GET /api/v1/namespaces/models/serviceaccounts/train": account,
      "POST /apis/batch/v1/namespaces/models/jobs": job("train-run-x7k2p"),
    });
    const to = await api.access();
    const { name } = await startRun(to, await entryOf(to, "train"));
    return { name, made: sent.parse(api.created) };
  }

  it("is what the entry's job runs, under a name and with pods of its own", async () => {
    const { name, made } = await started({ jobs: [job("train")] });

    assert.equal(name, "train-run-x7k2p");
    const [{ metadata, spec }] = made;
    assert.equal(metadata.generateName, "train-run-");
    assert.equal(metadata.namespace, "models");
    assert.deepEqual(metadata.labels, labels);
    assert.deepEqual(spec, {
      backoffLimit: 2,
      template: {
        metadata: {
          labels: { app: "train" },
          annotations: { "karpenter.sh/do-not-disrupt": "true" },
        },
        spec: job("train").spec.template.spec,
      },
      ttlSecondsAfterFinished: 604800,
    });
  });

  it("goes with the entry", async () => {
    const { made } = await started({ jobs: [job("train")] });

    assert.deepEqual(made[0].metadata.ownerReferences, [
      { apiVersion: "v1", kind: "ServiceAccount", name: "train", uid: "a1" },
    ]);
  });

  it("is what a schedule would run", async () => {
    const { made } = await started({ cronJobs: [schedule] });

    assert.deepEqual(made[0].spec.template.spec, job("train").spec.template.spec);
  });
});

describe("an entry's job in the cluster", () => {
  let api: ApiServer | undefined;
  afterEach(() => api?.stop());
  const among = async (jobs: object[], cronJobs: object[] = []) => {
    api = await ApiServer.start({
      "GET /apis/batch/v1/cronjobs": { items: cronJobs },
      "GET /apis/batch/v1/jobs": { items: jobs },
    });
    return api.access();
  };

  it("has its runs, the newest first", async () => {
    const jobs = [
      job("train-1", {}, "2026-11-22T03:00:00Z"),
      job("train-2", {}, "2026-11-22T09:00:00Z"),
    ];
    const { runs } = await entryOf(await among(jobs, [schedule]), "train");
    assert.deepEqual(
      runs.map(({ name }) => name),
      ["train-2", "train-1"],
    );
  });

  it("is refused where there is none of the name, with those that there are", async () => {
    await assert.rejects(entryOf(await among([job("train"), job("train-run-x7k2p")]), "trian"), {
      message: "There is no job trian in stack prod. Its jobs: train. Did you mean train?",
    });
  });

  it("is refused where two namespaces have one of the name", async () => {
    const other = job("train");
    other.metadata.namespace = "vision";
    await assert.rejects(entryOf(await among([job("train"), other]), "train"), {
      message:
        "Several jobs are called train, in the namespaces models, vision: name one with --namespace, or its stack with --stack.",
    });
  });
});
