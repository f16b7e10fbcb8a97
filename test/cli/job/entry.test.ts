import assert from "node:assert/strict";
import { z } from "zod";
import { entryOf, startRun } from "../../../cli/job/entry";
import { ApiServer } from "./api-server";

const labels = { app: "train", "app.kubernetes.io/managed-by": "pulumi" };
const podSpec = { serviceAccountName: "train", containers: [{ name: "train", image: "train:v1" }] };
const annotations = { "karpenter.sh/do-not-disrupt": "true" };

/** A Job as the API server has it. */
const job = (name: string, hour = 10, namespace = "models") => ({
  kind: "Job",
  metadata: { name, namespace, labels, creationTimestamp: `2026-11-22T${hour}:00:00Z` },
  spec: {
    backoffLimit: 2,
    manualSelector: true,
    selector: { matchLabels: { "batch.kubernetes.io/controller-uid": "u1" } },
    template: {
      metadata: {
        annotations,
        labels: {
          ...{ app: "train", "controller-uid": "u1", "job-name": name },
          ...{ "batch.kubernetes.io/controller-uid": "u1", "batch.kubernetes.io/job-name": name },
        },
      },
      spec: podSpec,
    },
  },
});
const schedule = {
  kind: "CronJob",
  metadata: job("train").metadata,
  spec: {
    concurrencyPolicy: "Allow",
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

describe("an entry's job in the cluster", () => {
  let api: ApiServer | undefined;
  afterEach(() => api?.stop());

  /** The access to a cluster that has these objects. */
  async function having(jobs: object[], cronJobs: object[] = []) {
    const metadata = { name: "train", uid: "a1", namespace: "models" };
    api = await ApiServer.start({
      "GET /apis/batch/v1/cronjobs": { items: cronJobs },
      "GET /apis/batch/v1/jobs": { items: jobs },
      "GET /api/v1/namespaces/models/serviceaccounts/train": { kind: "ServiceAccount", metadata },
      "POST /apis/batch/v1/namespaces/models/jobs": job("train-run-x7k2p"),
    });
    return api.access();
  }

  it("is started by hand as what it runs, under a name and with pods of its own, and goes with the entry", async () => {
    const to = await having([job("train")]);
    assert.equal((await startRun(to, await entryOf(to, "train"))).name, "train-run-x7k2p");

    const [{ metadata, spec }] = sent.parse(api?.created);
    const { generateName, namespace, ownerReferences } = metadata;
    assert.deepEqual(
      { generateName, namespace, labels: metadata.labels, ownerReferences },
      {
        ...{ generateName: "train-run-", namespace: "models", labels },
        ownerReferences: [{ apiVersion: "v1", kind: "ServiceAccount", name: "train", uid: "a1" }],
      },
    );
    assert.deepEqual(spec, {
      backoffLimit: 2,
      template: { metadata: { labels: { app: "train" }, annotations }, spec: podSpec },
      ttlSecondsAfterFinished: 604800,
    });
  });

  it("is started by hand as what a schedule would run", async () => {
    const to = await having([], [schedule]);
    const entry = await entryOf(to, "train");
    assert.ok(entry.sideBySide);
    await startRun(to, entry);
    assert.deepEqual(sent.parse(api?.created)[0].spec.template.spec, podSpec);
  });

  it("has its runs, the newest first", async () => {
    const others = [job("train-other", 10, "vision"), { ...job("x"), metadata: { name: "x" } }];
    const to = await having([job("train-1", 13), job("train-2", 19), ...others], [schedule]);
    const { runs } = await entryOf(to, "train");
    assert.deepEqual(
      runs.map(({ name }) => name),
      ["train-2", "train-1"],
    );
  });

  it("is refused where there is none of the name, with those that there are", async () => {
    await assert.rejects(entryOf(await having([job("train"), job("train-run-x7k2p")]), "trian"), {
      message: "There is no job trian in stack prod. Its jobs: train. Did you mean train?",
    });
  });

  it("is refused where two namespaces have one of the name", async () => {
    const to = await having([job("train"), job("train", 10, "vision")]);
    await assert.rejects(
      entryOf(to, "train"),
      /^Fault: Several .* in the namespaces models, vision/,
    );
  });
});
