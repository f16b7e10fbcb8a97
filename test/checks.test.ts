import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";

/** Starts a tool of this package over the repository; resolves to what it finds, and to nothing where all is well. */
function findings(tool: string, ...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(join("node_modules", ".bin", tool), args, (error, stdout, stderr) => {
      resolve(error ? [error.message, stdout, stderr].join("\n") : "");
    });
  });
}

describe("the source", function () {
  this.timeout(180_000);
  this.slow(60_000);

  // Started when this file is loaded: they run beside the other tests, which come before these.
  const formatting = findings("prettier", "--check", "--log-level=warn", ".");
  const lint = findings("eslint", "--max-warnings=0", ".");
  const types = findings("tsc", "-p", ".");

  it("is formatted (npm run format mends it)", async () => assert.equal(await formatting, ""));
  it("passes the linter", async () => assert.equal(await lint, ""));
  it("type-checks", async () => assert.equal(await types, ""));
});
