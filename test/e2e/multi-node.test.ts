import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { controllerImage } from "../../components/serving/multi-node/controller";
import { loadSidecarImages } from "../../local/sidecar-images";
import { appliedStack } from "../support/applied-stack";
import { startLoad } from "../support/load";
import { cluster } from "../support/local-cluster";
import { inSteps } from "../support/steps";

const stack = "e2e-multi-node";
const image = "digits:e2e-1";
const group = "leaderworkerset.sigs.k8s.io";
const engine = readFileSync(join(__dirname, "..", "fixtures", "two-node-engine.py"), "utf8");

/** A model that one GPU of the pool does not hold, and two do; SGLang is what stands in for it. */
const shape = { layers: 64, heads: 64, kvHeads: 8, headDim: 128, maxContext: 8192 };
const giant = { name: "acme/giant", shape, size: "100Gi", from: "/weights" };
const base = {
  ...{ engine: "sglang", image, contextTokens: 4096, pool: "dev" },
  ...{ cpu: "20m", startup: "60s", drain: "1s" },
  initContainers: [
    {
      ...{ name: "engine", image, cpu: "10m", memory: "64Mi" },
      command: ["python3", "-c"],
      args: [
        "import os, sys; os.makedirs('/engine/sglang'); open('/engine/sglang/launch_server.py', 'w').write(sys.argv[1])",
        engine,
      ],
    },
  ],
  mounts: { "/engine": { volume: "code", write: true } },
  expose: { scope: "public", allow: ["127.0.0.0/8"] },
};
const spread = { ...base, model: giant, nodesPerReplica: 2, replicas: 2 };
const version = (name: string) => ({ env: { PYTHONPATH: "/engine", VERSION: name } });

interface Named {
  metadata: { name: string };
}

interface Pod {
  metadata: { name: string; uid: string; labels: Record<string, string> };
  status: { podIP: string };
}

/** The most minutes that one test takes, and the load in it. */
const minutes = 10;

