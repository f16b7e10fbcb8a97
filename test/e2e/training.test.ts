import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { cluster } from "../support/local-cluster";
import { inSteps } from "../support/steps";

const namespace = "e2e-training";
const program = readFileSync(path.join(__dirname, "../../examples/allreduce/train.py"), "utf8");

/** Two workers that exchange data in each of many steps. */
const train = {
  image: "digits:e2e-1",
  command: ["python3", "-c", program],
  env: { STEPS: "150", PAUSE: "0.05" },
  workers: 2,
  gpus: 1,
  pool: "dev",
  cpu: "50m",
  memory: "128Mi",
  retries: 2,
  timeout: "5m",
};
const broken = {
  ...train,
  command: ["sh", "-c", 'if [ "$RANK" = 1 ]; then echo no such data; exit 3; fi; sleep 600'],
  env: {},
  retries: 1,
};
const large = { ...train, image: "trainer:v1", workers: 4, gpus: 8, pool: "zones", timeout: "2h" };

/** The value of a worker's variable as the kubelet gives it: from the pod's labels, and with the variables before it. */
function variable({ metadata, spec }: Pod, wanted: string): string {
  const values = new Map<string, string>();
  for (const { name, value, valueFrom } of spec.containers[0]?.env ?? []) {
    const [, label = ""] =
      /^metadata\.labels\['(.*)'\]$/.exec(valueFrom?.fieldRef?.fieldPath ?? "") ?? [];
    const text = value ?? metadata.labels[label] ?? "";
    values.set(
      name,
      text.replace(/\$\((\w+)\)/g, (_, of: string) => values.get(of) ?? ""),
    );
  }
  return values.get(wanted) ?? "";
}

/** Eight simulated nodes with eight GPUs each, four in a zone. */
const simulatedNodes = Array.from({ length: 8 }, (_, at) => {
  const name = `e2e-training-${at + 1}`;
  const room = { cpu: "64", memory: "512Gi", pods: "110", "nvidia.com/gpu": "8" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      annotations: { "kwok.x-k8s.io/node": "fake" },
      labels: {
        "kubernetes.io/hostname": name,
        "gpu-serving/pool": "e2e-training",
        "topology.kubernetes.io/zone": at % 2 === 0 ? "a" : "b",
        type: "kwok",
      },
    },
    spec: { taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }] },
    status: { allocatable: room, capacity: room },
  };
});

interface Pod {
  metadata: { name: string; labels: Record<string, string>; creationTimestamp: string };
  spec: {
    nodeName?: string;
    hostname?: string;
    subdomain?: string;
    containers: {
      env?: { name: string; value?: string; valueFrom?: { fieldRef?: { fieldPath: string } } }[];
      resources: { limits?: Record<string, string> };
    }[];
  };
  status: { phase: string };
}

