import assert from "node:assert/strict";
import { entryOf } from "../../../cli/job/entry";
import { startRun } from "../../../cli/job/manual-run";
import { Kubectl } from "./kubectl";

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

describe("a run that is started by hand", () => {
  let kubectl: Kubectl | undefined;
  afterEach(() => kubectl?.remove());

  function standIn(items: object[]): Kubectl {
    kubectl = new Kubectl({
      "get cronjobs,jobs": { items },
      "get serviceaccount train -n models": account,
      create: job("train-run-x7k2p"),
    });
    return kubectl;
  }

  it("is what the entry's job runs, under a name and with pods of its own", async () => {
    const { to, created } = bound(standIn([job("train")]));
    const started = await startRun(to, await entryOf(to, "train"));

    assert.equal(started.metadata.name, "train-run-x7k2p");
    const [made] = created() as [ReturnType<typeof job> & { metadata: { generateName: string } }];
    assert.equal(made.metadata.generateName, "train-run-");
    assert.equal(made.metadata.namespace, "models");
    assert.deepEqual(made.metadata.labels, labels);
    assert.deepEqual(made.spec, {
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
    const { to, created } = bound(standIn([job("train")]));
    await startRun(to, await entryOf(to, "train"));

    const [made] = created() as [{ metadata: { ownerReferences: object[] } }];
    assert.deepEqual(made.metadata.ownerReferences, [
      { apiVersion: "v1", kind: "ServiceAccount", name: "train", uid: "a1" },
    ]);
  });

  it("is what a schedule would run", async () => {
    const { to, created } = bound(standIn([schedule]));
    await startRun(to, await entryOf(to, "train"));

    const [made] = created() as [ReturnType<typeof job>];
    assert.deepEqual(made.spec.template.spec, job("train").spec.template.spec);
  });
});

describe("an entry's job in the cluster", () => {
  let kubectl: Kubectl | undefined;
  afterEach(() => kubectl?.remove());
  const among = (...items: object[]) => {
    kubectl = new Kubectl({ "get cronjobs,jobs": { items } });
    return kubectl.to;
  };

  it("has its runs, the newest first", async () => {
    const runs = (
      await entryOf(
        among(
          schedule,
          job("train-1", {}, "2026-11-22T03:00:00Z"),
          job("train-2", {}, "2026-11-22T09:00:00Z"),
        ),
        "train",
      )
    ).runs;
    assert.deepEqual(
      runs.map(({ metadata }) => metadata.name),
      ["train-2", "train-1"],
    );
  });

  it("is refused where there is none of the name, with those that there are", async () => {
    await assert.rejects(entryOf(among(job("train"), job("train-run-x7k2p")), "trian"), {
      message: "There is no job trian in stack prod. Its jobs: train. Did you mean train?",
    });
  });

  it("is refused where two namespaces have one of the name", async () => {
    const other = job("train");
    other.metadata.namespace = "vision";
    await assert.rejects(entryOf(among(job("train"), other), "train"), {
      message:
        "Several jobs are called train, in the namespaces models, vision: name one with --namespace, or its stack with --stack.",
    });
  });
});

function bound(kubectl: Kubectl) {
  return { to: kubectl.to, created: () => kubectl.created() };
}
