import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { BatchJobArgs } from "../../../components/jobs/batch-job";
import { aCluster, deployTrain, h100 } from "../../support/clusters";
import { at, homesOf, refusedWith } from "../../support/deploy";

const serviceType = "kubernetes:core/v1:Service";

function deployWorkers(args: Partial<BatchJobArgs> = {}, name?: string) {
  const command = ["torchrun", "train.py"];
  return deployTrain({ command, args: ["--epochs", "3"], workers: 2, gpus: 8, ...args }, name);
}

/** Variables of the main container: a value, or the path of the field that it is taken from. */
async function variables(args: Partial<BatchJobArgs> = {}): Promise<Record<string, unknown>> {
  interface Variable {
    name: string;
    value?: string;
    valueFrom?: { fieldRef: { fieldPath: string } };
  }
  const env = (await deployWorkers(args)).container("env") as Variable[];
  assert.equal(new Set(env.map(({ name }) => name)).size, env.length, "a name is there twice");
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom?.fieldRef.fieldPath]),
  );
}

describe("a job on several workers", () => {
  it("is a pod for each worker, all at the same time, done when worker 0 says so", async () => {
    const run = await deployWorkers();

    const fields = ["completionMode", "completions", "parallelism", "successPolicy"];
    assert.deepEqual(
      fields.map((field) => run.of(`spec.${field}`)),
      ["Indexed", 2, 2, { rules: [{ succeededIndexes: "0" }] }],
    );
    assert.deepEqual(run.container("resources.limits"), { "nvidia.com/gpu": "8" });
    assert.deepEqual(homesOf(run), ["cluster"]);
  });

  it("counts a restart of all workers once, and a lost node not at all", async () => {
    const { of } = await deployWorkers({ retries: 3 });

    assert.equal(of("spec.backoffLimit"), 3);
    assert.deepEqual(of("spec.podFailurePolicy.rules"), [
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      {
        action: "Ignore",
        onExitCodes: { containerName: "train", operator: "In", values: [75] },
      },
    ]);
  });

  it("tells torchrun who each worker is and where worker 0 is found", async () => {
    const index = "metadata.labels['batch.kubernetes.io/job-completion-index']";

    assert.deepEqual(await variables(), {
      JOB_NAME: "metadata.labels['batch.kubernetes.io/job-name']",
      RUN_ID: "metadata.labels['batch.kubernetes.io/controller-uid']",
      NODE_RANK: index,
      RANK: index,
      WORLD_SIZE: "2",
      MASTER_ADDR: "$(JOB_NAME)-0.train",
      MASTER_PORT: "29500",
      PET_NNODES: "2",
      PET_NPROC_PER_NODE: "8",
      PET_NODE_RANK: index,
      PET_MASTER_ADDR: "$(MASTER_ADDR)",
      PET_MASTER_PORT: "29500",
      PET_RDZV_ENDPOINT: "$(MASTER_ADDR):29500",
      PET_RDZV_ID: "$(RUN_ID)",
    });
  });

  it("lets its entry choose the processes of a worker, of which there is one without GPUs", async () => {
    const chosen = await variables({ env: { PET_NPROC_PER_NODE: "auto", LR: "0.1" } });
    assert.deepEqual([chosen.PET_NPROC_PER_NODE, chosen.LR], ["auto", "0.1"]);

    assert.equal((await variables({ gpus: 0 })).PET_NPROC_PER_NODE, "1");
  });

  it("gives workers names under which they find each other before they are ready", async () => {
    const { find, pod } = await deployWorkers();
    const service = find(serviceType, "train-workers");

    assert.equal(at(service, "metadata.name"), "train");
    assert.equal(at(service, "spec.clusterIP"), "None");
    assert.equal(at(service, "spec.publishNotReadyAddresses"), true);
    assert.deepEqual(at(service, "spec.selector"), { app: "train" });
    assert.equal(pod("subdomain"), "train");
  });

  it("starts the command through the launcher, which waits for nodes, for images, and not longer than the job", async () => {
    const { container } = await deployWorkers();

    assert.deepEqual(container("command"), [
      ...["python3", "/run/gpu-serving/launcher.py", "--run=$(RUN_ID)", "--index=$(NODE_RANK)"],
      ...["--workers=2", "--host=$(MASTER_ADDR)", "--port=29499", "--patience=1800", "--"],
    ]);
    assert.deepEqual(container("args"), ["torchrun", "train.py", "--epochs", "3"]);
    const patience = async (args: Partial<BatchJobArgs>) =>
      (await deployWorkers(args)).container("command[7]");
    // Nodes of this pool come on demand, which takes 15 minutes at most.
    assert.equal(await patience({ pool: "l4", gpus: 1, timeout: 9000 }), "--patience=2700");
    assert.equal(await patience({ timeout: 600 }), "--patience=600");
  });

  it("carries the launcher, and memory for data that its processes share", async () => {
    const { find, pod, container } = await deployWorkers();
    const file = path.join(__dirname, "../../../components/jobs/launcher.py");

    assert.deepEqual(at(find("kubernetes:core/v1:ConfigMap", "train-launcher"), "data"), {
      "launcher.py": readFileSync(file, "utf8"),
    });
    assert.deepEqual(pod("volumes"), [
      { name: "gpu-serving-launcher", configMap: { name: "train-launcher" } },
      { name: "gpu-serving-shm", emptyDir: { medium: "Memory" } },
    ]);
    assert.deepEqual(container("volumeMounts"), [
      { name: "gpu-serving-launcher", mountPath: "/run/gpu-serving" },
      { name: "gpu-serving-shm", mountPath: "/dev/shm" },
    ]);
  });

  it("keeps its workers on the node of a disk that they share", async () => {
    const disk = { kind: "claim", name: "work", claim: "work" } as const;
    const { pod } = await deployWorkers({ gpus: 4, mounts: { "/work": { volume: disk } } });

    const near = "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]";
    assert.equal(pod(`${near}.topologyKey`), "kubernetes.io/hostname");
  });

  it("likes its workers in one zone, and keeps them where their pool says that nodes are near to each other", async () => {
    const near = (topologyKey: string) => ({
      topologyKey,
      labelSelector: { matchLabels: { app: "train" } },
      matchLabelKeys: ["batch.kubernetes.io/controller-uid"],
    });
    const rack = { ...h100, interconnect: { within: "example.com/rack" } };
    const kept = await deployWorkers({ cluster: aCluster({ pools: { rack } }) });

    const zone = { weight: 100, podAffinityTerm: near("topology.kubernetes.io/zone") };
    assert.deepEqual((await deployWorkers()).pod("affinity.podAffinity"), {
      preferredDuringSchedulingIgnoredDuringExecution: [zone],
    });
    assert.deepEqual(kept.pod("affinity.podAffinity"), {
      requiredDuringSchedulingIgnoredDuringExecution: [near("example.com/rack")],
    });
  });

  it("gives each worker the share of the fast network that goes with its GPUs", async () => {
    const resources = { "vpc.amazonaws.com/efa": 32, "hugepages-2Mi": 5120 * 2 ** 20 };
    const fast = { ...h100, interconnect: { resources } };
    const limits = async (gpus: number) => {
      const cluster = aCluster({ pools: { fast } });
      return (await deployWorkers({ gpus, cluster })).container("resources.limits");
    };

    assert.deepEqual(await limits(8), {
      ...{ "nvidia.com/gpu": "8", "vpc.amazonaws.com/efa": "32" },
      "hugepages-2Mi": `${5120 * 2 ** 20}`,
    });
    assert.deepEqual(await limits(2), {
      ...{ "nvidia.com/gpu": "2", "vpc.amazonaws.com/efa": "8" },
      "hugepages-2Mi": `${1280 * 2 ** 20}`,
    });
  });

  it("has none of this where there is one worker", async () => {
    const { of, container, resources } = await deployWorkers({ workers: 1 });

    assert.deepEqual(container("command"), ["torchrun", "train.py"]);
    assert.equal(of("spec.completionMode"), undefined);
    assert.ok(!resources.some(({ type }) => type === serviceType));
  });

  const tooLong = "a".repeat(49);
  const volume = { kind: "nodeCache", name: "cache", size: "1Gi" } as const;
  for (const [rejects, args, problem, name] of [
    ["no workers", { workers: 0 }, "workers: out of range, got 0"],
    ["too many workers", { gpus: 0, workers: 1001 }, "workers: out of range, got 1001"],
    [
      "more workers than there are nodes",
      { workers: 3 },
      "workers: more than pool h100 has room for, got 3",
    ],
    ["workers without a command", { command: undefined }, "command: no command, got nothing"],
    [
      "a name that leaves no room for those of runs and workers",
      ...[{}, `name: name too long for a job on several workers, got "${tooLong}"`, tooLong],
    ],
    [
      "what each worker gets a value of its own for",
      { env: { RANK: "0" } },
      "env.RANK: a variable that each of several workers gets a value of its own for, got a value",
    ],
    [
      "a sidecar with the port of worker 0",
      { sidecars: { board: { image: "board:v1", port: 29500 } } },
      "sidecars.board.port: port of the workers, and all containers of a pod share one network, got 29500",
    ],
    ...["/run/gpu-serving", "/run/gpu-serving/more"].map((at) => [
      `a mount at ${at}, over or in what starts the workers`,
      { mounts: { [at]: { volume } } },
      `mounts.${at}: where several workers have what starts them, got a mount`,
    ]),
  ] as [string, Partial<BatchJobArgs>, string, string?][]) {
    it(`rejects ${rejects}`, () =>
      refusedWith(deployWorkers(args, name), `${name ?? "train"}: ${problem}`));
  }

  it("takes the longest name, and a mount beside what starts its workers", async () => {
    const mounts = { "/run/gpu-serving-more": { volume } };
    await deployWorkers({ mounts }, tooLong.slice(1));
  });
});
