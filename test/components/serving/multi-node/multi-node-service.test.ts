import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import type { ExistingClusterArgs } from "../../../../components/cluster/existing";
import type { Exposure } from "../../../../components/serving/exposure";
import {
  MultiNodeService,
  type MultiNodeServiceArgs,
} from "../../../../components/serving/multi-node/multi-node-service";
import { aCluster } from "../../../support/clusters";
import { suiteFolder } from "../../../support/folder";
import { at, deploy, homesOf, refusedWith, valueOf } from "../../../support/deploy";

const setType = "kubernetes:leaderworkerset.x-k8s.io/v1:LeaderWorkerSet";
const serviceType = "kubernetes:core/v1:Service";

const h100 = {
  gpu: "H100",
  gpuMemoryGiB: 80,
  gpusPerNode: 8,
  select: { pool: "h100" },
  nodes: { min: 6, max: 6 },
  interconnect: { within: "example.com/rack", resources: { "example.com/rdma": 8 } },
};

interface Container {
  command?: string[];
  env: { name: string; value?: string }[];
  args: string[];
  ports?: object[];
  startupProbe?: { exec: { command: string[] }; failureThreshold: number; periodSeconds: number };
  readinessProbe?: object;
  livenessProbe?: object;
  lifecycle: { preStop: { exec?: { command: string[] }; sleep?: { seconds: number } } };
  resources: { limits: Record<string, string> };
}

interface Template {
  metadata: { labels: Record<string, string> };
  spec: {
    affinity: { podAffinity: object };
    containers: Container[];
    serviceAccountName: string;
    terminationGracePeriodSeconds: number;
    topologySpreadConstraints?: object;
    volumes: { name: string; emptyDir?: { medium?: string } }[];
  };
}

async function deployGiant(
  args: Partial<MultiNodeServiceArgs> = {},
  pools: ExistingClusterArgs["pools"] = { h100 },
  name = "giant",
) {
  const run = await deploy(
    () =>
      new MultiNodeService(name, {
        ...{
          cluster: aCluster({ pools }),
          namespace: "models",
          image: "registry.example/engine:v1",
        },
        ...{ gpus: 8, args: ["serve"], firstAnswer: ["ask"], health: "/health", startup: 900 },
        ...{ drain: 120, nodeGroup: { nodes: 2, memberArgs: ["serve", "--headless"] } },
        ...args,
      }),
  );
  const set = run.find(setType, name);
  const template = (kind: string) => at(set, `spec.leaderWorkerTemplate.${kind}`) as Template;
  const [leader, member] = [template("leaderTemplate"), template("workerTemplate")];
  const main = ({ spec }: Template) => spec.containers[0] as Container;
  return { ...run, set, leader, member, leaderMain: main(leader), memberMain: main(member) };
}

