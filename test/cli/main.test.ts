import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { commandLine } from "../../cli/main";
import { checkout } from "../../local/folder";
import { run } from "../../process/run";
import { command } from "../support/command";

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")));
const { commands } = commandLine();

/** What a command prints with --help. */
function helpOf(command: (typeof commands)[number]): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

describe("the command line", () => {
  it("has one command for each task", () =>
    assert.deepEqual(Object.fromEntries(commands.map((one) => [one.name(), one.usage()])), {
      check: "[options]",
      preview: "[options] [stacks...]",
      comment: "[options] <folder>",
      stacks: "[options] [folder]",
      apply: "[options] <stack>",
      adopt: "[options] <stack> [name=id...]",
      destroy: "[options] <stack>",
      quota: "[options] <stack>",
      job: "[options] <name>",
    }));

  it("says of every command, argument and option what it is, and shows an npm script that calls it", () => {
    for (const command of commands) {
      const parts = [...command.registeredArguments, ...command.options];
      const sentences = [command.description(), ...parts.map(({ description }) => description)];
      assert.ok(!sentences.includes(""), `${command.name()}: ${sentences.join(" | ")}`);
      const [, script = ""] = /^ {2}\$ npm run ([\w:-]+)/m.exec(helpOf(command)) ?? [];
      assert.equal(scripts[script], `tsx cli/main.ts ${command.name()}`);
    }
  });

  describe("when it is called", function () {
    this.timeout(60_000);
    this.slow(10_000);
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "gpu-serving-command-line-"))));
    afterEach(() => rmSync(folder, { recursive: true }));

    const call = (...args: string[]) =>
      command(args, { GITHUB_STEP_SUMMARY: "", PULL_REQUEST: "" });

    it("is a program of its own", async () => {
      const { code, stderr } = await run(
        process.execPath,
        ["--import=tsx", "cli/main.ts", "adopt", "prod", "cluster="],
        { cwd: checkout, mayFail: true },
      );
      assert.equal(code, 1);
      assert.match(stderr, /^error: .*'cluster=' is invalid .* Write it as name=id/);
    });

    it("refuses what it does not know, and says how it is called", async () => {
      for (const [args, problem] of [
        [["aply", "prod"], /^error: unknown command.*\n\(Did you mean apply\?\)\n/],
        [["apply", "prod", "--jsn"], /^error: unknown [^]*\nnpm run apply -- --help says how/],
      ] as const) {
        const { code, stdout, stderr } = await call(...args);
        assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
        assert.match(stderr, problem);
      }
    });

    it("prints previews for programs, and keeps them for the comment and the list of changed stacks", async () => {
      const kept = join(folder, "previews");
      const args = ["eks", "gke", "--out", kept, "--skipped", "no login", "--json"];
      const preview = { changes: [], errors: [], warnings: [] };
      assert.deepEqual(JSON.parse((await call("preview", ...args)).stdout), [
        { stack: "eks", ...preview, skipped: "no login" },
        { stack: "gke", ...preview, skipped: "no login" },
      ]);
      const change = { operation: "update", kind: "Deployment", name: "chat", fields: [] };
      const changed = { stack: "gke", ...preview, changes: [change] };
      writeFileSync(join(kept, "gke.json"), JSON.stringify(changed));

      assert.deepEqual(JSON.parse((await call("stacks", kept)).stdout), ["gke"]);
      const { stdout } = await call("comment", kept);
      assert.match(stdout, /^\| `eks` \|.*not previewed \|\n\| `gke` \|/m);
    });

    it("prints for programs what is wrong with each stack file", async () => {
      const { code, stdout } = await call("check", "--json");
      assert.equal(code, 0);
      const checked = z.array(z.object({ stack: z.string(), errors: z.array(z.string()) }));
      for (const { errors } of checked.parse(JSON.parse(stdout))) assert.deepEqual(errors, []);
    });
  });
});
