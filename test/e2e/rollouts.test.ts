import assert from "node:assert/strict";
import { watchedUp } from "../../cli/watched-up";
import { clusterOf } from "../../rollouts/cluster";
import { appliedStack, screenInto } from "../support/applied-stack";
import { startLoad, type Seen } from "../support/load";
import { cluster } from "../support/local-cluster";
import { inSteps } from "../support/steps";

const stack = "e2e-rollouts";
const namespace = "e2e-rollouts";
const image = "digits:e2e-1";
const good = {
  ...{ image, replicas: 1, cpu: "20m", memory: "256Mi" },
  ...{ health: "/healthz", startup: "60s", drain: "1s" },
  expose: { scope: "public", allow: ["127.0.0.0/8"] },
};
const pixels = Array.from({ length: 64 }, () => 0);

describe("a rollout that fails on the local cluster", function () {
  this.slow(60_000);
  inSteps(this);

  const local = cluster(this);
  const applied = appliedStack(local, stack);
  const { run } = applied;
  let address = "";

  const describeStack = (digits: object, jobs: object = {}) =>
    applied.describe({ services: { digits }, jobs });

  const endedAfter = (begin: number) =>
    console.log(`      ended after ${Math.round((Date.now() - begin) / 1000)} s`);

  /** Runs `npm run apply` on a version of the service, and gives how it ended and what it printed. */
  function apply(digits: object) {
    describeStack(digits);
    return applied.apply();
  }

  /** Runs its watched update alone; requests are sent all the while, and none may be lost. */
  async function fails(digits: object) {
    describeStack(digits);
    const told: string[] = [];
    const load = startRequests();
    const begin = Date.now();
    const up = ["up", "--yes", "--skip-preview", "--stack", stack];
    const { code, failed } = await watchedUp(up, { run, clusterOf, screen: screenInto(told) });
    endedAfter(begin);
    assertNoneLost(await load.stop());
    const text = told.join("\n");
    assert.notEqual(code, 0, text);
    assert.deepEqual(failed, [`${namespace}/digits`], text);
    return { text };
  }

  const startRequests = () => startLoad(`${address}/predict`, JSON.stringify({ pixels }), 20);
  function assertNoneLost({ sent, failures, versions }: Seen): void {
    assert.ok(sent > 50, `only ${sent} requests were sent`);
    assert.deepEqual(failures.slice(0, 5), []);
    assert.deepEqual(Object.keys(versions), ["1"]);
  }

  before(async () => {
    await local.image(image, { VERSION: "1" });
    await local.newStack(stack);
  });
  after(async () => {
    describeStack(good);
    await applied.destroy();
  });

  it("a first version rolls out, and apply says so", async () => {
    const { code, told } = await apply(good);
    assert.equal(code, 0, told);
    // Its start is over before the first look where it is fast.
    assert.match(told, /e2e-rollouts\/digits: [01] of 1 ready/);
    const { stdout } = await local.pulumi([
      "stack",
      "output",
      "services",
      "--json",
      "--stack",
      stack,
    ]);
    address = (JSON.parse(stdout) as Record<string, { url?: string }>).digits?.url ?? "";
    assert.match(address, /^http:/);
  });

  it("one that crashes ends apply with its traceback, and the version before serves on", async () => {
    const load = startRequests();
    const { code, told } = await apply({
      ...good,
      command: ["python", "-c", "raise ValueError('the weights are gone')"],
    });
    assertNoneLost(await load.stop());
    assert.notEqual(code, 0, told);
    assert.match(told, /e2e-rollouts\/digits: crashed 3 times, last with exit code 1/);
    assert.match(told, /log:\n\s+Traceback[^]*ValueError: the weights are gone\n/);
    assert.match(told, /Not rolled out: e2e-rollouts\/digits\./);
  });

  it("one whose health path is wrong tells what the probe got", async () => {
    const { text } = await fails({ ...good, health: "/nope", startup: "10s" });
    assert.match(text, /digits: 0 of 1 ready, starting: startup probe got HTTP 404 from \/nope/);
    assert.match(
      text,
      /not answer within `startup` \(10 s\).*: startup probe got HTTP 404 from \/nope/,
    );
    assert.match(text, /said: Startup probe failed: HTTP probe failed with statuscode: 404/);
  });

  it("one whose image cannot be pulled tells what the node said", async () => {
    const { text } = await fails({ ...good, image: "localhost:1/none:v1" });
    assert.match(text, /the image localhost:1\/none:v1 cannot be pulled/);
    assert.match(text, /said: .*Failed to pull image/);
  });

  it("one that no node fits tells what the scheduler said", async () => {
    const { text } = await fails({ ...good, cpu: "999" });
    assert.match(text, /no node fits\n.*\n\s+said: 0\/\d+ nodes are available/);
  });

  it("one that the quota refuses tells which", async () => {
    const quota = ["quota", "e2e-rollouts", "--namespace", namespace];
    await local.kubectl(["create", ...quota, "--hard=pods=1"]);
    try {
      const { text } = await fails({ ...good, env: { NEW: "1" } });
      assert.match(text, /quota has no room[^]*said: .*exceeded quota: e2e-rollouts/);
    } finally {
      await local.kubectl(["delete", ...quota]);
    }
  });

  it("a job that may run long and whose image cannot be pulled ends it, too", async () => {
    const study = { image: "localhost:1/none:v1", cpu: "20m", memory: "64Mi", timeout: "31m" };
    describeStack(good, { study });
    const told: string[] = [];
    const up = ["up", "--yes", "--skip-preview", "--stack", stack];
    const { code, failed } = await watchedUp(up, { run, clusterOf, screen: screenInto(told) });
    const text = told.join("\n");
    assert.notEqual(code, 0, text);
    assert.deepEqual(failed, [`${namespace}/study`], text);
    assert.match(text, /the image localhost:1\/none:v1 cannot be pulled/);
  });

  it("a good one rolls out after all of them", async () => {
    const { code, told } = await apply({ ...good, env: { NEW: "2" } });
    assert.equal(code, 0, told);
    // Its start is over before the first look where it is fast.
    assert.match(told, /e2e-rollouts\/digits: [01] of 1 ready/);
  });

  it("plain pulumi up shows the traceback while it waits", async () => {
    describeStack({ ...good, command: ["python", "-c", "raise ValueError('gone again')"] });
    const seen = new AbortController();
    const lines: string[] = [];
    const onLine = (line: string) => {
      lines.push(line);
      if (line.includes("ValueError: gone again")) seen.abort();
    };
    const { code } = await run(["up", "--yes", "--skip-preview", "--stack", stack], {
      ...{ onLine, interrupt: seen.signal, timeout: 300_000 },
    });
    const output = lines.join("\n");
    assert.notEqual(code, 0, output);
    assert.ok(seen.signal.aborted, output);
    const traceback = output.indexOf("ValueError: gone again");
    assert.ok(traceback < output.indexOf("Diagnostics:"), output);
  });
});
