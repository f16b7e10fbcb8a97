import type { Suite } from "mocha";

/** Makes each test of a suite start from what the one before has left: after a failure the rest is skipped. */
export function inSteps(suite: Suite): void {
  let failed = false;
  suite.beforeEach(function () {
    if (failed) this.skip();
  });
  suite.afterEach(function () {
    failed ||= this.currentTest?.state === "failed";
  });
}
