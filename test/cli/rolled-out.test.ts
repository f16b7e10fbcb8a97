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
const crashing = (restartCount: number) =>
  rolling([
    pod({
      status: {
        restartCount,
        state: { terminated: { exitCode: 1, finishedAt: new Date(Date.now() + 60_000) } },
      },
    }),
  ]);
const workloads: Workload[] = [
  { kind: "Deployment", namespace: "vision", name: "chat" },
  { kind: "DaemonSet", namespace: "kube-system", name: "plugin" },
];

/** Looks after an update at a cluster with these workloads. */
async function lookedAfter(
  looks: Record<string, (Observed | undefined)[]>,
  more: Partial<Cluster> = {},
  longest = 3_600_000,
) {
  const { screen, told } = recorder();
  const cluster: Cluster = {
    observe: ({ name }) => {
      const left = looks[name] ?? [];
      return Promise.resolve(left.length > 1 ? left.shift() : left[0]);
    },
    lastLines: () => Promise.resolve([]),
    labelled: () => Promise.resolve(workloads),
    ...more,
  };
  const handOver = {
    kubeconfig: "",
    workloads: [{ kind: "Deployment" as const, name: "chat", namespace: "vision", placement: 0 }],
  };
  const options = { interval: 1, longest, patience: 50 };
  return { failed: await failedWorkloads("prod", cluster, handOver, screen, options), told };
}

describe("after an update that the engine calls a success", () => {
  it("all is well when every workload runs its newest version", async () => {
    const { failed, told } = await lookedAfter({ chat: [complete], plugin: [complete] });
    assert.deepEqual({ failed, told }, { failed: [], told: [] });
  });

  it("what still rolls is waited for", async () => {
    const chat = [rolling([pod()]), rolling([pod()]), complete];
    const { failed, told } = await lookedAfter({ chat, plugin: [complete] });
    assert.deepEqual(
      { failed, told },
      { failed: [], told: ["vision/chat: 0 of 2 ready, starting"] },
    );
  });

  it("a workload that crashes once more is a failure", async () => {
    const chat = [crashing(2), crashing(2), crashing(3)];
    const { failed, told } = await lookedAfter({ chat, plugin: [complete] });
    assert.deepEqual(failed, ["vision/chat"]);
    assert.ok(told.includes("vision/chat FAILED: crashed 4 times, last with exit code 1"));
  });

  it("a workload that was deleted meanwhile is a failure at once, in a sentence", async () => {
    const chat = [rolling([pod()]), undefined];
    const { failed, told } = await lookedAfter({ chat, plugin: [complete] });
    assert.deepEqual(failed, ["vision/chat"]);
    assert.ok(told.includes("vision/chat: it was deleted while its rollout was watched."));
  });

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
    const plugin = [ofDaemonSet(set, pods, [], ["c"])];
    const { failed, told } = await lookedAfter({ chat: [complete], plugin });
    assert.deepEqual(
      { failed, told },
      {
        failed: [],
        told: ["kube-system/plugin: 2 of 3 ready, not counting node c, which is not ready"],
      },
    );
  });

  it("a workload that never comes is a failure once its time is over", async () => {
    const { failed } = await lookedAfter({ chat: [rolling([pod()])], plugin: [complete] }, {}, 200);
    assert.deepEqual(failed, ["vision/chat"]);
  });

  it("all workloads with the stack's label are looked at, in all namespaces or in those that one may see", async () => {
    const asked: unknown[] = [];
    const labelled: Cluster["labelled"] = (label, namespaces) => {
      asked.push([label, namespaces]);
      if (!namespaces) return Promise.reject(new NoAnswer("the API server answers 403", true));
      return Promise.resolve([]);
    };
    assert.deepEqual((await lookedAfter({}, { labelled })).failed, []);
    assert.deepEqual(asked, [
      ["gpu-serving/stack=prod", undefined],
      ["gpu-serving/stack=prod", ["vision"]],
    ]);
  });

  it("a cluster that does not answer for a while is asked again, which is said once", async () => {
    const answers = [503, 503, undefined];
    const labelled: Cluster["labelled"] = () => {
      const code = answers.shift();
      return code === undefined
        ? Promise.resolve(workloads)
        : Promise.reject(new NoAnswer(`HTTP-Code: ${code}`, false));
    };
    const looks = { chat: [complete], plugin: [complete] };
    const { failed, told } = await lookedAfter(looks, { labelled });
    assert.deepEqual(failed, []);
    assert.deepEqual(told, ["The cluster does not list the workloads yet: HTTP-Code: 503."]);
  });

  it("a cluster that never answers again is asked no longer than its time", async () => {
    let asked = 0;
    const labelled = () => {
      asked++;
      return Promise.reject(new NoAnswer("HTTP-Code: 503", false));
    };
    await assert.rejects(lookedAfter({}, { labelled }), { name: "NoAnswer" });
    assert.ok(asked > 1, `${asked}`);
  });

  it("who may not look learns that, and that is no failure", async () => {
    const observe = () => Promise.reject(new NoAnswer("the API server answers 403", true));
    const { failed, told } = await lookedAfter({}, { observe });
    assert.deepEqual(failed, []);
    assert.deepEqual(told, ["The workloads cannot be looked at: the API server answers 403."]);
  });
});
