import assert from "node:assert/strict";
import { applied } from "../../ci/applying";

/** Applies with an engine that ends the commands with these codes, and gives what it was asked and what came of it. */
async function asked(codes: { refresh?: number; up?: number } = {}) {
  const commands: string[][] = [];
  const code = await applied("prod", (args) => {
    commands.push(args);
    return Promise.resolve({ code: codes[args[0] === "up" ? "up" : "refresh"] ?? 0 });
  });
  return { code, commands };
}

describe("applying a stack", () => {
  it("reads the living node counts of node groups, and of nothing else, before it updates", async () => {
    const { commands } = await asked();

    assert.deepEqual(
      commands.map(([name]) => name),
      ["refresh", "up"],
    );
    const [refresh = [], up = []] = commands;
    assert.match(refresh[refresh.indexOf("--target") + 1] ?? "", /aws:eks\/nodeGroup:NodeGroup/);
    assert.ok(!up.includes("--target"), "the update is of everything");
    for (const command of commands) assert.deepEqual(command.slice(-2), ["--stack", "prod"]);
  });

  it("updates nothing when the counts cannot be read", async () => {
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
});
