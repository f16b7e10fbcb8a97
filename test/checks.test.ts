import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { fingerprints } from "./support/fingerprints";

/** Starts a tool of this package over the repository; resolves to what it finds, and to nothing where all is well. */
function findings(tool: string, ...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(join("node_modules", ".bin", tool), args, (error, stdout, stderr) => {
      resolve(error ? (stdout + stderr).trim() || error.message : "");
    });
  });
}

/** All sources of the package, as the compiler sees them. */
function sources(): string[] {
  const { config } = ts.readConfigFile("tsconfig.json", (path) => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
  return fileNames.map((file) => relative(process.cwd(), file));
}

/** Lints the files that have changed, by themselves or by what they import, since all of them passed. */
async function lintFindings(): Promise<string> {
  const notes = join("node_modules", ".cache", "linted.json");
  const passed = existsSync(notes)
    ? (JSON.parse(readFileSync(notes, "utf8")) as Record<string, string>)
    : {};
  const now = fingerprints(sources());
  const changed = Object.keys(now).filter((file) => passed[file] !== now[file]);
  if (changed.length === 0) return "";
  const found = await findings("eslint", "--max-warnings=0", ...changed);
  if (found === "") {
    mkdirSync(dirname(notes), { recursive: true });
    writeFileSync(notes, JSON.stringify(now));
  }
  return found;
}

describe("the source", function () {
  this.timeout(600_000);
  this.slow(60_000);

  // Started when this file is loaded: they run beside the other tests, which come before these.
  const lint = lintFindings();
  const types = findings("tsc", "-p", ".");
  const folders = new Set(sources().map((file) => file.split("/")[0] ?? file));
  const imports = findings("depcruise", "--output-type", "err-long", ...folders);
  const cached = ["--cache", "--cache-strategy=content"];
  const formatting = findings("prettier", "--check", "--log-level=warn", ...cached, ".");

  it("is formatted (npm run format mends it)", async () => assert.equal(await formatting, ""));
  it("passes the linter", async () => assert.equal(await lint, ""));
  it("imports no cycle, and nothing against the map of .dependency-cruiser.mjs", async () =>
    assert.equal(await imports, ""));
  it("type-checks", async () => assert.equal(await types, ""));
});