describe("a training on several workers", function () {
  this.slow(120_000);
  inSteps(this);

  const local = cluster(this);
  const nodesFile = path.join(local.folder, "training-nodes.json");

  async function pulumi(command: string[], jobs: object, mayFail = false) {
    const file = path.join(local.folder, "Pulumi.e2e-training.yaml");
    const pool = { gpusPerNode: 8, nodes: { min: 1, max: 1 } };
    const config = {
      cluster: { kind: "existing", kubeconfig: local.kubeconfig },
      pools: {
        dev: { ...pool, gpu: "L4", select: { "gpu-serving/pool": "dev" } },
        zones: {
          ...{ ...pool, gpu: "H100", select: { "gpu-serving/pool": "e2e-training" } },
          nodes: { min: 8, max: 8 },
          interconnect: { within: "topology.kubernetes.io/zone" },
        },
      },
      namespaces: { [namespace]: {} },
      jobs,
    };
    writeFileSync(file, stringify({ config }));
    const target = ["--stack", "e2e-training", "--config-file", file];
    return local.pulumi([...command, ...target], mayFail);
  }
  const up = (jobs: object, mayFail = false) =>
    pulumi(["up", "--yes", "--skip-preview"], jobs, mayFail);

  /** All pods of a job, the oldest first. */
  async function pods(job: string): Promise<Pod[]> {
    const { stdout } = await local.kubectl([
      ...["get", "pods", "--namespace", namespace, "--selector", `app=${job}`],
      ...["--sort-by", "{.metadata.creationTimestamp}", "--output", "json"],
    ]);
    return (JSON.parse(stdout) as { items: Pod[] }).items;
  }
  async function failures(job: string): Promise<string> {
    const get = ["get", "job", job, "--namespace", namespace, "--output"];
    return (await local.kubectl([...get, "jsonpath={.status.failed}"])).stdout;
  }

  const indexOf = ({ labels }: Pod["metadata"]) =>
    labels["batch.kubernetes.io/job-completion-index"];

  /** Waits until so many pods of a job run. */
  async function running(job: string, wanted: number): Promise<void> {
    const deadline = Date.now() + 300_000;
    while (Date.now() < deadline) {
      const phases = (await pods(job)).map(({ status }) => status.phase);
      if (phases.filter((phase) => phase === "Running").length === wanted) return;
      await sleep(500);
    }
    throw new Error(`not ${wanted} pods of ${job} ran in time`);
  }

  /** The pod in which a worker runs that has written this, other than those before. */
  async function working(job: string, worker: number, line: RegExp, before: string[] = []) {
    const deadline = Date.now() + 300_000;
    while (Date.now() < deadline) {
      for (const { metadata, status } of await pods(job)) {
        if (indexOf(metadata) !== String(worker) || status.phase !== "Running") continue;
        if (before.includes(metadata.name)) continue;
        const { stdout } = await local.kubectl(["logs", "--namespace", namespace, metadata.name]);
        if (line.test(stdout)) return metadata.name;
      }
      await sleep(500);
    }
    throw new Error(`worker ${worker} of ${job} did not write ${String(line)} in time`);
  }

  before(async () => {
    await local.image("digits:e2e-1", { VERSION: "1" });
    await local.newStack("e2e-training");
    writeFileSync(
      nodesFile,
      JSON.stringify({ apiVersion: "v1", kind: "List", items: simulatedNodes }),
    );
    await local.kubectl(["apply", "--filename", nodesFile]);
  });
  after(async () => {
    await pulumi(["destroy", "--yes", "--skip-preview"], {}, true);
    await local.pulumi(["stack", "rm", "e2e-training", "--yes"], true);
    await local.kubectl(["delete", "--ignore-not-found", "--filename", nodesFile]);
  });

  it("goes on as a whole after a worker's process was killed and after worker 0 was lost, and finishes", async () => {
    const finished = up({ train });
    /** What comes before the end, unless the end comes first. */
    const meanwhile = <T>(wanted: Promise<T>) =>
      Promise.race([
        wanted,
        finished.then(({ output }): never => assert.fail(`it ended too early\n${output}`)),
      ]);

    const killed = await meanwhile(working("train", 1, /step 20 /));
    const first = await meanwhile(working("train", 0, /step 20 /));
    await local.kubectl([
      ...["exec", "--namespace", namespace, killed, "--", "python3", "-c"],
      `import os, signal
for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
    if pid not in (1, os.getpid()) and b"WORLD_SIZE" in open(f"/proc/{pid}/cmdline", "rb").read():
        os.kill(pid, signal.SIGKILL)`,
    ]);
    const again = await meanwhile(working("train", 0, /step 20 /, [first]));
    assert.equal(await failures("train"), "1", "a restart of both counts once");

    await local.kubectl([
      ...["delete", "pod", "--namespace", namespace, again],
      ...["--grace-period=0", "--force"],
    ]);
    await finished;

    assert.equal(await failures("train"), "2");
    const ended = await pods("train");
    const logs = await Promise.all(
      ended
        .filter(({ status }) => status.phase === "Succeeded")
        .map(({ metadata }) => local.kubectl(["logs", "--namespace", namespace, metadata.name])),
    );
    assert.ok(logs.length > 0);
    for (const { stdout } of logs) {
      assert.match(stdout, /step 1 loss .*\n[^]*step 150 loss 0\.000\d+ of 400 examples\n/);
      assert.match(stdout, /plane 2\.00 -3\.00 1\.00/);
    }
  });

  it("fails when its restarts are used up, and leaves no worker behind", async () => {
    const { code, output } = await up({ train, broken }, true);

    assert.notEqual(code, 0, output);
    assert.match(output, /e2e-training\/broken/);
    assert.equal(await failures("broken"), "2");
    const phases = (await pods("broken")).map(({ status }) => status.phase);
    assert.ok(!phases.includes("Running"), phases.join());
  });

  it("places 4 x 8 GPUs on four nodes of one zone", async () => {
    const finished = up({ train, large });
    await Promise.race([finished, running("large", 4)]);

    const placed = (await pods("large")).map(({ spec }) => spec.nodeName ?? "nowhere");
    assert.equal(new Set(placed).size, 4, placed.join());
    const zones = simulatedNodes
      .filter(({ metadata }) => placed.includes(metadata.name))
      .map(({ metadata }) => metadata.labels["topology.kubernetes.io/zone"]);
    assert.equal(zones.length, 4, placed.join());
    assert.equal(new Set(zones).size, 1, placed.join());

    const workers = (await pods("large")).sort(
      (a, b) => Number(indexOf(a.metadata)) - Number(indexOf(b.metadata)),
    );
    const told = (name: string) => workers.map((worker) => variable(worker, name));
    assert.deepEqual(told("NODE_RANK"), ["0", "1", "2", "3"]);
    assert.deepEqual(told("PET_NODE_RANK"), ["0", "1", "2", "3"]);
    assert.deepEqual(told("WORLD_SIZE"), ["4", "4", "4", "4"]);
    assert.deepEqual(told("PET_NNODES"), ["4", "4", "4", "4"]);
    assert.deepEqual(told("PET_NPROC_PER_NODE"), ["8", "8", "8", "8"]);
    const { hostname, subdomain } = workers[0]?.spec ?? {};
    assert.deepEqual(new Set(told("MASTER_ADDR")), new Set([`${hostname}.${subdomain}`]));
    assert.deepEqual(new Set(told("PET_RDZV_ENDPOINT")), new Set(["large-0.large:29500"]));
    assert.deepEqual(
      workers.map(({ spec }) => spec.containers[0]?.resources.limits?.["nvidia.com/gpu"]),
      ["8", "8", "8", "8"],
    );

    // Simulated pods run for ever, and this provider waits for the end of the job.
    const first = (await pods("large")).find(({ metadata }) => indexOf(metadata) === "0");
    await local.kubectl([
      ...["patch", "pod", first?.metadata.name ?? "", "--namespace", namespace],
      ...["--subresource", "status", "--patch", '{"status":{"phase":"Succeeded"}}'],
    ]);
    await finished;
  });

  it("refuses workers that cannot be before anything is touched", async () => {
    const { code, output } = await up({ large: { ...large, workers: 9 } }, true);

    assert.notEqual(code, 0);
    assert.match(output, /1 problem in 1 file; nothing was created or changed\./);
    assert.match(output, /pools\.zones\.nodes\.max: too few nodes for what runs on this pool/);
  });
});
