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
const service = "kubernetes:core/v1:Service";
const job = "kubernetes:batch/v1:Job";

const urnOf = (name: string, type = deployment) =>
  `urn:pulumi:prod::gpu-serving::gpu-serving:index:${type === job ? "BatchJob" : "InferenceService"}$${type}::${name}`;

/** A line of the engine's log: a step of a service's or a job's resource begins, ends or fails. */
function step(kind: string, type: string, name: string, more: object = {}) {
  const metadata = { op: "update", urn: urnOf(name, type), type, new: { custom: true }, ...more };
  return `${JSON.stringify({ [kind]: { metadata } })}\n`;
}
const begins = (type: string, name: string, more?: object) =>
  step("resourcePreEvent", type, name, more);
const ends = (type: string, name: string) => step("resOutputsEvent", type, name);

/** A rollout whose pods crash; they are as old as they are said to be, in seconds. */
const crashing = (age = -1, restartCount = 3): Observed => {
  const made = (Date.now() - Date.parse("2026-11-29T12:00:00Z")) / 1000 - age;
  const terminated = { exitCode: 1, finishedAt: new Date(Date.now() + 1000) };
  return rolling([pod({ made, status: { restartCount, state: { terminated } } })]);
};
const idle = () => ofDeployment({ metadata: { name: "x", generation: 1 } }, [], [], []);

