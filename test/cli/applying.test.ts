import assert from "node:assert/strict";
import { applied } from "../../cli/applying";
import { Failures } from "../../cli/engine-events";
import { eventsOf } from "./events";

/** Applies with an engine that ends the commands with these codes and logs these events of the update, and gives what came of it. */
async function asked(codes: { refresh?: number; up?: number } = {}, events: object[] = []) {
  const commands: string[][] = [];
  const said: string[] = [];
  const failures = new Failures();
  const lines = events.map((one) => `${JSON.stringify(one)}\n`).join("");
  for (const event of eventsOf(lines)) failures.take(event);
  const engine = (args: string[]) => {
    commands.push(args);
    const isUp = args[0] === "up";
    const code = codes[isUp ? "up" : "refresh"] ?? 0;
    return Promise.resolve({ code, failures: isUp ? failures : undefined });
  };
  const code = await applied("prod", engine, (advice) => said.push(advice));
  return { code, commands, said };
}

/** A step that failed as the engine 3.245 logs it; with reasons the resource was made. */
const failed = (type: string, name: string, initErrors?: string[]) => ({
  resOpFailedEvent: {
    metadata: {
      ...{ op: "create", urn: `urn:pulumi:prod::gpu-serving::a:b:C$${type}::${name}`, type },
      ...{ old: null, new: { type, custom: true, initErrors }, detailedDiff: null },
    },
    ...{ status: initErrors ? 1 : 0, steps: 3 },
  },
});
const error = (message: string, severity = "error") => ({
  diagnosticEvent: { prefix: `${severity}: `, message, color: "never", severity },
});
const job = "kubernetes:batch/v1:Job";

describe("applying a stack", () => {
  it("reads the living node counts of node groups, the patch of a GKE cluster and how jobs have ended, and nothing else, before it updates", async () => {
    const { commands } = await asked();

    assert.deepEqual(
      commands.map(([name]) => name),
      ["refresh", "up"],
    );
    const [refresh = [], up = []] = commands;
    const targets = refresh.filter((_, at) => refresh[at - 1] === "--target");
    assert.deepEqual(targets, [
      "**aws:eks/nodeGroup:NodeGroup::**",
      "**gcp:container/cluster:Cluster::**",
      "**kubernetes:batch/v1:Job::**",
    ]);
    assert.ok(!up.includes("--target"), "the update is of everything");
    for (const command of commands) assert.deepEqual(command.slice(-2), ["--stack", "prod"]);
  });

  it("updates nothing when that cannot be read", async () => {
    const { code, commands } = await asked({ refresh: 255 });

    assert.equal(code, 255);
    assert.deepEqual(
      commands.map(([name]) => name),
      ["refresh"],
    );
  });

  it("ends as the update does", async () => {
    assert.equal((await asked({ up: 1 })).code, 1);
    assert.equal((await asked()).code, 0);
  });

  it("names the jobs that did not succeed, each once, and not what was refused or is no job", async () => {
    const { said } = await asked({ up: 255 }, [
      failed(job, "evaluate", ["'evaluate' timed out", "accuracy 0.42"]),
      failed(job, "evaluate", ["'evaluate' timed out"]),
      failed(job, "retrain-first", ["backoff limit"]),
      failed(job, "large"),
      failed("kubernetes:apps/v1:Deployment", "chat", ["no room"]),
    ]);
    const named = said.map((advice) => /^jobs\.(\S+) did not succeed/.exec(advice)?.[1]);
    assert.deepEqual(named, ["evaluate", "retrain"]);
  });

  it("says where the log of a failed job is and what to do, where the update failed", async () => {
    const events = [failed(job, "evaluate", ["accuracy 0.42"])];
    const { said } = await asked({ up: 255 }, events);

    assert.deepEqual(said, [
      [
        "jobs.evaluate did not succeed; its last lines are above.",
        "    log: npm run job -- evaluate --stack prod --follow",
        "    do:  fix what it says, then npm run apply -- prod; it runs again, also where its entry is unchanged",
      ].join("\n"),
    ]);
    assert.deepEqual((await asked({}, events)).said, []);
  });

  it("does not preview again what has been previewed", async () => {
    const engine = (args: string[]) => {
      commands.push(args);
      return Promise.resolve({ code: 0 });
    };
    const commands: string[][] = [];
    await applied("prod", engine, () => undefined, true);
    assert.ok(commands.at(-1)?.includes("--skip-preview"));
    assert.ok(!(await asked()).commands.at(-1)?.includes("--skip-preview"));
  });

  it("warns of the provider's advice to take over an object that is there already", async () => {
    const taken =
      'resource "vision/chat" already exists, set upsertExistingObjects to take it over';
    const { said } = await asked({ up: 255 }, [error(taken)]);

    assert.equal(said.length, 1);
    assert.match(said[0] ?? "", /^Do not set upsertExistingObjects/);
    assert.match(
      said[0] ?? "",
      /do: {2}if an update of this stack was killed, npm run adopt -- prod; else/,
    );
    for (const other of [error("chat already exists"), error(taken, "debug")]) {
      assert.deepEqual((await asked({ up: 255 }, [other])).said, []);
    }
  });
});
