import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Runs a tool of this package over the repository and demands that it finds nothing. */
function finds(tool: string, ...args: string[]): void {
  const program = join("node_modules", ".bin", tool);
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  assert.equal(status, 0, [error?.message, stdout, stderr].filter(Boolean).join("\n"));
}

describe("the source", function () {
  this.timeout(120_000);
  this.slow(60_000);

  it("is formatted (npm run format mends it)", () =>
    finds("prettier", "--check", "--log-level=warn", "."));
  it("passes the linter", () => finds("eslint", "--max-warnings=0", "."));
  it("type-checks", () => finds("tsc", "-p", "."));
});
