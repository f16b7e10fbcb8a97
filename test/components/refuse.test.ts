import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../components/problem";
import { refuse } from "../../components/refuse";
import { deploy } from "../support/deploy";

const problem: Problem = {
  path: ["pools", "l4", "capacity", 1],
  problem: "not how it is sold",
  found: '"spot"',
  allowed: "on-demand",
  fix: "write on-demand",
};

function refused(...problems: Problem[]) {
  return deploy(() => {
    const component = new pulumi.ComponentResource("test:index:Test", "one");
    refuse(component, "one", problems);
    return component;
  });
}

describe("a component's refusal", () => {
  it("is one error with everything that is wrong, each on a line with what to do", async () => {
    await assert.rejects(refused(problem, { ...problem, path: ["region"] }), {
      message: [
        'one: pools.l4.capacity.1: not how it is sold, got "spot"; allowed: on-demand. To fix it, write on-demand.',
        'region: not how it is sold, got "spot"; allowed: on-demand. To fix it, write on-demand.',
      ].join("\n"),
    });
  });

  it("asks what was meant, in a sentence of its own", async () => {
    await assert.rejects(refused({ ...problem, fix: 'did you mean "on-demand"?' }), {
      message:
        'one: pools.l4.capacity.1: not how it is sold, got "spot"; allowed: on-demand. Did you mean "on-demand"?',
    });
  });

  it("is none where there is nothing, or only something to be told", async () => {
    await refused();
    await refused({ ...problem, warning: true });
  });
});
