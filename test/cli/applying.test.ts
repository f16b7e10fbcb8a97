import assert from "node:assert/strict";
import { applied, failedJobs } from "../../cli/applying";

/** Applies with an engine that ends the commands with these codes, and gives what it was asked and what came of it. */
async function asked(codes: { refresh?: number; up?: number } = {}, stdout = "") {
  const commands: string[][] = [];
  const said: string[] = [];
  const engine = (args: string[]) => {
    commands.push(args);
    return Promise.resolve({ code: codes[args[0] === "up" ? "up" : "refresh"] ?? 0, stdout });
  };
  const code = await applied("prod", engine, (advice) => said.push(advice));
  return { code, commands, said };
}

/** What the engine prints of an update in which a job, a first run and something else failed. */
const output = `
Diagnostics:
  kubernetes:batch/v1:Job (evaluate):
    warning: [Pod vision/evaluate-x7k2p]: Container "evaluate" completed with exit code 3
    error: 2 errors occurred:
        * resource vision/evaluate was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live: 'evaluate' timed out

        * [Pod vision/evaluate-x7k2p]: accuracy 0.42

  kubernetes:batch/v1:Job (retrain-first):
    error: the Kubernetes API server reported that "vision/retrain-first" failed to fully initialize or become live: backoff limit

  kubernetes:batch/v1:Job (large):
    error: jobs.batch "large" is forbidden: exceeded quota: gpus

  kubernetes:apps/v1:Deployment (chat):
    error: the Kubernetes API server reported that "chat/chat" failed to fully initialize or become live: no room

`;

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

  it("names the entries whose runs did not succeed, and not what was refused or is no job", () => {
    assert.deepEqual(failedJobs(output), ["evaluate", "retrain"]);
    assert.deepEqual(failedJobs(""), []);
  });

  it("says where the log of each failed job is and what to do, where the update failed", async () => {
    const { said } = await asked({ up: 255 }, output);

    assert.equal(said.length, 2);
    assert.equal(
      said[0],
      [
        "jobs.evaluate did not succeed; its last lines are above.",
        "    log: npm run job -- evaluate --stack prod --follow",
        "    do:  mend what it says, then npm run apply -- prod; it runs again, also where its entry is unchanged",
      ].join("\n"),
    );
    assert.deepEqual((await asked({}, output)).said, []);
  });

  it("does not preview again what has been previewed", async () => {
    const engine = (args: string[]) => {
      commands.push(args);
      return Promise.resolve({ code: 0, stdout: "" });
    };
    const commands: string[][] = [];
    await applied("prod", engine, () => undefined, true);
    assert.ok(commands.at(-1)?.includes("--skip-preview"));
    assert.ok(!(await asked()).commands.at(-1)?.includes("--skip-preview"));
  });

  it("warns of the provider's advice to take over an object that is there already", async () => {
    const taken =
      'error: resource "vision/chat" already exists, set upsertExistingObjects to take it over\n';
    const { said } = await asked({ up: 255 }, taken);

    assert.equal(said.length, 1);
    assert.match(said[0] ?? "", /^Do not set upsertExistingObjects/);
    assert.match(
      said[0] ?? "",
      /do: {2}if an update of this stack was killed, npm run adopt -- prod; else/,
    );
    assert.deepEqual((await asked({ up: 255 }, "error: chat already exists\n")).said, []);
  });
});
