import assert from "node:assert/strict";
import { command } from "../../support/command";
import { ApiServer, type Answers } from "./api-server";

const labels = { app: "train", "app.kubernetes.io/managed-by": "pulumi" };
const metadata = (name: string, minute: string) => ({
  ...{ name, namespace: "models", labels, creationTimestamp: `2026-11-22T10:${minute}:00Z` },
});
const spec = { template: { spec: { containers: [] } } };
const complete = { type: "Complete", status: "True" };
const entry = {
  ...{ kind: "Job", metadata: metadata("train", "00"), spec },
  status: { conditions: [complete] },
};
const running = { ...entry, status: {} };
const made = { ...running, metadata: metadata("train-run-1", "05") };

/** The run's one pod. */
const pod = (state: object) => ({
  items: [
    {
      metadata: metadata("train-run-1-abcde", "05"),
      spec: { nodeName: "n1", containers: [{ name: "train" }] },
      status: { phase: "Running", containerStatuses: [{ name: "train", state }] },
    },
  ],
});

const batch = "/apis/batch/v1";
const jobs = `${batch}/namespaces/models/jobs`;
const pods = "/api/v1/namespaces/models/pods";
const log = `GET ${pods}/train-run-1-abcde/log`;

/** A cluster that has these Jobs. */
const having = (...items: object[]): Answers => ({
  [`GET ${batch}/cronjobs`]: { items: [] },
  [`GET ${batch}/jobs`]: { items },
});

/** A run that ended with an exit code. */
const withExit = (exitCode: number, condition: object): Answers => ({
  ...having(entry),
  [`POST ${jobs}`]: made,
  [`GET ${pods}`]: pod({ terminated: { exitCode } }),
  [`GET ${jobs}/train-run-1`]: { ...made, status: { conditions: [condition] } },
  [log]: "loss 0.1\n",
});

