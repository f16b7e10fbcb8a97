import assert from "node:assert/strict";
import { linesOf } from "../../rollouts/problem";

const shown = (...lines: string[]) =>
  linesOf("chat", { problem: "crashed", said: [], fix: "mend it", lines }).slice(2, -1);

describe("the log of a problem", () => {
  it("moves no cursor, colours nothing and sets no title", () => {
    assert.deepEqual(shown("\u001b[2J\u001b[31mred\u001b[0m", "\u001b]0;title\u0007text\r"), [
      "        red",
      "        text",
    ]);
  });

  it("commands no CI runner", () => {
    assert.deepEqual(shown("::error::all is lost"), ["        : :error::all is lost"]);
  });

  it("is cut where a line is longer than anybody reads", () => {
    assert.deepEqual(shown("y".repeat(5000)), [`        ${"y".repeat(500)} ...`]);
  });
});
