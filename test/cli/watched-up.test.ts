import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../../cli/engine";
import { watchedUp } from "../../cli/watched-up";
import type { Cluster } from "../../rollouts/cluster";
import { give, handOverVariable } from "../../rollouts/hand-over";
import { ofDeployment, type Observed } from "../../rollouts/workload";
import { pod, rolling } from "../rollouts/objects";
import { recorder } from "./recorder";

const deployment = "kubernetes:apps/v1:Deployment";
const serviceType = "kubernetes:core/v1:Service";

/** A line of the engine's log: a step of a service's resource begins, ends or fails. */
function step(
  kind: "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent",
  type: string,
  name: string,
  custom = true,
  op = "update",
) {
  const parent = "gpu-serving:index:InferenceService";
  const urn = `urn:pulumi:prod::gpu-serving::${parent}$${type}::${name}`;
  const of = op.startsWith("delete") ? { old: { custom } } : { new: { custom } };
  return `${JSON.stringify({ [kind]: { metadata: { op, urn, type, ...of } } })}\n`;
}
const begins = (type: string, name: string) => step("resourcePreEvent", type, name);
const ends = (type: string, name: string) => step("resOutputsEvent", type, name);

/** A rollout whose pods crash; they are as old as they are said to be, in seconds. */
const crashing = (age = -1, restartCount = 3): Observed =>
  rolling([
    pod({
      made: (Date.now() - Date.parse("2026-11-29T12:00:00Z")) / 1000 - age,
      status: {
        restartCount,
        state: { terminated: { exitCode: 1, finishedAt: new Date(Date.now() + 1000) } },
      },
    }),
  ]);
const idle = () => ofDeployment({ metadata: { name: "x", generation: 1 } }, [], [], []);

/** Updates with an engine that begins and ends these steps, and runs until it is interrupted or for some milliseconds. */
async function updated(
  log: string,
  observed: (name: string) => Observed,
  milliseconds = 600,
  kinds = new Set<string>(),
) {
  const { screen, told } = recorder();
  let interrupted = false;
  const run: Run = async (args, { env, interrupt, onLine } = {}) => {
    const folder = env?.[handOverVariable] ?? "";
    assert.equal(env?.PULUMI_DEBUG_COMMANDS, "true", "the engine knows --event-log");
    const names = ["chat", "digits"];
    const of = { namespace: "vision", placement: 0 };
    const workloads = [
      ...names.map((name) => ({ kind: "Deployment" as const, name, ...of })),
      { kind: "Job" as const, name: "study", ...of },
    ];
    give(folder, { kubeconfig: "the kubeconfig", workloads });
    appendFileSync(args[args.indexOf("--event-log") + 1] ?? "", log);
    onLine?.("Updating (prod):");
    interrupt?.addEventListener("abort", () => (interrupted = true));
    for (let left = milliseconds; left > 0 && !interrupted; left -= 10) await sleep(10);
    return { code: interrupted ? 255 : 0, stdout: "", stderr: "" };
  };
  const cluster: Cluster = {
    observe: ({ kind, name }) => {
      kinds.add(kind);
      return Promise.resolve(observed(name));
    },
    lastLines: () => Promise.resolve(["ValueError: no"]),
    labelled: () => Promise.resolve([]),
  };
  const clusterOf = (kubeconfig: string) => {
    assert.equal(kubeconfig, "the kubeconfig");
    return Promise.resolve(cluster);
  };
  const result = await watchedUp(["up"], { run, clusterOf, screen, interval: 25, patience: 100 });
  return { ...result, told, interrupted };
}

