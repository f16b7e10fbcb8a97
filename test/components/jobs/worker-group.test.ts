import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { BatchJob, type BatchJobArgs } from "../../../components/jobs/batch-job";
import { aCluster, h100, l4 } from "../../support/clusters";
import { at, deploy } from "../../support/deploy";

const cache = { kind: "nodeCache", name: "cache", size: "1Gi" } as const;
const jobType = "kubernetes:batch/v1:Job";
const serviceType = "kubernetes:core/v1:Service";
const main = "spec.template.spec.containers[0]";

function deployWorkers(args: Partial<BatchJobArgs> = {}) {
  return deploy(
    () =>
      new BatchJob("train", {
        cluster: aCluster({ pools: { l4, h100 } }),
        namespace: "models",
        image: "registry.example/train:v1",
        command: ["torchrun", "train.py"],
        args: ["--epochs", "3"],
        workers: 2,
        gpus: 8,
        ...args,
      }),
  );
}

/** Variables of the main container: a value, or the path of the field that it is taken from. */
async function variables(args: Partial<BatchJobArgs> = {}): Promise<Record<string, unknown>> {
  interface Variable {
    name: string;
    value?: string;
    valueFrom?: { fieldRef: { fieldPath: string } };
  }
  const env = at((await deployWorkers(args)).find(jobType, "train"), `${main}.env`) as Variable[];
  assert.equal(new Set(env.map(({ name }) => name)).size, env.length, "a name is there twice");
  return Object.fromEntries(
    env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom?.fieldRef.fieldPath]),
  );
}

