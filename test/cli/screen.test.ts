import assert from "node:assert/strict";
import { jsonScreen, textScreen, type Screen } from "../../cli/screen";

const problem = { problem: "crashed", said: ["text"], fix: "mend it", lines: ["Traceback"] };
const into = (lines: string[]) => ({ write: (text: string) => lines.push(text), columns: 30 });

describe("the screen of an update", () => {
  function written(isTTY: boolean, work: (screen: Screen) => void): string {
    const lines: string[] = [];
    work(textScreen({ ...into(lines), isTTY }));
    return lines.join("");
  }

  it("has a line for each change in a pipe, and a block for a problem", () => {
    const all = written(false, (screen) => {
      screen.state("vision/chat", "starting: startup probe got nothing");
      screen.say("engine");
      screen.problem("vision/chat", problem);
    });
    assert.equal(
      all,
      "  vision/chat: starting: startup probe got nothing\nengine\n" +
        "\nFAILED\nvision/chat: crashed\n    said: text\n    log:\n        Traceback\n    do:   mend it\n\n",
    );
  });

  it("has one line for each service on a terminal, below what the engine prints, cut at its edge", () => {
    const all = written(true, (screen) => {
      screen.state("vision/chat", "starting: startup\nprobe got nothing");
      screen.say("engine");
    });
    const line = "  vision/chat: starting: star\n";
    assert.equal(all, `${line}\x1b[1A\x1b[0Jengine\n${line}`);
  });

  it("is one JSON object a line for programs, with the engine's lines elsewhere", () => {
    const [out, other]: [string[], string[]] = [[], []];
    const screen = jsonScreen(into(out), into(other));
    screen.say("engine");
    screen.state("vision/chat", "starting");
    screen.problem("vision/chat", problem);
    screen.end?.(1);
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
