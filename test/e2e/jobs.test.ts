import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { applied } from "../../cli/apply";
import type { Run } from "../../cli/engine";
import { watchedUp } from "../../cli/watched-up";
import { checkout } from "../../local/folder";
import { pulumi } from "../../local/pulumi";
import { run } from "../../process/run";
import { clusterOf } from "../../rollouts/cluster";
import { cluster, usesCurrentProvider } from "../support/local-cluster";
import { inSteps } from "../support/steps";

const stack = "e2e-jobs";
const namespace = "e2e-jobs";

/** What of an exported state is of interest. */
interface Exported {
  deployment: {
    resources: {
      urn: string;
      initErrors?: string[];
      outputs?: { status?: { active?: number } };
    }[];
  };
}

/** A job that runs some Python. */
const python = (program: string) => ({
  image: "digits:e2e-1",
  cpu: "10m",
  memory: "64Mi",
  timeout: "1m",
  command: ["python", "-u", "-c", program],
});

const greet = (name: string) => python(`print("hello,", "${name}")`);
const evaluate = (exitCode: number) =>
  python(`print("accuracy 0.42"); print("below 0.9"); exit(${exitCode})`);
const tick = { ...python('print("tick")'), schedule: "* * * * *", runFirst: true };
/** Too long to be waited for. */
const study = { ...python('print("no GPU"); exit(4)'), timeout: "31m" };
/** Ends when it is told to: what has no handler for it in a container goes on. */
const steady = python(
  "import signal, time; signal.signal(signal.SIGTERM, lambda *_: exit(1)); time.sleep(4); print('through')",
);