describe("a job on several workers", () => {
  it("is a pod for each worker, all at the same time, done when worker 0 says so", async () => {
    const job = (await deployWorkers()).find(jobType, "train");

    assert.deepEqual(
      ["completionMode", "completions", "parallelism", "successPolicy"].map((field) =>
        at(job, `spec.${field}`),
      ),
      ["Indexed", 2, 2, { rules: [{ succeededIndexes: "0" }] }],
    );
    assert.deepEqual(at(job, `${main}.resources.limits`), { "nvidia.com/gpu": "8" });
  });

  it("counts a restart of all workers once, and a lost node not at all", async () => {
    const job = (await deployWorkers({ retries: 3 })).find(jobType, "train");

    assert.equal(at(job, "spec.backoffLimit"), 3);
    assert.deepEqual(at(job, "spec.podFailurePolicy.rules"), [
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
    const run = await deployWorkers();
    const service = run.find(serviceType, "train-workers");

    assert.equal(at(service, "metadata.name"), "train");
    assert.equal(at(service, "spec.clusterIP"), "None");
    assert.equal(at(service, "spec.publishNotReadyAddresses"), true);
    assert.deepEqual(at(service, "spec.selector"), { app: "train" });
    assert.equal(at(run.find(jobType, "train"), "spec.template.spec.subdomain"), "train");
  });

  it("starts the command through the launcher, which waits for nodes, for images, and not longer than the job", async () => {
    const run = await deployWorkers();
    const job = run.find(jobType, "train");

    assert.deepEqual(at(job, `${main}.command`), [
      "python3",
      "/run/gpu-serving/launcher.py",
      "--run=$(RUN_ID)",
      "--index=$(NODE_RANK)",
      "--workers=2",
      "--host=$(MASTER_ADDR)",
      "--port=29499",
      "--patience=1800",
      "--",
    ]);
    assert.deepEqual(at(job, `${main}.args`), ["torchrun", "train.py", "--epochs", "3"]);
    const patience = async (args: Partial<BatchJobArgs>) =>
      at((await deployWorkers(args)).find(jobType, "train"), `${main}.command[7]`);
    // Nodes of this pool come on demand, which takes 15 minutes at most.
    assert.equal(await patience({ pool: "l4", gpus: 1, timeout: 9000 }), "--patience=2700");
    assert.equal(await patience({ timeout: 600 }), "--patience=600");
  });

  it("carries the launcher, and memory for data that its processes share", async () => {
    const run = await deployWorkers();
    const job = run.find(jobType, "train");
    const file = path.join(__dirname, "../../../components/jobs/launcher.py");

    assert.deepEqual(at(run.find("kubernetes:core/v1:ConfigMap", "train-launcher"), "data"), {
      "launcher.py": readFileSync(file, "utf8"),
    });
    assert.deepEqual(at(job, "spec.template.spec.volumes"), [
      { name: "gpu-serving-launcher", configMap: { name: "train-launcher" } },
      { name: "gpu-serving-shm", emptyDir: { medium: "Memory" } },
    ]);
    assert.deepEqual(at(job, `${main}.volumeMounts`), [
      { name: "gpu-serving-launcher", mountPath: "/run/gpu-serving" },
      { name: "gpu-serving-shm", mountPath: "/dev/shm" },
    ]);
  });

  it("keeps its workers on the node of a disk that they share", async () => {
    const disk = { kind: "claim", name: "work", claim: "work" } as const;
    const run = await deployWorkers({ gpus: 4, mounts: { "/work": { volume: disk } } });

    const near = "spec.template.spec.affinity.podAffinity";
    const job = run.find(jobType, "train");
    assert.deepEqual(at(job, `${near}.requiredDuringSchedulingIgnoredDuringExecution`), [
      {
        labelSelector: { matchLabels: { "gpu-serving/disk-work": "mounted" } },
        topologyKey: "kubernetes.io/hostname",
      },
    ]);
  });

  it("likes its workers in one zone where nothing more is known of the network", async () => {
    const job = (await deployWorkers()).find(jobType, "train");

    assert.deepEqual(at(job, "spec.template.spec.affinity"), {
      podAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: {
              topologyKey: "topology.kubernetes.io/zone",
              labelSelector: { matchLabels: { app: "train" } },
              matchLabelKeys: ["batch.kubernetes.io/controller-uid"],
            },
          },
        ],
      },
    });
  });

  it("keeps its workers where their pool says that nodes are near to each other", async () => {
    const near = { ...h100, interconnect: { within: "example.com/rack" } };
    const job = (await deployWorkers({ cluster: aCluster({ pools: { near } }) })).find(
      jobType,
      "train",
    );

    assert.deepEqual(at(job, "spec.template.spec.affinity"), {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            topologyKey: "example.com/rack",
            labelSelector: { matchLabels: { app: "train" } },
            matchLabelKeys: ["batch.kubernetes.io/controller-uid"],
          },
        ],
      },
    });
  });

  it("gives each worker the share of the fast network that goes with its GPUs", async () => {
    const resources = { "vpc.amazonaws.com/efa": 32, "hugepages-2Mi": 5120 * 2 ** 20 };
    const fast = { ...h100, interconnect: { resources } };
    const limits = async (gpus: number) =>
      at(
        (await deployWorkers({ gpus, cluster: aCluster({ pools: { fast } }) })).find(
          jobType,
          "train",
        ),
        `${main}.resources.limits`,
      );

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
    const run = await deployWorkers({ workers: 1 });
    const job = run.find(jobType, "train");

    assert.deepEqual(at(job, `${main}.command`), ["torchrun", "train.py"]);
    assert.equal(at(job, "spec.completionMode"), undefined);
    assert.ok(!run.resources.some(({ type }) => type === serviceType));
  });

  it("hands its provider to every child", async () => {
    const { resources } = await deployWorkers();
    const [provider] = resources.filter(({ type }) => type === "pulumi:providers:kubernetes");
    const children = resources.filter(({ type }) => type !== "pulumi:providers:kubernetes");

    assert.ok(provider && children.length >= 5);
    for (const child of children) assert.match(child.provider, /::cluster::/, child.name);
  });

  it("rejects a name that leaves no room for those of runs and workers", async () => {
    const name = "a".repeat(49);
    const tooLong = deploy(
      () =>
        new BatchJob(name, {
          ...{ cluster: aCluster({ pools: {} }), namespace: "models", image: "train:v1" },
          ...{ command: ["train"], workers: 2 },
        }),
    );

    await assert.rejects(tooLong, {
      message: `${name}: name: name too long for a job on several workers, got "${name}"; allowed: at most 48 letters, to which runs and workers add theirs. To fix it, shorten it.`,
    });
  });

  for (const [rejects, args, message] of [
    [
      "no workers",
      { workers: 0 },
      "workers: out of range, got 0; allowed: a whole number from 1 to 1000. To fix it, choose a number in this range.",
    ],
    [
      "more workers than there are nodes",
      { workers: 3 },
      "workers: more than pool h100 has room for, got 3; allowed: what fits 2 nodes with 8 GPUs each, at 8 GPUs for a pod. To fix it, lower it, or raise nodes.max of the pool.",
    ],
    [
      "workers without a command",
      { command: undefined },
      "command: no command, got nothing; allowed: a list of text, one for each word, where there are several workers. To fix it, say what each worker runs, because it is started when all are there: [torchrun, train.py].",
    ],
    [
      "what each worker gets a value of its own for",
      { env: { RANK: "0" } },
      "env.RANK: a variable that each of several workers gets a value of its own for, got a value; allowed: names other than JOB_NAME, RUN_ID, NODE_RANK, RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT, PET_NNODES, PET_NODE_RANK, PET_MASTER_ADDR, PET_MASTER_PORT, PET_RDZV_ENDPOINT, PET_RDZV_ID. To fix it, remove it.",
    ],
    [
      "a sidecar with the port of worker 0",
      { sidecars: { board: { image: "board:v1", port: 29500 } } },
      "sidecars.board.port: port of the workers, and all containers of a pod share one network, got 29500; allowed: a port other than 29500, 29499. To fix it, let it listen on another port.",
    ],
    [
      "a mount over what starts the workers",
      { mounts: { "/run/gpu-serving": { volume: cache } } },
      "mounts./run/gpu-serving: where several workers have what starts them, got a mount; allowed: a path outside of /run/gpu-serving. To fix it, mount it elsewhere.",
    ],
  ] as const) {
    it(`rejects ${rejects}`, async () => {
      await assert.rejects(
        deployWorkers({ ...args, command: "command" in args ? undefined : ["x"] }),
        {
          message: `train: ${message}`,
        },
      );
    });
  }
});
