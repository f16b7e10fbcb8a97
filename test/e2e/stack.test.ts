import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { startLoad, type Load, type Seen } from "../support/load";
import { cluster } from "../support/local-cluster";
import { inSteps } from "../support/steps";

/** A zero of the data set the model was trained on. */
const zero = [
  0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0, 0, 3, 15, 2, 0, 11, 8, 0, 0, 4, 12, 0, 0, 8,
  8, 0, 0, 5, 8, 0, 0, 9, 8, 0, 0, 4, 11, 0, 1, 12, 7, 0, 0, 2, 14, 5, 10, 12, 0, 0, 0, 0, 6, 13,
  10, 0, 0, 0,
];

const digits = {
  image: "digits:e2e-1",
  gpus: 1,
  pool: "dev",
  replicas: 2,
  cpu: "50m",
  memory: "512Mi",
  health: "/healthz",
  startup: "15s",
  drain: "5s",
  expose: { scope: "public", allow: ["127.0.0.0/8"] },
};
const bystander = { ...digits, gpus: 0, pool: undefined, replicas: 1, expose: undefined };
const wide = {
  image: "engine:v1",
  gpus: 8,
  pool: "simulated",
  replicas: 2,
  startup: "1m",
};

/** Labels that every object of the stack carries. */
const ours = "gpu-serving/stack=e2e";
const kinds =
  "deployments,services,serviceaccounts,poddisruptionbudgets,networkpolicies,secrets,namespaces";

