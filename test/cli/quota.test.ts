import assert from "node:assert/strict";
import { usedApis } from "../../catalog/gke";
import { CloudCommands } from "../support/cloud-command";
import { command } from "../support/command";

/** One L4 node in a zone that has it. */
const config = {
  "gcp:project": "acme-ml",
  cluster: { kind: "gke", region: "us-central1" },
  namespaces: { chat: {} },
  pools: { small: { machine: "g2-standard-4", zones: ["us-central1-a"], nodes: { max: 2 } } },
};
const quotas = (limits: Record<string, [limit: number, usage: number]>) => ({
  quotas: Object.entries(limits).map(([metric, [limit, usage]]) => ({ metric, limit, usage })),
});
const answers = (limit: number) => ({
  "compute regions describe": quotas({
    ...{ NVIDIA_L4_GPUS: [limit, 1], SSD_TOTAL_GB: [2000, 0], CPUS: [200, 8] },
  }),
  "services list --enabled": Object.values(usedApis).map((name) => ({ name })),
  "compute project-info describe": quotas({
    ...{ GPUS_ALL_REGIONS: [16, 1], CPUS_ALL_REGIONS: [32, 8] },
  }),
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

  const quota = (...args: string[]) => command(["quota", ...args], commands.env, commands.folder);

  it("ends with 1 and what is missing, in the form of a fault of the stack file", async () => {
    commands.stackFile(config);
    commands.standIn("gcloud", answers(1));
    assert.deepEqual(await quota("prod"), {
      code: 1,
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

  it("ends with 0 when all is there, and tells programs in JSON", async () => {
    const path = commands.stackFile(config);
    commands.standIn("gcloud", answers(8));
    const { code, stdout } = await quota(path, "--json");
    const { quotas, ...found } = JSON.parse(stdout) as { quotas: object[] };
    assert.deepEqual(
      { code, found, quota: quotas[0], many: quotas.length },
      {
        code: 0,
        found: {
          ...{ stack: "prod", cloud: "gke", region: "us-central1", account: "acme-ml" },
          ...{ missing: [], remarks: [], unasked: [] },
        },
        quota: {
          ...{ quota: "NVIDIA_L4_GPUS", unit: "GPUs", amount: 2, limit: 8, used: 1 },
          parts: [{ pool: "small", amount: 2, capacity: ["on-demand"] }],
        },
        many: 5,
      },
    );
  });

  it("ends with 2 when nothing is missing but not all could be asked", async () => {
    commands.stackFile(config);
    const fails = { fails: 1, says: "PERMISSION_DENIED" };
    commands.standIn("gcloud", { ...answers(8), "compute machine-types list": fails });
    const { code, stdout } = await quota("prod");
    assert.equal(code, 2);
    assert.match(stdout, /^What could be asked is there in us-central1 \(acme-ml\) on gke\.\n/);
    assert.match(stdout, /\nNot answered\n {2}`gcloud compute machine-types list .*DENIED\n/);
  });

  it("says in one sentence that the command is not installed", async () => {
    commands.stackFile(config);
    const { code, stdout, stderr } = await quota("prod");
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
    assert.match(stderr, /^gcloud is not installed: get it from .* log in with .*\n$/);
  });

  it("shows the faults of a stack file that is wrong, and asks nothing", async () => {
    commands.stackFile({ ...config, pools: { small: { gpu: "L5", nodes: { max: 2 } } } });
    commands.standIn("gcloud", answers(8));
    const { code, stderr } = await quota("prod");
    assert.equal(code, 2);
    assert.match(stderr, /^1 problem in 1 file; [^]*pools\.small\.gpu/);
    assert.deepEqual(commands.asked(), []);
  });

  it("asks nothing of a stack on a cluster that exists", async () => {
    const cluster = { kind: "existing", context: "kind" };
    commands.stackFile({ cluster, namespaces: { chat: {} } });
    const { code, stdout } = await quota("prod");
    assert.equal(code, 0);
    assert.match(stdout, /^Pulumi\.prod\.yaml takes a cluster that is there already/);
  });

  it("ends with 2 where it is called wrong", async () => {
    const { code, stderr } = await quota("prod", "--jsno");
    assert.equal(code, 2);
    assert.match(stderr, /^error: unknown option '--jsno'\n\(Did you mean --json\?\)\n/);
  });
});
