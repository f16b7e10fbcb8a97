import assert from "node:assert/strict";
import { linesOf } from "../../rollouts/problem";

describe("a problem as a person reads it", () => {
  const shown = (lines: string[], said: string[] = []) =>
    linesOf("chat", { problem: "crashed", said, fix: "mend it", lines }).slice(1, -1);

  for (const [claim, written, line] of [
    ["moves no cursor and colours nothing", "\u001b[2J\u001b[31mred\u001b[0m", "red"],
    ["sets no title", "\u001b]0;title\u0007text\r", "text"],
    ["commands no CI runner", "::error::all is lost", ": :error::all is lost"],
    ["cuts lines longer than anybody reads", "y".repeat(5000), `${"y".repeat(500)} ...`],
  ] as const) {
    it(claim, () => {
      assert.deepEqual(shown([written]), ["    log:", `        ${line}`]);
      assert.deepEqual(shown([], [written]), [`    said: ${line}`]);
    });
  }

  it("tells what the cluster said line by line", () => {
    assert.deepEqual(shown([], ["no\nnode "]), ["    said: no", "          node"]);
  });
});
