import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { usedApis } from "../../catalog/gke";
import { CloudCommands } from "../support/cloud-command";

const root = join(__dirname, "..", "..");

/** One L4 node in a zone that has it. */
const config = {
  "gcp:project": "acme-ml",
  cluster: { kind: "gke", region: "us-central1" },
  namespaces: { chat: {} },
  pools: { small: { machine: "g2-standard-4", zones: ["us-central1-a"], nodes: { max: 2 } } },
};
const answers = (limit: number) => ({
  "compute regions describe": {
    quotas: [
      { metric: "NVIDIA_L4_GPUS", limit, usage: 1 },
      { metric: "SSD_TOTAL_GB", limit: 2000, usage: 0 },
      { metric: "CPUS", limit: 200, usage: 8 },
    ],
  },
  "services list --enabled": Object.values(usedApis).map((name) => ({ name })),
  "compute project-info describe": {
    quotas: [
      { metric: "GPUS_ALL_REGIONS", limit: 16, usage: 1 },
      { metric: "CPUS_ALL_REGIONS", limit: 32, usage: 8 },
    ],
  },
  "compute machine-types list": ["g2-standard-4", "e2-standard-4"].map((name) => ({
    ...{ name, zone: "us-central1-a" },
  })),
});

describe("npm run quota", function () {
  this.slow(10_000);
  let commands: CloudCommands;
  beforeEach(() => {
    commands = new CloudCommands();
  });
  afterEach(() => commands.remove());

  function quota(...args: string[]) {
    const tsx = join(root, "node_modules", "tsx", "dist", "cli.mjs");
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [tsx, join(root, "cli", "main.ts"), "quota", ...args],
      { cwd: commands.folder, env: commands.env, encoding: "utf8" },
    );
    return { status, stdout, stderr };
  }

  it("ends with 1 and what is missing, in the form of a fault of the stack file", () => {
    commands.stackFile(config);
    commands.standIn("gcloud", answers(1));
    assert.deepEqual(quota("prod"), {
      status: 1,
      stdout: `1 thing is missing in us-central1 (acme-ml) on gke; nothing was created or changed.

Pulumi.prod.yaml
  pools.small.nodes.max: quota NVIDIA_L4_GPUS is too small for on-demand nodes
    found:   1 GPUs, 1 in use
    allowed: at least 2 GPUs: 2 for small
    do:      ask the cloud for 2 GPUs of NVIDIA_L4_GPUS, or lower nodes.max

Quotas, all pools at nodes.max
  NVIDIA_L4_GPUS: 2 GPUs needed, 1 granted, 1 in use
  GPUS_ALL_REGIONS: 2 GPUs needed, 16 granted, 1 in use
  CPUS: 24 vCPUs needed, 200 granted, 8 in use
  CPUS_ALL_REGIONS: 24 vCPUs needed, 32 granted, 8 in use
  SSD_TOTAL_GB: 880 GB needed, 2000 granted, 0 in use
`,
      stderr: "",
    });
  });

  it("ends with 0 when all is there, and tells programs in JSON", () => {
    const path = commands.stackFile(config);
    commands.standIn("gcloud", answers(8));
    const { status, stdout } = quota(path, "--json");
    const part = [{ pool: "small", amount: 2, capacity: ["on-demand"] }];
    assert.deepEqual(
      [status, JSON.parse(stdout)],
      [
        0,
        {
          stack: "prod",
          cloud: "gke",
          region: "us-central1",
          account: "acme-ml",
          quotas: [
            { quota: "NVIDIA_L4_GPUS", unit: "GPUs", amount: 2, parts: part, limit: 8, used: 1 },
            { quota: "GPUS_ALL_REGIONS", unit: "GPUs", amount: 2, parts: part, limit: 16, used: 1 },
            {
              ...{ quota: "CPUS", unit: "vCPUs", amount: 24, parts: [], own: 24 },
              ...{ limit: 200, used: 8 },
            },
            {
              ...{ quota: "CPUS_ALL_REGIONS", unit: "vCPUs", amount: 24, parts: [], own: 24 },
              ...{ limit: 32, used: 8 },
            },
            {
              ...{ quota: "SSD_TOTAL_GB", unit: "GB", amount: 880, limit: 2000, used: 0 },
              ...{ parts: [{ pool: "small", amount: 400, capacity: ["on-demand"] }], own: 480 },
            },
          ],
          missing: [],
          remarks: [],
          unasked: [],
        },
      ],
    );
  });

  it("ends with 2 when nothing is missing but not all could be asked", () => {
    commands.stackFile(config);
    const fails = { fails: 1, says: "PERMISSION_DENIED" };
    commands.standIn("gcloud", { ...answers(8), "compute machine-types list": fails });
    const { status, stdout } = quota("prod");
    assert.equal(status, 2);
    assert.match(stdout, /^What could be asked is there in us-central1 \(acme-ml\) on gke\.\n/);
    assert.match(
      stdout,
      /\nNot answered\n {2}`gcloud compute machine-types list .*PERMISSION_DENIED\n/,
    );
  });

  it("says in one sentence that the command is not installed", () => {
    commands.stackFile(config);
    assert.deepEqual(quota("prod"), {
      status: 2,
      stdout: "",
      stderr:
        "gcloud is not installed: get it from https://cloud.google.com/sdk/docs/install, log in with gcloud auth login, and ask again.\n",
    });
  });

  it("shows the faults of a stack file that is wrong, and asks nothing", () => {
    commands.stackFile({ ...config, pools: { small: { gpu: "L5", nodes: { max: 2 } } } });
    commands.standIn("gcloud", answers(8));
    const { status, stderr } = quota("prod");
    assert.equal(status, 2);
    assert.match(stderr, /^1 problem in 1 file; [^]*pools\.small\.gpu/);
    assert.deepEqual(commands.asked(), []);
  });

  it("asks nothing of a stack on a cluster that exists", () => {
    commands.stackFile({
      cluster: { kind: "existing", context: "kind" },
      namespaces: { chat: {} },
    });
    const { status, stdout } = quota("prod");
    assert.equal(status, 0);
    assert.equal(
      stdout,
      "Pulumi.prod.yaml takes a cluster that is there already, whose quotas are its owner's: there is nothing to ask.\n",
    );
  });

  it("says how it is called", () => {
    for (const [args, problem] of [
      [[], /^error: missing required argument 'stack'\n/],
      [["prod", "--jsno"], /^error: unknown option '--jsno'\n\(Did you mean --json\?\)\n/],
    ] as const) {
      const { status, stderr } = quota(...args);
      assert.equal(status, 2);
      assert.match(stderr, problem);
      assert.match(stderr, /npm run quota -- --help says how the command is used\.\n$/);
    }
  });
});
