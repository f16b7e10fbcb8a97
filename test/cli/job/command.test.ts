import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { run } from "../../../process/run";
import { Kubectl } from "./kubectl";

const checkout = resolve(__dirname, "..", "..", "..");
const kubeconfig = join(checkout, "test", "fixtures", "kubeconfig.yaml");

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

/** A run that ended with an exit code. */
const withExit = (exitCode: number, condition: object) => ({
  "get cronjobs,jobs": { items: [entry] },
  create: made,
  "get pods": pod({ terminated: { exitCode } }),
  "get job train-run-1": { ...made, status: { conditions: [condition] } },
  "logs --follow -n models train-run-1-abcde -c train": "loss 0.1",
});

describe("npm run job", function () {
  this.slow(10_000);
  let kubectl: Kubectl | undefined;
  afterEach(() => kubectl?.remove());

  async function job(answers: Record<string, object | string>, ...args: string[]) {
    kubectl = new Kubectl(answers);
    kubectl.addPulumi({ "gpu-serving:token": { value: "t0ken", secret: true } });
    const words = ["--import=tsx", "cli/job/job.ts", ...args, "--kubeconfig", kubeconfig];
    const env = { ...process.env, PATH: kubectl.folder };
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
    const succeeded = { type: "Complete", status: "True" };
    const { code, stdout, stderr } = await job(withExit(0, succeeded), "train", "--json");

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
    const { code } = await job({ ...withExit(0, late), "get pods": { items: [] } }, "train");

    assert.equal(code, 1);
  });

  it("masks the secrets of its stack in the log, and says where it cannot", async () => {
    const answers = withExit(0, { type: "Complete", status: "True" });
    const log = "logs --follow -n models train-run-1-abcde -c train";
    const using = { ...answers, [log]: "using t0ken\nloss 0.1" };
    const known = await job(using, "train", "--stack", "prod");
    assert.equal(known.stdout, "using [secret]\nloss 0.1\n");
    kubectl?.remove();

    const unknown = await job(using, "train");
    assert.equal(unknown.stdout, "using t0ken\nloss 0.1\n");
    assert.match(
      unknown.stderr,
      /^Secrets in the log are not masked: name the job's stack with --stack\.$/m,
    );
  });

  it("starts nothing while a run goes on, and says what to do", async () => {
    const { code, stderr } = await job(
      { "get cronjobs,jobs": { items: [{ ...entry, status: {} }] } },
      "train",
    );

    assert.equal(code, 1);
    assert.equal(
      stderr.trim(),
      "train runs already, as train since 2026-11-22T10:00:00Z: watch that with --follow, or start another one next to it with --beside.",
    );
    assert.deepEqual(kubectl?.created(), []);
  });

  it("starts one next to it with --beside, and returns with --detach", async () => {
    const { code, stderr } = await job(
      { "get cronjobs,jobs": { items: [{ ...entry, status: {} }] }, create: made },
      ...["train", "--beside", "--detach"],
    );

    assert.equal(code, 0, stderr);
    assert.equal(kubectl?.created().length, 1);
    assert.match(stderr, /Watch it with: npm run job -- train --follow/);
  });

  it("shows the newest run with --follow, and starts nothing", async () => {
    const answers = withExit(0, { type: "Complete", status: "True" });
    const { code, stdout } = await job(
      { ...answers, "get cronjobs,jobs": { items: [entry, made] } },
      ...["train", "--follow"],
    );

    assert.equal(code, 0);
    assert.equal(stdout, "loss 0.1\n");
    assert.deepEqual(kubectl?.created(), []);
  });

  for (const [wrong, args] of [
    ["no name", []],
    ["two names", ["train", "test"]],
    ["an unknown option", ["train", "--wait"]],
    ["both to follow and to leave", ["train", "--follow", "--detach"]],
  ] as const) {
    it(`says how it is used: ${wrong}`, async () => {
      const { code, stderr } = await job({}, ...args);
      assert.equal(code, 1);
      assert.match(stderr, /^Which job\? npm run job -- NAME /);
    });
  }
});