describe("a model on several nodes of the local cluster", function () {
  this.slow(60_000);
  this.timeout(minutes * 60_000);
  inSteps(this);

  const local = cluster(this);
  const applied = appliedStack(local, stack);
  let address = "";

  function describeStack(services: object, more: object = { leaderWorkerSet: "install" }): void {
    applied.describe({
      pools: {
        dev: { gpu: "H100", select: { "gpu-serving/pool": "dev" }, nodes: { min: 6, max: 6 } },
      },
      ...{ volumes: { code: { nodeCache: "1Mi" } }, services },
      ...more,
    });
  }

  function apply(entry: object, more?: object) {
    describeStack({ giant: entry }, more);
    return applied.apply();
  }

  async function get<T>(kind: string, ...more: string[]): Promise<T[]> {
    const { stdout } = await local.kubectl([
      ...["get", kind, "--namespace", stack, ...more, "--output", "json"],
    ]);
    return (JSON.parse(stdout) as { items: T[] }).items;
  }
  const pods = () => get<Pod>("pods", `--selector=${group}/name=giant`);

  /** Waits until something holds, for two minutes at most. */
  async function waitFor(holds: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 120_000; !(await holds()); await sleep(500)) {
      if (Date.now() < end) continue;
      const { stdout } = await local.kubectl(["get", "pods", "--namespace", stack]);
      throw new Error(`not within two minutes\n${stdout}`);
    }
  }

  async function ask() {
    const reply = await fetch(`${address}/predict`, {
      ...{ method: "POST", body: "{}", signal: AbortSignal.timeout(10_000) },
    });
    return (await reply.json()) as { version: string; pod: string };
  }

  before(async () => {
    await local.image(image, { VERSION: "1" });
    await loadSidecarImages([controllerImage]);
    await local.newStack(stack);
  });
  after(async () => {
    describeStack({});
    await applied.destroy();
  });

  it("answers when apply ends, from the controller that the stack installs on", async () => {
    const { code, told } = await apply({ ...spread, ...version("1") });
    assert.equal(code, 0, told);
    const { stdout } = await local.pulumi([
      ...["stack", "output", "services", "--json", "--stack", stack],
    ]);
    address = (JSON.parse(stdout) as Record<string, { url?: string }>).giant?.url ?? "";
    assert.equal((await ask()).version, "1+1");
  });

  it("has a leader and a member in each group: leaders are behind the address, members have one of their group's", async () => {
    const found = await pods();
    const names = found.map(({ metadata }) => metadata.name).sort();
    assert.deepEqual(names, ["giant-0", "giant-0-1", "giant-1", "giant-1-1"]);
    const leaders = found.filter(
      ({ metadata }) => metadata.labels[`${group}/worker-index`] === "0",
    );
    const slices = await get<{ endpoints: { addresses: string[] }[] }>(
      ...(["endpointslices", "--selector=kubernetes.io/service-name=giant"] as const),
    );
    assert.deepEqual(
      slices.flatMap(({ endpoints }) => endpoints.flatMap(({ addresses }) => addresses)).sort(),
      leaders.map(({ status }) => status.podIP).sort(),
    );
    const answering = new Set<string>();
    for (let asked = 0; asked < 30; asked++) answering.add((await ask()).pod);
    assert.deepEqual([...answering].sort(), ["giant-0", "giant-1"]);
    const services = await get<Named>("services");
    assert.deepEqual(services.map(({ metadata }) => metadata.name).sort(), [
      ...["giant", "giant-0", "giant-1"],
    ]);
  });

  it("rolls group by group, and no request fails", async () => {
    const load = startLoad(`${address}/predict`, "{}", 20, minutes * 60);
    const { code, told } = await apply({ ...spread, ...version("2") });
    const { sent, failures, versions } = await load.stop();
    assert.equal(code, 0, told);
    assert.deepEqual(failures.slice(0, 5), []);
    assert.ok(sent > 50, `only ${sent} requests were sent`);
    assert.deepEqual(Object.keys(versions).sort(), ["1+1", "2+2"]);
    for (let asked = 0; asked < 20; asked++) assert.equal((await ask()).version, "2+2");
  });

  it("begins a group again as a whole when its member crashes", async () => {
    const uids = async () =>
      Object.fromEntries((await pods()).map(({ metadata: { name, uid } }) => [name, uid]));
    const before = await uids();
    // A moment later, so that the command has ended before its container does.
    const crash = ["sh", "-c", "(sleep 1; kill -USR1 1) >/dev/null 2>&1 &"];
    const begin = Date.now();
    await local.kubectl(["exec", "--namespace", stack, "giant-1-1", "--", ...crash]);
    await waitFor(async () => {
      const now = await uids();
      const isNew = (name: string) => now[name] !== undefined && now[name] !== before[name];
      return isNew("giant-1") && isNew("giant-1-1");
    });
    await local.kubectl([
      ...["wait", "--namespace", stack, "--for=condition=Ready", "pod/giant-1", "pod/giant-1-1"],
      "--timeout=120s",
    ]);
    console.log(`      began again within ${Math.round((Date.now() - begin) / 1000)} s`);
    const after = await uids();
    assert.deepEqual(
      [after["giant-0"], after["giant-0-1"]],
      [before["giant-0"], before["giant-0-1"]],
    );
    assert.equal((await ask()).version, "2+2");
  });

  it("does not replace the version that answers by one that does not, and says why", async () => {
    const load = startLoad(`${address}/predict`, "{}", 20, minutes * 60);
    const { code, told } = await apply({ ...spread, ...version("broken") });
    const { failures, versions } = await load.stop();
    assert.notEqual(code, 0, told);
    assert.match(told, /e2e-multi-node\/giant: .*crashed/);
    assert.match(told, /log:\n[^]*ValueError: the weights are gone/);
    assert.match(told, /Not rolled out: e2e-multi-node\/giant\./);
    assert.deepEqual(failures.slice(0, 5), []);
    assert.deepEqual(Object.keys(versions), ["2+2"]);
  });

  it("becomes a service of one node, and the controller goes with what needed it", async () => {
    const small = { ...base, model: { ...giant, size: "30Gi" }, ...version("3") };
    const load = startLoad(`${address}/predict`, "{}", 20, minutes * 60);
    const { code, told } = await apply(small, {});
    await waitFor(async () => (await pods()).length === 0);
    const { failures } = await load.stop();
    assert.equal(code, 0, told);
    assert.deepEqual(failures.slice(0, 5), []);
    assert.equal((await ask()).version, "3");
    const kinds = "namespaces,crds,validatingwebhookconfigurations,mutatingwebhookconfigurations";
    const { stdout } = await local.kubectl(["get", kinds, "--output=name"]);
    assert.doesNotMatch(stdout, /lws|leaderworkerset|disaggregated/);
  });
});