describe("jobs on the local cluster", function () {
  this.slow(60_000);
  inSteps(this);

  const local = cluster(this);

  /** Writes the stack file. */
  function describeStack(jobs: object): string {
    const file = join(local.folder, `Pulumi.${stack}.yaml`);
    const config = {
      cluster: { kind: "existing", kubeconfig: local.kubeconfig },
      namespaces: { [namespace]: {} },
      jobs,
    };
    writeFileSync(file, stringify({ config }));
    return file;
  }
  async function runPulumi(command: string[], jobs: object, mayFail = false) {
    const file = describeStack(jobs);
    return local.pulumi([...command, "--stack", stack, "--config-file", file], mayFail);
  }
  const up = (jobs: object, mayFail = false) =>
    runPulumi(["up", "--yes", "--skip-preview"], jobs, mayFail);

  async function get(kind: string, name: string, jsonpath: string): Promise<string> {
    const where = ["--namespace", namespace, "--ignore-not-found"];
    const output = `jsonpath=${jsonpath}`;
    return (await local.kubectl(["get", kind, name, ...where, "--output", output])).stdout;
  }
  const uidOf = (job: string) => get("job", job, "{.metadata.uid}");
  const succeeded = (job: string) => get("job", job, "{.status.succeeded}");
  const logsOf = async (job: string) =>
    (await local.kubectl(["logs", `job/${job}`, "--namespace", namespace])).stdout;
  const wait = (what: string[]) =>
    local.kubectl(["wait", ...what, "--namespace", namespace, "--timeout=300s"]);

  /** Runs `npm run job` as a user does. */
  async function npmRunJob(...args: string[]) {
    const command = ["--import=tsx", "cli/main.ts", "job", ...args, "--stack", stack, "--json"];
    const options = { cwd: checkout, mayFail: true, timeout: 300_000 };
    const { code, stdout, stderr } = await run(process.execPath, command, options);
    const told = stdout === "" ? {} : (JSON.parse(stdout) as Record<string, unknown>);
    return { code, told, stderr };
  }

  /** Takes a pod off its node as a drain does. */
  async function evict(pod: string): Promise<void> {
    const file = join(local.folder, "eviction.json");
    const metadata = { name: pod, namespace };
    writeFileSync(file, JSON.stringify({ apiVersion: "policy/v1", kind: "Eviction", metadata }));
    const path = `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`;
    await local.kubectl(["create", "--raw", path, "--filename", file]);
  }

  before(async () => {
    // The first image of a machine brings its base along.
    await local.image("digits:e2e-1", { VERSION: "1" });
    await local.newStack(stack);
  });
  after(async () => {
    await runPulumi(["destroy", "--yes", "--skip-preview"], {}, true);
    await local.pulumi(["stack", "rm", stack, "--yes"], true);
  });

  const first = { greet: greet("world"), steady, tick };
  let uid = "";

  it("up runs them and waits for their end", async () => {
    await up(first);
    uid = await uidOf("greet");
    assert.equal(await succeeded("greet"), "1");
    assert.equal(await logsOf("greet"), "hello, world\n");
  });

  it("a job on a schedule has run once before up ends", async () => {
    assert.equal(await succeeded("tick-first"), "1");
  });

  it("an unchanged job does not run again, also after a refresh", async () => {
    await runPulumi(["up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes"], first);
    assert.equal(await uidOf("greet"), uid);
  });

  /** Makes the state what it is where `up` ended while a job went on: the old provider waits for the end of each. */
  async function forgetEnding(job: string): Promise<void> {
    if (usesCurrentProvider()) return;
    const file = join(local.folder, "state.json");
    await local.pulumi(["stack", "export", "--file", file, "--stack", stack]);
    const state = JSON.parse(readFileSync(file, "utf8")) as Exported;
    const known = state.deployment.resources.find(({ urn }) => urn.endsWith(`v1:Job::${job}`));
    assert.ok(known?.outputs && known.initErrors, "the state has that it failed");
    known.outputs.status = { active: 1 };
    delete known.initErrors;
    writeFileSync(file, JSON.stringify(state));
    await local.pulumi(["stack", "import", "--file", file, "--stack", stack]);
  }

  const evaluated = (exitCode: number) => ({
    ...first,
    ...(exitCode === 0 ? {} : { study }),
    greet: greet("moon"),
    evaluate: evaluate(exitCode),
    report: { ...python('print("good")'), after: ["evaluate"] },
  });

  it("a changed job runs again; up fails with the last log lines of one that fails", async () => {
    const { code, output } = await up(evaluated(3), true);

    assert.notEqual(code, 0, output);
    assert.match(output, /e2e-jobs\/evaluate/);
    assert.match(output, /accuracy 0\.42\s+.*below 0\.9/);
    assert.notEqual(await uidOf("greet"), uid);
    assert.equal(await logsOf("greet"), "hello, moon\n");
    uid = await uidOf("evaluate");
    assert.notEqual(uid, "");
  });

  it("what comes after a job that failed is not made", async () => {
    assert.equal(await uidOf("report"), "");
  });

  it("what failed runs again with npm run apply, also after the last up had ended, and nothing else", async () => {
    const [greeted, studied] = [await uidOf("greet"), await uidOf("study")];
    await forgetEnding("study");
    const advice: string[] = [];
    const file = describeStack(evaluated(3));
    const run: Run = (args, options) =>
      pulumi([...args, "--config-file", file], { mayFail: true, ...options });
    const ignore = () => undefined;
    const screen = { state: ignore, problem: ignore, say: ignore };
    const code = await applied(
      stack,
      (args) => (args[0] === "up" ? watchedUp(args, { run, clusterOf, screen }) : run(args, {})),
      (text) => advice.push(text),
    );

    assert.notEqual(code, 0);
    assert.match(advice.join(), /npm run job -- evaluate --stack e2e-jobs --follow/);
    // The current provider waits for the start of a job that may run for long, and not for its end.
    const told = /npm run job -- study --stack e2e-jobs --follow/.test(advice.join());
    assert.equal(told, !usesCurrentProvider());
    assert.notEqual(await uidOf("evaluate"), uid);
    assert.notEqual(await uidOf("study"), studied);
    assert.equal(await uidOf("greet"), greeted);
  });

  it("what comes after it is made once it has ended well", async () => {
    await up(evaluated(0));
    assert.equal(await succeeded("evaluate"), "1");
    assert.equal(await succeeded("report"), "1");
  });

  it("npm run job starts one from the checkout, shows its logs and says how it ended", async () => {
    const { code, told, stderr } = await npmRunJob("greet");

    assert.equal(code, 0, stderr);
    assert.match(stderr, /^hello, moon$/m);
    assert.equal(told.outcome, "succeeded");
    assert.notEqual(told.job, "greet");
    assert.equal(await succeeded(String(told.job)), "1");
  });

  it("npm run job says which jobs there are", async () => {
    const { code, stderr } = await npmRunJob("great");

    assert.equal(code, 1);
    assert.match(
      stderr,
      /no job great in stack e2e-jobs\. Its jobs: evaluate, greet, .*tick\. Did you mean greet\?/,
    );
  });

  it("a job survives that its pod is evicted, without a retry", async () => {
    const { told } = await npmRunJob("steady", "--detach");
    const job = String(told.job);
    const selector = ["--selector", `batch.kubernetes.io/job-name=${job}`];
    await wait(["--for=create", "pods", ...selector]);
    await wait(["--for=condition=Ready", "pods", ...selector]);
    const { stdout } = await local.kubectl([
      ...["get", "pods", "--namespace", namespace, ...selector, "--output"],
      "jsonpath={.items[0].metadata.name}",
    ]);
    await evict(stdout);

    await wait(["--for=condition=Complete", `job/${job}`]);
    assert.equal(await get("pod", stdout, "{.status.phase}"), "", "the evicted pod is gone");
    assert.equal(await get("job", job, "{.status.failed}"), "", "no failure is counted");
    assert.equal(await logsOf(job), "through\n");
  });

  it("a schedule fires, and npm run job shows what it ran", async () => {
    await wait(["--for=jsonpath={.status.lastSuccessfulTime}", "cronjob/tick"]);
    const { code, told, stderr } = await npmRunJob("tick", "--follow");

    assert.equal(code, 0, stderr);
    assert.match(String(told.job), /^tick-\d+$/);
    assert.match(stderr, /^tick$/m);
  });

  it("a job that loses its schedule runs once, with the account and the policy that it had", async () => {
    const own = async () => [
      await get("serviceaccount", "tick", "{.metadata.uid}"),
      await get("networkpolicy", "tick", "{.metadata.uid}"),
    ];
    const before = await own();
    await up({ ...evaluated(0), tick: python('print("tick")') });

    assert.equal(await succeeded("tick"), "1");
    assert.equal(await get("cronjob", "tick", "{.metadata.uid}"), "");
    assert.ok(before.every((uid) => uid !== ""));
    assert.deepEqual(await own(), before);
  });
});
