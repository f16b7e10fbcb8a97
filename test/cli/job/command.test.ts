import assert from "node:assert/strict";
import { resolve } from "node:path";
import { run } from "../../../process/run";
import { ApiServer, type Answers } from "./api-server";

const checkout = resolve(__dirname, "..", "..", "..");

const labels = { app: "train", "app.kubernetes.io/managed-by": "pulumi" };
const metadata = {
  ...{ name: "train", namespace: "models", labels },
  creationTimestamp: "2026-11-22T10:00:00Z",
};
const spec = { template: { spec: { containers: [] } } };
const ended = { conditions: [{ type: "Complete", status: "True" }] };

const entry = { kind: "Job", metadata, spec, status: ended };
const made = {
  ...entry,
  metadata: { ...metadata, name: "train-run-1", creationTimestamp: "2026-11-22T10:05:00Z" },
  status: {},
};

/** The run's one pod. */
const pod = (state: object) => ({
  items: [
    {
      metadata: { name: "train-run-1-abcde", creationTimestamp: metadata.creationTimestamp },
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
const complete = { type: "Complete", status: "True" };

describe("npm run job", function () {
  this.slow(10_000);
  let api: ApiServer | undefined;
  afterEach(() => api?.stop());

  async function job(answers: Answers, ...args: string[]) {
    api = await ApiServer.start(answers);
    api.addPulumi({ "gpu-serving:token": { value: "t0ken", secret: true } });
    const { kubeconfig } = api;
    const words = ["--import=tsx", "cli/main.ts", "job", ...args, "--kubeconfig", kubeconfig];
    const env = { ...process.env, PATH: api.folder };
    return run(process.execPath, words, { cwd: checkout, env, mayFail: true });
  }

  it("shows the log, says how it ended and ends with the program's exit code", async () => {
    const failed = {
      type: "Failed",
      status: "True",
      reason: "BackoffLimitExceeded",
      message: "Job has reached the specified backoff limit",
    };
    const { code, stdout, stderr } = await job(withExit(3, failed), "train");

    assert.equal(code, 3);
    assert.equal(stdout, "loss 0.1\n");
    assert.match(stderr, /^train-run-1 is started in models$/m);
    assert.match(stderr, /^train-run-1-abcde: exit code 3$/m);
    assert.match(
      stderr,
      /^train-run-1 failed after [\d.]+ s, exit code 3 \(BackoffLimitExceeded: Job has reached the specified backoff limit\)$/m,
    );
  });

  it("tells programs the outcome in JSON, and nothing else on standard output", async () => {
    const { code, stdout, stderr } = await job(withExit(0, complete), "train", "--json");

    assert.equal(code, 0);
    assert.match(stderr, /^loss 0\.1$/m);
    const { seconds, ...told } = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(typeof seconds, "number");
    assert.deepEqual(told, {
      entry: "train",
      namespace: "models",
      job: "train-run-1",
      outcome: "succeeded",
      exitCode: 0,
    });
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
    const { code, stderr } = await job(having({ ...entry, status: {} }), "train");

    assert.equal(code, 1);
    assert.equal(
      stderr.trim(),
      "train runs already, as train since 2026-11-22T10:00:00Z: watch that with --follow, or start another one next to it with --beside.",
    );
    assert.deepEqual(api?.created, []);
  });

  it("starts one next to it with --beside, and returns with --detach", async () => {
    const { code, stderr } = await job(
      { ...having({ ...entry, status: {} }), [`POST ${jobs}`]: made },
      ...["train", "--beside", "--detach"],
    );

    assert.equal(code, 0, stderr);
    assert.equal(api?.created.length, 1);
    assert.match(stderr, /Watch it with: npm run job -- train --follow/);
  });

  it("shows the newest run with --follow, and starts nothing", async () => {
    const { code, stdout } = await job(
      { ...withExit(0, complete), ...having(entry, made) },
      ...["train", "--follow"],
    );

    assert.equal(code, 0);
    assert.equal(stdout, "loss 0.1\n");
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
    const answers = withExit(0, complete);
    const several = { ...made, spec: { ...spec, completions: 2 } };
    const { stdout } = await job(
      { ...answers, [`POST ${jobs}`]: several, [log]: "loss 0.1\n\nloss 0.2\n" },
      "train",
    );
    const prefix = "[pod/train-run-1-abcde/train] ";
    assert.equal(stdout, `${prefix}loss 0.1\n${prefix}\n${prefix}loss 0.2\n`);
  });

  it("ends where the run is deleted", async () => {
    const { code, stderr } = await job(
      { ...withExit(0, complete), [`GET ${jobs}/train-run-1`]: 404 },
      "train",
    );
    assert.equal(code, 1);
    assert.match(stderr, /^train-run-1 is gone: it was deleted while it was followed\.$/m);
  });

  it("says what the cluster refuses, and how to look at one namespace only", async () => {
    const { code, stderr } = await job({ ...having(), [`GET ${batch}/jobs`]: 403 }, "train");
    assert.equal(code, 1);
    assert.equal(
      stderr,
      "Cannot work on the cluster: the API server answers 403: /apis/batch/v1/jobs is forbidden. If you may work on one namespace only, name it with --namespace.\n",
    );
  });

  for (const [wrong, args, problem] of [
    ["no name", [], "missing required argument 'name'"],
    ["two names", ["train", "test"], "too many arguments for 'job'"],
    ["an unknown option", ["train", "--wait"], "unknown option '--wait'"],
    ["both to follow and to leave", ["train", "--follow", "--detach"], "option '--follow' cannot"],
  ] as const) {
    it(`says how it is used: ${wrong}`, async () => {
      const { code, stderr } = await job({}, ...args);
      assert.equal(code, 1);
      assert.ok(stderr.startsWith(`error: ${problem}`), stderr);
      assert.match(stderr, /^npm run job -- --help says how the command is used\.$/m);
    });
  }
});