describe("a service on several nodes for each replica", () => {
  it("is a LeaderWorkerSet of groups, which begin again as a whole when one of their pods does", async () => {
    const { set } = await deployGiant({ replicas: 2 });

    const { leaderWorkerTemplate, ...spec } = at(set, "spec") as {
      leaderWorkerTemplate: { size: number; restartPolicy: string };
    };
    assert.deepEqual(spec, {
      replicas: 2,
      rolloutStrategy: {
        type: "RollingUpdate",
        // Six nodes, of which two groups take four: the third group fits beside them.
        rollingUpdateConfiguration: { maxSurge: 1, maxUnavailable: 0, partition: 0 },
      },
      startupPolicy: "LeaderCreated",
      networkConfig: { subdomainPolicy: "UniquePerReplica" },
    });
    assert.equal(leaderWorkerTemplate.size, 2);
    assert.equal(leaderWorkerTemplate.restartPolicy, "RecreateGroupOnPodRestart");
  });

  it("has no surge capacity where one node is free, because a group takes two", async () => {
    const { set } = await deployGiant(
      { replicas: 2 },
      { h100: { ...h100, nodes: { min: 5, max: 5 } } },
    );

    const strategy = at(set, "spec.rolloutStrategy.rollingUpdateConfiguration");
    assert.deepEqual(strategy, { maxSurge: 0, maxUnavailable: 1, partition: 0 });
  });

  it("sends requests to leaders alone, at every Service that it has", async () => {
    const { find } = await deployGiant({
      expose: { scope: "public", allow: ["203.0.113.0/24"] },
      ports: { metrics: { port: 9090 } },
    });

    const leaders = { app: "giant", "leaderworkerset.sigs.k8s.io/worker-index": "0" };
    for (const name of ["giant-service", "giant-cluster"]) {
      assert.deepEqual(at(find(serviceType, name), "spec.selector"), leaders, name);
    }
  });

  it("has members that no Service leads to, also where the service was or becomes one of one node", async () => {
    const { set } = await deployGiant({});

    const template = "spec.leaderWorkerTemplate";
    const single = { app: "giant", "app.kubernetes.io/name": "giant" };
    const selected = (labels: unknown) => {
      const all = labels as Record<string, string>;
      return Object.entries(single).every(([label, value]) => all[label] === value);
    };
    assert.ok(selected(at(set, `${template}.leaderTemplate.metadata.labels`)));
    assert.ok(!selected(at(set, `${template}.workerTemplate.metadata.labels`)));
    assert.equal(at(set, `${template}.workerTemplate.metadata.labels.app`), "giant");
  });

  it("turns the Service to its groups when they answer, exposed or not: before, they may have been a Deployment", async () => {
    const exposures: Exposure[] = [{}, { scope: "public", allow: ["203.0.113.0/24"] }];
    for (const expose of exposures) {
      const { find, set } = await deployGiant({ expose });
      const { dependsOn } = find(serviceType, "giant-service").options;
      assert.deepEqual([dependsOn].flat(), [set.resource]);
    }
  });

  it("asks leaders for a real answer, and members for nothing", async () => {
    const { leaderMain, memberMain } = await deployGiant();

    assert.deepEqual(leaderMain.startupProbe?.exec.command, ["ask"]);
    assert.deepEqual(memberMain.args, ["serve", "--headless"]);
    for (const key of ["ports", "startupProbe", "readinessProbe", "livenessProbe"] as const) {
      assert.notEqual(leaderMain[key], undefined, key);
      assert.equal(memberMain[key], undefined, key);
    }
  });

  it("keeps members until their leader has finished its requests", async () => {
    const { leader, member, leaderMain, memberMain } = await deployGiant();

    // Fifteen seconds until nobody sends requests, 120 for those that are there.
    assert.deepEqual(leaderMain.lifecycle.preStop, { sleep: { seconds: 15 } });
    assert.deepEqual(memberMain.lifecycle.preStop.exec?.command, ["sleep", "135"]);
    assert.equal(leader.spec.terminationGracePeriodSeconds, 145);
    assert.equal(member.spec.terminationGracePeriodSeconds, 145);
  });

  it("runs the program of a member once: started again, it would join the next leader of that name", async () => {
    const { leaderMain, memberMain } = await deployGiant({ command: ["engine", "serve"] });

    assert.deepEqual(leaderMain.command, ["engine", "serve"]);
    const [shell = "", flag = "", once = "", ...rest] = memberMain.command ?? [];
    assert.deepEqual([shell, flag, ...rest], ["sh", "-c", "member", "engine", "serve"]);
    const folder = suiteFolder();
    const script = once.replace("/dev/shm", folder);
    const start = () =>
      spawnSync(shell, [flag, script, "member", "echo", "engine"], { encoding: "utf8" });
    const [first, again] = [start(), start()];
    assert.deepEqual([first.status, first.stdout], [0, "engine\n"]);
    assert.deepEqual([again.status, again.stdout + again.stderr], [1, ""]);
  });

  it("runs the program that the image of a member starts, where the group names it", async () => {
    const memberCommand = ["vllm", "serve"];
    const group = { nodes: 2, memberArgs: [], memberCommand };
    const { leaderMain, memberMain } = await deployGiant({ nodeGroup: group });

    assert.equal(leaderMain.command, undefined);
    assert.deepEqual(memberMain.command?.slice(-2), memberCommand);
    assert.equal((await deployGiant()).memberMain.command, undefined);
  });

  it("tells all pods of a group how long they may wait for each other", async () => {
    const { leaderMain, memberMain } = await deployGiant();

    const { failureThreshold = 0, periodSeconds = 0 } = leaderMain.startupProbe ?? {};
    for (const { env } of [leaderMain, memberMain]) {
      const found = env.find(({ name }) => name === "GROUP_STARTUP_SECONDS");
      assert.equal(found?.value, `${failureThreshold * periodSeconds}`);
    }
  });

  it("gives a leader the time in which the nodes of its members come, and those before them end", async () => {
    const scaled = { ...h100, nodes: { min: 0, max: 6 } };
    const budget = async (pool: typeof h100) => {
      const { startupProbe } = (await deployGiant({}, { h100: pool })).leaderMain;
      return (startupProbe?.failureThreshold ?? 0) * (startupProbe?.periodSeconds ?? 0);
    };

    assert.equal(await budget(h100), 900 + 145);
    // An autoscaler has fifteen minutes.
    assert.equal(await budget(scaled), 900 + 145 + 900);
  });

  it("runs its pods near to each other, with shared memory and their part of the fast network", async () => {
    const { leader, member, leaderMain, memberMain } = await deployGiant({ gpus: 4 });

    for (const { spec } of [leader, member]) {
      assert.deepEqual(spec.affinity.podAffinity, {
        requiredDuringSchedulingIgnoredDuringExecution: [
          {
            topologyKey: "example.com/rack",
            labelSelector: { matchLabels: { app: "giant" } },
            matchLabelKeys: ["leaderworkerset.sigs.k8s.io/group-key"],
          },
        ],
      });
      assert.equal(spec.topologySpreadConstraints, undefined);
      assert.deepEqual(
        spec.volumes.find(({ emptyDir }) => emptyDir?.medium === "Memory")?.name,
        "gpu-serving-shm",
      );
      assert.equal(spec.serviceAccountName, "giant");
    }
    for (const { resources } of [leaderMain, memberMain]) {
      assert.deepEqual(resources.limits, { "nvidia.com/gpu": "4", "example.com/rdma": "4" });
    }
  });

  it("lets one group go at a time, whichever of its pods is evicted", async () => {
    const { find } = await deployGiant({ replicas: 2 });

    assert.deepEqual(at(find("kubernetes:policy/v1:PodDisruptionBudget", "giant-budget"), "spec"), {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: { matchLabels: { app: "giant" } },
    });
  });

  it("opens all ports between its own pods, and the server's to its callers", async () => {
    const { find } = await deployGiant({
      network: { callers: [{ name: "gate", namespace: "edge" }] },
    });

    const policy = find("kubernetes:networking.k8s.io/v1:NetworkPolicy", "giant-network");
    const of = (app: string, namespace: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      podSelector: { matchLabels: { app } },
    });
    assert.deepEqual(
      at(policy, "spec.ingress"),
      [
        { ports: [{ protocol: "TCP", port: 8000 }], from: [of("gate", "edge")] },
        { from: [of("giant", "models")], ports: undefined },
      ].map((rule) => JSON.parse(JSON.stringify(rule)) as object),
    );
  });

  it("is through when all groups are of the newest version and ready, and no other is left", async () => {
    const waitFor = at((await deployGiant({ replicas: 2 })).set, "metadata.annotations");

    assert.deepEqual(waitFor, {
      "pulumi.com/waitFor":
        '["jsonpath={.status.updatedReplicas}=2","jsonpath={.status.readyReplicas}=2","jsonpath={.status.replicas}=2"]',
    });
  });

  it("takes over account, policy, budget and Service of a service that had one node", async () => {
    const { components } = await deployGiant();

    assert.deepEqual(components.at(-1)?.options.aliases, [
      { type: "gpu-serving:index:InferenceService" },
    ]);
  });

  it("hands its provider to every object, and is watched by its own kind", async () => {
    const run = await deployGiant();

    assert.deepEqual(homesOf(run), ["cluster"]);
    const { kind, name } = run.result.rollout;
    assert.deepEqual([kind, name], ["LeaderWorkerSet", "giant"]);
    assert.equal(await valueOf(run.result.internalUrl), "http://giant.models.svc.cluster.local");
  });

  it("warns of a pool of whose network nothing is known", async () => {
    const { interconnect, ...plain } = h100;
    assert.ok(interconnect);

    assert.match(
      (await deployGiant({}, { h100: plain })).warnings.join(),
      /network nothing is known/,
    );
    assert.deepEqual((await deployGiant()).warnings, []);
  });
});

describe("a service on several nodes is refused", () => {
  it("where one node is all it takes, or more than can be", async () => {
    for (const nodes of [1, 65]) {
      await refusedWith(
        deployGiant({ nodeGroup: { nodes, memberArgs: [] } }),
        nodes === 1
          ? "giant: nodeGroup.nodes: one node holds a replica, got 1"
          : "giant: nodeGroup.nodes: out of range, got 65",
      );
    }
  });

  it("where the pool has too few nodes for all pods of its groups", async () => {
    await assert.rejects(deployGiant({ replicas: 4 }), /giant: replicas: /);
  });

  it("with a disk, which keeps pods on one node", async () => {
    await refusedWith(
      deployGiant({
        mounts: { "/cache": { volume: { kind: "claim", name: "kept", claim: "kept" } } },
      }),
      "giant: mounts./cache: keeps pods on one node, and a replica is spread over 2, got a disk",
    );
  });

  it("with a name that leaves no place for groups and pods", async () => {
    await assert.rejects(
      deployGiant({}, { h100 }, "g".repeat(46)),
      /name too long for a service whose replicas are spread over several nodes/,
    );
  });
});