describe("a stack on the local cluster", function () {
  this.slow(120_000);
  inSteps(this);

  const local = cluster(this);
  let load: Load | undefined;
  let address = "";

  /** Writes the stack file and runs pulumi on it. */
  async function pulumi(command: string[], services: object, mayFail = false) {
    const file = join(local.folder, "Pulumi.e2e.yaml");
    const config = {
      cluster: { kind: "existing", kubeconfig: local.kubeconfig },
      pools: {
        dev: {
          gpu: "L4",
          gpusPerNode: 8,
          select: { "gpu-serving/pool": "dev" },
          nodes: { min: 1, max: 1 },
        },
        simulated: {
          gpu: "H100",
          gpusPerNode: 8,
          select: { "gpu-serving/pool": "simulated" },
          nodes: { min: 3, max: 3 },
        },
      },
      namespaces: { "e2e-vision": {} },
      services,
    };
    writeFileSync(file, stringify({ config }));
    return local.pulumi([...command, "--stack", "e2e", "--config-file", file], mayFail);
  }
  const up = (services: object) => pulumi(["up", "--yes", "--skip-preview"], services);
  const showsNoChange = (services: object) => pulumi(["preview", "--expect-no-changes"], services);

  /** Names of the stack's objects of all kinds, as `kind/name`. */
  async function objects(): Promise<string[]> {
    const { stdout } = await local.kubectl([
      ...["get", kinds, "--all-namespaces", "--selector", ours, "--output"],
      `jsonpath={range .items[*]}{.kind}/{.metadata.name}{"\\n"}{end}`,
    ]);
    return stdout.split("\n").filter(Boolean).sort();
  }

  async function ask(): Promise<Record<string, unknown>> {
    const answer = await fetch(`${address}/predict`, {
      method: "POST",
      body: JSON.stringify({ pixels: zero }),
    });
    assert.equal(answer.status, 200);
    return (await answer.json()) as Record<string, unknown>;
  }
  /** Fails with the first few of the requests that were lost. */
  function assertNoneLost({ sent, failures }: Seen): void {
    assert.ok(sent > 100, `only ${sent} requests were sent`);
    const first = failures.slice(0, 5).join("\n");
    console.log(`      ${sent} requests were sent`);
    assert.equal(failures.length, 0, `${failures.length} of ${sent} requests failed:\n${first}`);
  }
  const startRequests = () => startLoad(`${address}/predict`, JSON.stringify({ pixels: zero }));

  before(async () => {
    await local.image("digits:e2e-1", { VERSION: "1" });
    await local.image("digits:e2e-2", { VERSION: "2" });
    await local.newStack("e2e");
  });
  after(async () => {
    await load?.stop();
    await pulumi(["destroy", "--yes", "--skip-preview"], {}, true);
    await local.pulumi(["stack", "rm", "e2e", "--yes"], true);
  });

  it("up returns when the model answers", async () => {
    await up({ digits, bystander });
    const { stdout } = await local.pulumi([
      "stack",
      "output",
      "services",
      "--json",
      "--stack",
      "e2e",
    ]);
    const services = JSON.parse(stdout) as Record<string, { url?: string; internalUrl: string }>;
    assert.equal(services.digits?.internalUrl, "http://digits.e2e-vision.svc.cluster.local");
    assert.match(services.digits?.url ?? "", /^http:\/\/127\.\d+\.\d+\.\d+$/);
    address = services.digits?.url ?? "";
    const { digit, version } = await ask();
    assert.deepEqual({ digit, version }, { digit: 0, version: "1" });
  });

  it("gives each replica its GPU", async () => {
    const { stdout } = await local.kubectl([
      ...["get", "pods", "--namespace", "e2e-vision", "--selector", "app=digits", "--output"],
      `jsonpath={range .items[*]}{.status.phase} {.spec.containers[0].resources.limits.nvidia\\.com/gpu}{"\\n"}{end}`,
    ]);
    assert.equal(stdout, "Running 1\nRunning 1\n");
  });

  it("is found by its internalUrl from another pod", async () => {
    const url = "http://digits.e2e-vision.svc.cluster.local/healthz";
    const { stdout } = await local.kubectl([
      ...["exec", "--namespace", "e2e-vision", "deployment/bystander", "--", "python", "-c"],
      `import urllib.request; print(urllib.request.urlopen("${url}", timeout=10).status)`,
    ]);
    assert.equal(stdout, "200\n");
  });

  it("a second up changes nothing", async () => {
    await pulumi(["up", "--yes", "--skip-preview", "--expect-no-changes"], { digits, bystander });
  });

  it("a new version rolls out without a lost request", async () => {
    load = startRequests();
    await up({ digits: { ...digits, image: "digits:e2e-2" }, bystander });
    const seen = await load.stop();
    assertNoneLost(seen);
    assert.deepEqual(Object.keys(seen.versions).sort(), ["1", "2"]);
    assert.equal((await ask()).version, "2");
  });

  it("a version that cannot answer fails, and the old one answers on without a lost request", async () => {
    load = startRequests();
    const broken = { ...digits, image: "digits:e2e-1", env: { MODEL: "/models/none.npz" } };
    const { code, output } = await pulumi(
      ["up", "--yes", "--skip-preview"],
      { digits: broken, bystander },
      true,
    );
    const seen = await load.stop();
    assert.notEqual(code, 0, output);
    assert.match(output, /e2e-vision\/digits/);
    assertNoneLost(seen);
    assert.deepEqual(Object.keys(seen.versions), ["2"]);
  });

  it("rolls back with the previous image in the file, after which a preview shows no change", async () => {
    const previous = { digits, bystander };
    await up(previous);
    assert.equal((await ask()).version, "1");
    await showsNoChange(previous);
  });

  it("an entry that is removed takes its objects along, and no others", async () => {
    const before = await objects();
    await up({ digits });
    const after = await objects();
    assert.deepEqual(
      before.filter((name) => !after.includes(name)),
      ["Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount"].map(
        (kind) => `${kind}/bystander`,
      ),
    );
    assert.deepEqual(
      after.filter((name) => !before.includes(name)),
      [],
    );
    assert.equal((await ask()).version, "1");
  });

  it("schedules on simulated nodes what this machine could not run", async () => {
    await up({ digits, wide });
    const { stdout } = await local.kubectl([
      ...["get", "pods", "--namespace", "e2e-vision", "--selector", "app=wide", "--output"],
      `jsonpath={range .items[*]}{.status.phase} {.spec.nodeName}{"\\n"}{end}`,
    ]);
    const nodes = stdout.trim().split("\n");
    assert.equal(new Set(nodes).size, 2, "replicas of a whole node each are on two nodes");
    for (const node of nodes) assert.match(node, /^Running \S*gpu/);
  });

  it("refuses a faulty file before anything is touched, without a stack trace", async () => {
    const before = await objects();
    const { code, output } = await pulumi(
      ["up", "--yes", "--skip-preview"],
      { digits: { ...digits, port: 80000, replica: 3 } },
      true,
    );
    assert.notEqual(code, 0);
    assert.match(output, /2 problems in 1 file; nothing was created or changed\./);
    assert.match(output, /services\.digits\.port: out of range\n\s+found: {3}80000\n/);
    assert.match(output, /services\.digits\.replica: unknown key/);
    assert.doesNotMatch(output, /^\s+at .*\.ts/m);
    assert.deepEqual(await objects(), before);
  });

  it("destroy leaves nothing of the stack", async () => {
    await pulumi(["destroy", "--yes", "--skip-preview"], {});
    assert.deepEqual(await objects(), []);
    const { stdout } = await local.kubectl([
      "get",
      "pods",
      "--all-namespaces",
      "-l",
      ours,
      "-o",
      "name",
    ]);
    assert.equal(stdout, "");
  });
});
