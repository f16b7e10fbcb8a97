import assert from "node:assert/strict";
import { failedWorkloads } from "../../cli/rolled-out";
import { NoAnswer } from "../../rollouts/ask";
import type { Cluster, Workload } from "../../rollouts/cluster";
import { ofDaemonSet, type Observed } from "../../rollouts/workload";
import { pod, rolling } from "../rollouts/objects";
import { recorder } from "./recorder";

const complete = rolling([], [], {
  status: { replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
});
const starting = rolling([pod()]);
const crashing = (restartCount: number) => {
  const terminated = { exitCode: 1, finishedAt: new Date(Date.now() + 60_000) };
  return rolling([pod({ status: { restartCount, state: { terminated } } })]);
};
const workloads: Workload[] = [
  { kind: "Deployment", namespace: "vision", name: "chat" },
  { kind: "DaemonSet", namespace: "kube-system", name: "plugin" },
];

/** Looks after an update at a cluster with these workloads, which runs all others as it should. */
async function lookedAfter(
  looks: Record<string, (Observed | undefined)[]> = {},
  more: Partial<Cluster> = {},
  longest = 3_600_000,
) {
  const { screen, told } = recorder();
  const cluster: Cluster = {
    observe: ({ name }) => {
      const left = looks[name] ?? [complete];
      return Promise.resolve(left.length > 1 ? left.shift() : left[0]);
    },
    lastLines: () => Promise.resolve([]),
    labelled: () => Promise.resolve(workloads),
    ...more,
  };
  const chat = { kind: "Deployment" as const, name: "chat", namespace: "vision", placement: 0 };
  const options = { interval: 1, longest, patience: 50 };
  const known = { kubeconfig: "", workloads: [chat] };
  return { failed: await failedWorkloads("prod", cluster, known, screen, options), told };
}

describe("after an update that the engine calls a success", () => {
  it("all is well when every workload runs its newest version", async () =>
    assert.deepEqual(await lookedAfter(), { failed: [], told: [] }));

  it("what still rolls is waited for", async () =>
    assert.deepEqual(await lookedAfter({ chat: [starting, starting, complete] }), {
      failed: [],
      told: ["vision/chat: 0 of 2 ready, starting"],
    }));

  for (const [what, chat, said, longest] of [
    [
      "crashes once more",
      [crashing(2), crashing(2), crashing(3)],
      "vision/chat FAILED: crashed 4 times, last with exit code 1",
    ],
    [
      "was deleted meanwhile",
      [starting, undefined],
      "vision/chat: it was deleted while its rollout was watched.",
    ],
    [
      "never comes, once its time is over,",
      [starting],
      "vision/chat: its newest version is not in place yet.",
      200,
    ],
  ] as const) {
    it(`a workload that ${what} is a failure, which is said`, async () => {
      const { failed, told } = await lookedAfter({ chat: [...chat] }, {}, longest);
      assert.deepEqual(failed, ["vision/chat"]);
      assert.ok(told.includes(said), told.join("\n"));
    });
  }

  it("a DaemonSet is in place without the node that is not ready, and that is said", async () => {
    const set = {
      metadata: { name: "plugin", uid: "plugin" },
      status: {
        ...{ desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 },
        ...{ currentNumberScheduled: 3, numberMisscheduled: 0, numberReady: 2 },
      },
    };
    const on = (nodeName: string, ready: boolean) => {
      const one = pod({ name: `plugin-${nodeName}`, version: "plugin", ready });
      return { ...one, spec: { ...one.spec, nodeName } };
    };
    const pods = [on("a", true), on("b", true), on("c", false)];
    assert.deepEqual(await lookedAfter({ plugin: [ofDaemonSet(set, pods, [], ["c"])] }), {
      failed: [],
      told: ["kube-system/plugin: 2 of 3 ready, not counting node c, which is not ready"],
    });
  });

  it("all workloads with the stack's label are looked at, in all namespaces or in those that one may see", async () => {
    const asked: unknown[] = [];
    const labelled: Cluster["labelled"] = (label, namespaces) => {
      asked.push([label, namespaces]);
      if (!namespaces) return Promise.reject(new NoAnswer("no such rights", true));
      return Promise.resolve([]);
    };
    assert.deepEqual((await lookedAfter({}, { labelled })).failed, []);
    assert.deepEqual(asked, [
      ["gpu-serving/stack=prod", undefined],
      ["gpu-serving/stack=prod", ["vision"]],
    ]);
  });

  it("services on several nodes are looked at too, which no list of workloads has", async () => {
    const looked: Workload[] = [];
    const cluster: Cluster = {
      observe: (workload) => {
        looked.push(workload);
        return Promise.resolve(complete);
      },
      lastLines: () => Promise.resolve([]),
      labelled: () => Promise.resolve([]),
    };
    const giant = { kind: "LeaderWorkerSet" as const, name: "giant", namespace: "vision" };
    const known = { kubeconfig: "", workloads: [{ ...giant, placement: 7 }] };
    const { screen } = recorder();

    assert.deepEqual(await failedWorkloads("prod", cluster, known, screen, { interval: 1 }), []);
    assert.deepEqual(looked, [{ ...giant, placement: 7, older: true }]);
  });

  it("a cluster that does not answer is asked again for its time, which is said once", async () => {
    const away = () => Promise.reject(new NoAnswer("HTTP-Code: 503", false));
    let asked = 0;
    const labelled = () => (++asked < 3 ? away() : Promise.resolve(workloads));
    assert.deepEqual(await lookedAfter({}, { labelled }), {
      failed: [],
      told: ["The cluster does not list the workloads yet: HTTP-Code: 503."],
    });
    await assert.rejects(lookedAfter({}, { labelled: away }), { name: "NoAnswer" });
  });

  it("who may not look learns that, and that is no failure", async () => {
    const observe = () => Promise.reject(new NoAnswer("no such rights", true));
    assert.deepEqual(await lookedAfter({}, { observe }), {
      failed: [],
      told: ["The workloads cannot be looked at: no such rights."],
    });
  });
});