describe("npm run job", function () {
  this.slow(10_000);
  let api: ApiServer | undefined;
  afterEach(() => api?.stop());

  async function job(answers: Answers, ...args: string[]) {
    api = await ApiServer.start(answers);
    api.addPulumi({ "gpu-serving:token": { value: "t0ken", secret: true } });
    const { kubeconfig } = api;
    return command(["job", ...args, "--kubeconfig", kubeconfig], { PATH: api.folder });
  }

  it("shows the log, says how it ended and ends with the program's exit code", async () => {
    const failed = {
      type: "Failed",
      status: "True",
      reason: "BackoffLimitExceeded",
      message: "no",
    };
    const { code, stdout, stderr } = await job(withExit(3, failed), "train");

    assert.deepEqual({ code, stdout }, { code: 3, stdout: "loss 0.1\n" });
    assert.match(
      stderr,
      /^train-run-1 is started in models$[^]*^train-run-1-abcde: exit code 3$[^]*^train-run-1 failed after [\d.]+ s, exit code 3 \(BackoffLimitExceeded: no\)$/m,
    );
  });

  it("tells programs the outcome in JSON, and nothing else on standard output", async () => {
    const { code, stdout, stderr } = await job(withExit(0, complete), "train", "--json");

    assert.equal(code, 0);
    assert.match(stderr, /^loss 0\.1$/m);
    const { seconds, ...told } = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(typeof seconds, "number");
    const run = { entry: "train", namespace: "models", job: "train-run-1" };
    assert.deepEqual(told, { ...run, outcome: "succeeded", exitCode: 0 });
  });

  it("ends with 1 where the time was over, because no program did", async () => {
    const late = { type: "Failed", status: "True", reason: "DeadlineExceeded" };
    const { code } = await job({ ...withExit(0, late), [`GET ${pods}`]: { items: [] } }, "train");
    assert.equal(code, 1);
  });

  it("masks the secrets of its stack in the log, and says where it cannot", async () => {
    const using = { ...withExit(0, complete), [log]: "using t0ken\nloss 0.1" };
    const known = await job(using, "train", "--stack", "prod");
    assert.equal(known.stdout, "using [secret]\nloss 0.1");
    api?.stop();

    const unknown = await job(using, "train");
    assert.equal(unknown.stdout, "using t0ken\nloss 0.1");
    assert.match(
      unknown.stderr,
      /^Secrets in the log are not masked: name the job's stack with --stack\.$/m,
    );
  });

  it("starts nothing while a run goes on, and says what to do", async () => {
    const { code, stderr } = await job(having(running), "train");

    assert.equal(code, 1);
    assert.match(
      stderr,
      /^train runs already, as train since 2026-11-22T10:00:00Z: .* --follow, .* --beside\.$/m,
    );
    assert.deepEqual(api?.created, []);
  });

  it("starts one next to it with --beside, and returns with --detach", async () => {
    const answers = { ...having(running), [`POST ${jobs}`]: made };
    const { code, stderr } = await job(answers, "train", "--beside", "--detach");

    assert.equal(code, 0, stderr);
    assert.equal(api?.created.length, 1);
    assert.match(stderr, /Watch it with: npm run job -- train --follow/);
  });

  it("shows the newest run with --follow, and starts nothing", async () => {
    const answers = { ...withExit(0, complete), ...having(entry, made) };
    const { code, stdout } = await job(answers, "train", "--follow");

    assert.deepEqual({ code, stdout }, { code: 0, stdout: "loss 0.1\n" });
    assert.deepEqual(api?.created, []);
  });

  it("takes up a log whose connection broke where it broke, and waits for a cluster that does not answer", async () => {
    const asked: URLSearchParams[] = [];
    let away = true;
    const { code, stdout, stderr } = await job(
      {
        ...withExit(0, complete),
        [`GET ${pods}`]: pod({ running: {} }),
        [`GET ${jobs}/train-run-1`]: (response) => {
          if (away) response.destroy();
          away = false;
          const conditions = asked.length > 1 ? [complete] : [];
          response.end(JSON.stringify({ ...made, status: { conditions } }));
        },
        [log]: (response, query) => {
          asked.push(query);
          if (asked.length > 1) return void response.end(asked.length === 2 ? "loss 0.2\n" : "");
          response.write("loss 0.1\n", () => setImmediate(() => response.destroy()));
        },
      },
      "train",
    );

    assert.equal(code, 0, stderr);
    assert.equal(stdout, "loss 0.1\nloss 0.2\n");
    const since = asked.map((query) => query.get("sinceTime"));
    assert.equal(since[0], null);
    assert.ok(Date.parse(since[1] ?? "") > 0, `since ${since[1]}`);
    assert.ok(asked.every((query) => query.get("follow") === "true"));
    assert.match(stderr, /^the cluster does not answer; it is asked again for three minutes$/m);
  });

  it("says of each line which of several workers wrote it", async () => {
    const several = { ...made, spec: { ...spec, completions: 2 } };
    const answers = { ...withExit(0, complete), [log]: "loss 0.1\n\nloss 0.2\n" };
    const { stdout } = await job({ ...answers, [`POST ${jobs}`]: several }, "train");
    const prefix = "[pod/train-run-1-abcde/train] ";
    assert.equal(stdout, `${prefix}loss 0.1\n${prefix}\n${prefix}loss 0.2\n`);
  });

  for (const [what, answers, args, problem] of [
    [
      "ends where the run is deleted",
      { ...withExit(0, complete), [`GET ${jobs}/train-run-1`]: 404 },
      ["train"],
      /^train-run-1 is gone: it was deleted while it was followed\.$/m,
    ],
    [
      "says what the cluster refuses, and how to look at one namespace only",
      { ...having(), [`GET ${batch}/jobs`]: 403 },
      ["train"],
      /^Cannot work on the cluster: the API server answers 403: .* name it with --namespace\.$/m,
    ],
    [
      "does not both follow and leave",
      ...[{}, ["train", "--follow", "--detach"], /^error: option '--follow' cannot be used with/],
    ],
  ] as const) {
    it(what, async () => {
      const { code, stderr } = await job(answers, ...args);
      assert.equal(code, 1);
      assert.match(stderr, problem);
    });
  }
});
