import assert from "node:assert/strict";
import { buildEnvironment } from "../../../stacks/environment";
import { at, deploy } from "../../support/deploy";
import { fromFile } from "../stack-files";

const file = `
config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  services:
    digits: { image: "digits:v1", after: [train, retrain] }
    other: { image: "other:v1" }
  jobs:
    train: { image: "train:v1", timeout: 2h, after: [fetch] }
    retrain: { image: "train:v1", schedule: "@daily", runFirst: true, timeout: 10m }
    fetch: { image: "fetch:v1" }
    tidy: { image: "tidy:v1", timeout: 2h }
`;

const run = () => deploy(() => buildEnvironment(fromFile({ "Pulumi.prod.yaml": file })));

describe("jobs and what comes after them", () => {
  for (const [earlier, later, claim] of [
    ["Job fetch", "Job train", "a job after the jobs it names, wherever they stand in the file"],
    ["Job train", "ServiceAccount digits-account", "a service after the jobs it names"],
    ["Job retrain-first", "ServiceAccount digits-account", "and after first runs"],
    ["ServiceAccount other-account", "Job train", "a service that names no job before"],
  ] as const) {
    it(`are made in order: ${claim}`, async () => {
      const { resources } = await run();
      const made = resources.map(({ type, name }) => `${type.replace(/^.*:/, "")} ${name}`);
      assert.ok(made.includes(earlier), earlier);
      assert.ok(made.indexOf(earlier) < made.indexOf(later));
    });
  }

  it("a job gets its attempt, and no other job", async () => {
    const stack = fromFile({ "Pulumi.prod.yaml": file });
    const { find } = await deploy(() =>
      buildEnvironment(stack, undefined, { attempts: { tidy: "3f2a" } }),
    );
    const attempt = (name: string) =>
      JSON.stringify(find("kubernetes:batch/v1:Job", name).inputs).includes("3f2a");
    assert.ok(attempt("tidy"));
    assert.ok(!attempt("train"));
  });

  it("a long job is waited for where something comes after it, and only there", async () => {
    const { find } = await run();
    const waitFor = (name: string) =>
      at(find("kubernetes:batch/v1:Job", name), "metadata.annotations");
    assert.deepEqual(waitFor("train"), {});
    assert.match(JSON.stringify(waitFor("tidy")), /waitFor.*@\.ready > 0/);
  });
});

describe("what reads what a job first writes", () => {
  it("comes after it, once, unless it writes there itself", () => {
    const write = (folder: string) => `{ volume: ${folder}, write: true }`;
    const { services, jobs } = fromFile({
      "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing }
  volumes: { models: { claim: models, access: any-node } }
  services:
    digits: { image: "digits:v1", mounts: { /models: models/digits } }
    all: { image: "all:v1", mounts: { /models: models } }
    other: { image: "other:v1", mounts: { /models: models/digits-2 } }
    editor: { image: "editor:v1", mounts: { /models: ${write("models")} } }
    updated: { image: "digits:v1", modelUpdates: { from: models/digits, to: /models } }
  jobs:
    retrain: { image: "train:v1", schedule: "@daily", runFirst: true, mounts: { /out: ${write("models/digits")} } }
    nightly: { image: "train:v1", schedule: "@daily", mounts: { /out: ${write("models/digits")} } }
    evaluate: { image: "evaluate:v1", after: [retrain], mounts: { /models: models/digits } }`,
    });
    const after = Object.entries({ ...services, ...jobs }).map(([name, entry]) => [
      name,
      entry.after,
    ]);

    assert.deepEqual(Object.fromEntries(after) as unknown, {
      ...{ digits: ["retrain"], all: ["retrain"], other: [], editor: [], updated: ["retrain"] },
      ...{ retrain: [], nightly: [], evaluate: ["retrain"] },
    });
  });
});

describe("pods of a job at the same time", () => {
  for (const [pods, claim, fields] of [
    [1, "run once", "timeout: 24h"],
    [1, "on a schedule", 'schedule: "* * * * *", timeout: 1h'],
    [1, "in place of the last", 'schedule: "* * * * *", concurrency: replace'],
    [4, "started within a run", 'schedule: "*/15 * * * *", concurrency: allow, timeout: 1h'],
    [2, "of which one has not ended", 'schedule: "@hourly", concurrency: allow, timeout: 90m'],
    [1, "ended before the next", 'schedule: "@daily", concurrency: allow'],
    [3, "as workers", "workers: 3, command: [torchrun]"],
  ] as const) {
    it(`are ${pods}: ${claim}`, () => {
      const stack = `config: { cluster: { kind: existing }, jobs: { a: { image: "a:v1", ${fields} } } }`;
      assert.equal(fromFile({ "Pulumi.prod.yaml": stack }).jobs.a?.count, pods);
    });
  }
});