describe("an update that is watched", () => {
  it("is ended when nothing but a rollout that has failed is left, which is told with its last lines", async () => {
    const log = begins(deployment, "chat") + begins(serviceType, "chat-service");
    const { code, failed, told, interrupted } = await updated(log, () => crashing());
    assert.ok(interrupted);
    assert.equal(code, 255);
    assert.deepEqual(failed, ["vision/chat"]);
    assert.ok(told.includes("vision/chat FAILED: crashed 4 times, last with exit code 1"));
    assert.ok(told.includes("ValueError: no"));
  });

  it("is ended when nothing but a job is left that cannot start", async () => {
    const job = "kubernetes:batch/v1:Job";
    const log = begins(job, "study").replace("InferenceService", "BatchJob");
    const kinds = new Set<string>();
    const { failed, interrupted } = await updated(log, () => crashing(), 600, kinds);
    assert.ok(interrupted);
    assert.deepEqual(failed, ["vision/study"]);
    assert.deepEqual([...kinds], ["Job"]);
  });

  it("goes on while another rollout does, and while anything else is being made", async () => {
    const others = [begins(deployment, "digits"), begins("gcp:container/nodePool:NodePool", "l4")];
    for (const other of others) {
      const { interrupted, failed } = await updated(begins(deployment, "chat") + other, (name) =>
        name === "chat" ? crashing() : idle(),
      );
      assert.equal(interrupted, false);
      assert.deepEqual(failed, ["vision/chat"]);
    }
  });

  it("goes on when the other steps have ended and no rollout has failed", async () => {
    const log = begins(deployment, "chat") + begins(serviceType, "x") + ends(serviceType, "x");
    const { interrupted, code, failed } = await updated(log, idle, 200);
    assert.deepEqual({ interrupted, code, failed }, { interrupted: false, code: 0, failed: [] });
  });

  it("looks at no rollout before the engine has begun it", async () => {
    const { told } = await updated(begins(serviceType, "chat-service"), () => crashing(), 200);
    assert.deepEqual(told, ["Updating (prod):"]);
  });

  it("goes on while an old Deployment is taken away, whatever its pods do", async () => {
    const gone = begins(deployment, "chat").replace('"update"', '"delete-replaced"');
    assert.equal((await updated(gone, () => crashing())).interrupted, false);
  });

  describe("of a service whose pods from before crash", () => {
    /** A step of the service that changes these fields; the state knows of a version with this number. */
    const updates = (detailedDiff: object, revision: string) => {
      const { resourcePreEvent } = JSON.parse(begins(deployment, "chat")) as {
        resourcePreEvent: { metadata: object };
      };
      const annotations = { "deployment.kubernetes.io/revision": revision };
      const old = { custom: true, outputs: { metadata: { annotations } } };
      const metadata = { ...resourcePreEvent.metadata, old, detailedDiff };
      return `${JSON.stringify({ resourcePreEvent: { metadata } })}\n`;
    };
    const image = { "spec.template.spec.containers[0].image": { diffKind: "update" } };
    const scaled = { "spec.replicas": { diffKind: "update" } };

    /** Which services fail while the cluster shows its version 2, and pods of it from before that crash more and more often. */
    async function failing(log: string) {
      let looks = 0;
      const { failed } = await updated(log, () => crashing(600, 7 + looks++));
      return failed;
    }

    it("counts none of them as long as the version is the one that is replaced", async () => {
      assert.deepEqual(await failing(updates(image, "2")), []);
    });

    it("counts their next crash once the cluster shows the version that is to stay", async () => {
      assert.deepEqual(await failing(updates(image, "1")), ["vision/chat"]);
    });

    it("counts their next crash where the update leaves them as they are", async () => {
      for (const log of [updates(scaled, "2"), updates({}, "2")]) {
        assert.deepEqual(await failing(log), ["vision/chat"]);
      }
    });
  });

  it("tells what failed, also what the engine writes last", async () => {
    const log = begins(deployment, "chat") + step("resOpFailedEvent", deployment, "chat");
    const said = { diagnosticEvent: { severity: "error", message: "no quota" } };
    const { failures } = await updated(log + `${JSON.stringify(said)}\n`, idle, 0);
    assert.deepEqual(failures.resources, [{ type: deployment, name: "chat", made: false }]);
    assert.deepEqual(failures.errors, ["no quota"]);
  });

  it("shows what the engine prints", async () => {
    assert.ok((await updated("", idle, 50)).told.includes("Updating (prod):"));
  });
});