/** Updates with an engine that begins and ends these steps, and runs until it is interrupted or for some milliseconds. */
async function updated(
  log: string,
  observed: (name: string) => Observed = () => crashing(),
  { milliseconds = 600, afterInterrupt = "", refresh = 0 } = {},
) {
  const { screen, told } = recorder();
  const kinds = new Set<string>();
  const commands: string[][] = [];
  let interrupted = false;
  const run: Run = async (args, { env, interrupt, onLine } = {}) => {
    if (args[0] !== "up") {
      commands.push(args);
      return { code: refresh, stdout: "", stderr: "" };
    }
    assert.equal(env?.PULUMI_DEBUG_COMMANDS, "true", "the engine knows --event-log");
    const of = { namespace: "vision", placement: 0 };
    const workloads = [
      ...["chat", "digits"].map((name) => ({ kind: "Deployment" as const, name, ...of })),
      { kind: "Job" as const, name: "study", ...of },
    ];
    give(env?.[handOverVariable] ?? "", { kubeconfig: "the kubeconfig", workloads });
    appendFileSync(args[args.indexOf("--event-log") + 1] ?? "", log);
    onLine?.("Updating (prod):");
    interrupt?.addEventListener("abort", () => (interrupted = true));
    for (let left = milliseconds; left > 0 && !interrupted; left -= 10) await sleep(10);
    if (interrupted) appendFileSync(args[args.indexOf("--event-log") + 1] ?? "", afterInterrupt);
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
  const result = await watchedUp(["up", "--yes", "--stack", "prod"], {
    run,
    clusterOf,
    screen,
    interval: 25,
    patience: 100,
  });
  return { ...result, told, interrupted, kinds, commands };
}

describe("an update that is watched", () => {
  it("is ended when nothing but a rollout that has failed is left, which is told with its last lines", async () => {
    const log = begins(deployment, "chat") + begins(service, "chat-service");
    const { code, failed, told, interrupted } = await updated(log);
    assert.deepEqual(
      { code, failed, interrupted },
      { code: 255, failed: ["vision/chat"], interrupted: true },
    );
    assert.equal(told[0], "Updating (prod):");
    assert.ok(told.includes("vision/chat FAILED: crashed 4 times, last with exit code 1"));
    assert.ok(told.includes("ValueError: no"));
  });

  describe("reads back what the provider forgets to have changed when it is ended", () => {
    const updates = begins(deployment, "chat") + begins(service, "chat-service");
    const known = { new: { custom: true, initErrors: ["not ready"] } };
    const afterInterrupt =
      step("resOpFailedEvent", deployment, "chat") +
      step("resOpFailedEvent", service, "chat-service", known);
    const refreshed = ["refresh", "--yes", "--stack", "prod", "--target", urnOf("chat")];

    it("and says no more where it was read", async () => {
      const { commands, told } = await updated(updates, undefined, { afterInterrupt });
      assert.deepEqual(commands, [refreshed]);
      assert.equal(told.at(-1), "Only failed rollouts are left, so the update stops here.");
    });

    it("and says what to do where it cannot be read", async () => {
      const { commands, told } = await updated(updates, undefined, { afterInterrupt, refresh: 1 });
      assert.deepEqual(commands, [refreshed]);
      assert.match(told.at(-1) ?? "", /cannot be read. Run pulumi refresh/);
    });
  });

  it("reads nothing back where the state knows what was made, or nothing was changed", async () => {
    const known = { new: { custom: true, initErrors: ["not ready"] } };
    for (const more of [known, { op: "create" }]) {
      const { commands, interrupted } = await updated(begins(deployment, "chat", more), undefined, {
        afterInterrupt: step("resOpFailedEvent", deployment, "chat", more),
      });
      assert.deepEqual({ commands, interrupted }, { commands: [], interrupted: true });
    }
  });

  it("is ended when nothing but a job is left that cannot start", async () => {
    const { failed, interrupted, kinds } = await updated(begins(job, "study"));
    assert.deepEqual({ failed, interrupted }, { failed: ["vision/study"], interrupted: true });
    assert.deepEqual([...kinds], ["Job"]);
  });

  it("goes on while another rollout does, and while anything else is being made", async () => {
    const others = [
      ...[begins(deployment, "digits"), begins("gcp:container/nodePool:NodePool", "l4")],
      begins(service, "digits-service"),
    ];
    for (const other of others) {
      const { interrupted, failed } = await updated(begins(deployment, "chat") + other, (name) =>
        name === "chat" ? crashing() : idle(),
      );
      assert.deepEqual({ failed, interrupted }, { failed: ["vision/chat"], interrupted: false });
    }
  });

  it("goes on when the other steps have ended and no rollout has failed", async () => {
    const log = begins(deployment, "chat") + begins(service, "x") + ends(service, "x");
    const { interrupted, code, failed } = await updated(log, idle, { milliseconds: 200 });
    assert.deepEqual({ interrupted, code, failed }, { interrupted: false, code: 0, failed: [] });
  });

  it("looks at no rollout before the engine has begun it, nor at an old one that is taken away", async () => {
    const gone = begins(deployment, "chat", { op: "delete-replaced", old: { custom: true } });
    for (const log of [begins(service, "chat-service"), gone]) {
      const { told, interrupted } = await updated(log, undefined, { milliseconds: 200 });
      assert.deepEqual({ told, interrupted }, { told: ["Updating (prod):"], interrupted: false });
    }
  });

  describe("of a service whose pods from before crash more and more often", () => {
    const image = { "spec.template.spec.containers[0].image": { diffKind: "update" } };
    const scaled = { "spec.replicas": { diffKind: "update" } };
    for (const [what, detailedDiff, revision, fails] of [
      ["counts none as long as the version is the one that is replaced", image, "2", []],
      [
        ...["counts their next crash once the cluster shows the version that is to stay", image],
        ...["1", ["vision/chat"]],
      ],
      ["counts it where the update scales them", scaled, "2", ["vision/chat"]],
      ["counts it where the update leaves them as they are", {}, "2", ["vision/chat"]],
    ] as const) {
      it(what, async () => {
        const annotations = { "deployment.kubernetes.io/revision": revision };
        const old = { custom: true, outputs: { metadata: { annotations } } };
        let looks = 0;
        // The cluster shows its version 2.
        const { failed } = await updated(begins(deployment, "chat", { old, detailedDiff }), () =>
          crashing(600, 7 + looks++),
        );
        assert.deepEqual(failed, fails);
      });
    }
  });

  it("tells what failed, also what the engine writes last", async () => {
    const log = begins(deployment, "chat") + step("resOpFailedEvent", deployment, "chat");
    const said = { diagnosticEvent: { severity: "error", message: "no quota" } };
    const { failures } = await updated(log + `${JSON.stringify(said)}\n`, idle, {
      milliseconds: 0,
    });
    assert.deepEqual(failures, {
      resources: [
        { type: deployment, name: "chat", made: false, op: "update", urn: urnOf("chat") },
      ],
      errors: ["no quota"],
    });
  });
});
