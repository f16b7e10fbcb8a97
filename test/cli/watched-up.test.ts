import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { EventLog, StepsInFlight } from "../../cli/engine-events";
import { jsonScreen, textScreen, type Screen } from "../../cli/screen";
import { watchedUp, type Run } from "../../cli/watched-up";
import type { Cluster } from "../../rollouts/cluster";
import { give, handOverVariable } from "../../rollouts/hand-over";
import { ofDeployment, type Observed } from "../../rollouts/workload";
import { pod, rolling } from "../rollouts/objects";
import { eventsOf } from "./events";

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

function recorder(): { screen: Screen; told: string[] } {
  const told: string[] = [];
  const screen: Screen = {
    line: (text) => told.push(text),
    state: (workload, state) => told.push(`${workload}: ${state}`),
    problem: (workload, problem) =>
      told.push(`${workload} FAILED: ${problem.problem}`, ...problem.lines),
    say: (text) => told.push(text),
    end: (code) => told.push(`end ${code}`),
  };
  return { screen, told };
}

/** Updates with an engine that begins and ends these steps, and runs until it is interrupted or for some milliseconds. */
async function updated(
  log: string,
  observed: (name: string) => Observed,
  milliseconds = 600,
  kinds = new Set<string>(),
) {
  const { screen, told } = recorder();
  let interrupted = false;
  const run: Run = async (args, { env, interrupt, onLine }) => {
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

describe("the engine's log of events", () => {
  const names = (log: string[]) => {
    const steps = new StepsInFlight();
    for (const event of eventsOf(...log)) steps.take(event);
    return steps.all().map(({ name }) => name);
  };

  it("tells which steps are in flight: begun, and neither ended nor failed", () => {
    const log = [begins(deployment, "a"), begins(deployment, "b"), begins(deployment, "c")];
    const over = [ends(deployment, "a"), step("resOpFailedEvent", deployment, "b")];
    assert.deepEqual(names([...log, ...over]), ["c"]);
  });

  it("counts steps that do the same to the same resource, as deleting what two replacements left", () => {
    const remove = (kind: Parameters<typeof step>[0]) =>
      step(kind, deployment, "a", true, "delete-replaced");
    const [begun, ended] = [remove("resourcePreEvent"), remove("resOutputsEvent")];
    assert.deepEqual(names([begun, begun]), ["a", "a"]);
    assert.deepEqual(names([begun, begun, ended]), ["a"]);
    assert.deepEqual(names([begun, begun, ended, remove("resOpFailedEvent")]), []);
  });

  it("tells the steps of a replacement apart, and knows an end only of what has begun", () => {
    const replace = (kind: Parameters<typeof step>[0], op: string) =>
      step(kind, deployment, "a", true, op);
    const log = [
      replace("resourcePreEvent", "create-replacement"),
      replace("resOutputsEvent", "create-replacement"),
      replace("resourcePreEvent", "replace"),
      replace("resOutputsEvent", "replace"),
      replace("resourcePreEvent", "delete-replaced"),
    ];
    assert.deepEqual(names(log), ["a"]);
    assert.deepEqual(names([replace("resOutputsEvent", "delete"), ...log]), ["a"]);
    assert.deepEqual(names([...log, replace("resOutputsEvent", "delete-replaced")]), []);
  });

  it("may have lines that are no events", () => {
    assert.deepEqual(names([`no JSON\n7\nnull\n${begins(deployment, "chat")}`]), ["chat"]);
  });

  it("may be read in parts that end within a line", () => {
    const line = begins(deployment, "a");
    assert.deepEqual(names([line.slice(0, 30)]), []);
    assert.deepEqual(names([line.slice(0, 30), line.slice(30)]), ["a"]);
  });

  it("need not be there yet", () =>
    assert.deepEqual(new EventLog("/nowhere/events.json").next(), []));

  it("counts no component, which only waits for its children, and ignores events that it does not know", () => {
    const component = step("resourcePreEvent", "gpu-serving:index:InferenceService", "chat", false);
    assert.deepEqual(names([component, '{"preludeEvent":{"config":{}}}\n', "\n"]), []);
  });
});

describe("the screen of an update", () => {
  const problem = { problem: "crashed", said: ["text"], fix: "mend it", lines: ["Traceback"] };
  function written(live: boolean, work: (screen: Screen) => void): string {
    let all = "";
    work(textScreen({ write: (text) => (all += text), live, columns: 30 }));
    return all;
  }

  it("has a line for each change in a pipe", () => {
    const all = written(false, (screen) => {
      screen.state("vision/chat", "starting");
      screen.line("engine");
      screen.state("vision/chat", "1 of 2 ready");
    });
    assert.equal(all, "  vision/chat: starting\nengine\n  vision/chat: 1 of 2 ready\n");
  });

  it("has one line for each service on a terminal, below what the engine prints, cut at its edge", () => {
    const all = written(true, (screen) => {
      screen.state("vision/chat", "starting: startup probe got nothing");
      screen.line("engine");
    });
    const line = "  vision/chat: starting: star\n";
    assert.equal(all, `${line}\x1b[1A\x1b[0Jengine\n${line}`);
  });

  it("shows a problem as a block", () => {
    const all = written(false, (screen) => screen.problem("vision/chat", problem));
    assert.equal(
      all,
      "\nFAILED\nvision/chat: crashed\n    said: text\n    log:\n        Traceback\n    do:   mend it\n\n",
    );
  });

  it("is one JSON object a line for programs, with the engine's lines elsewhere", () => {
    const [out, other]: [string[], string[]] = [[], []];
    const screen = jsonScreen(
      (text) => out.push(text),
      (text) => other.push(text),
    );
    screen.line("engine");
    screen.state("vision/chat", "starting");
    screen.problem("vision/chat", problem);
    screen.end(1);
    assert.deepEqual(other, ["engine\n"]);
    assert.deepEqual(
      out.map((line) => JSON.parse(line) as unknown),
      [
        { event: "state", workload: "vision/chat", state: "starting" },
        { event: "problem", workload: "vision/chat", ...problem },
        { event: "end", code: 1 },
      ],
    );
  });
});
