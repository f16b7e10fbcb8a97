import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { circleProblems, variableOrder } from "../../../components/workload/variable-order";
import { deployChat } from "../../support/clusters";

describe("the order of variables", () => {
  for (const [what, env, ...order] of [
    ["by name", { b: "1", a: "2", C: "3" }, "C", "a", "b"],
    ["references first", { A: "$(Z)", B: "", Z: "$(Y)", Y: "" }, "Y", "Z", "A", "B"],
    ["no reference", { A: "$$(B)", B: "$$$$(A) $(date) $(C", C: "" }, "A", "B", "C"],
    ["a $ that stays, and a reference", { A: "$$$(B)", B: "" }, "B", "A"],
    ["its own name", { B: "", A: "/bin:$(A)" }, "A", "B"],
    ["a secret that is named", { A: "$(TOKEN)", TOKEN: { secret: "$(B)" }, B: "" }, "TOKEN", "A"],
  ] as const) {
    it(`is that in which Kubernetes replaces them: ${what}`, () => {
      assert.deepEqual(variableOrder(env).slice(0, order.length), order);
    });
  }

  it("is as given for what only the run knows, behind all that is known", () => {
    const env = { Z: Promise.resolve("a"), Y: pulumi.output("$(Z)"), X: "1" };
    assert.deepEqual(variableOrder(env), ["X", "Z", "Y"]);
  });

  it("is the same in the container, however the map is written", async () => {
    const env = { URL: "http://$(HOST)", HOST: "db", MODE: "fast" };
    const { container } = await deployChat({ env });
    assert.deepEqual(container("env"), [
      { name: "HOST", value: "db" },
      { name: "MODE", value: "fast" },
      { name: "URL", value: "http://$(HOST)" },
    ]);
  });
});

describe("variables that refer to each other", () => {
  it("are refused where each would need the other before it, each circle once", () => {
    const env = { B: "$(A)", A: "$(C)", C: "$(B)", D: "$(A) $(D)", E: "$(F)", F: "$(E)" };
    assert.deepEqual(
      circleProblems(["env"], env).map(({ path, problem }) => `${path.join(".")}: ${problem}`),
      ["env.A: refers to itself by way of B and C", "env.E: refers to itself by way of F"],
    );
  });

  it("are refused with their place in the entry", async () => {
    await assert.rejects(
      deployChat({ sidecars: { proxy: { image: "p:v1", env: { A: "$(B)", B: "$(A)" } } } }),
      /chat: sidecars\.proxy\.env\.A: refers to itself by way of B, got \$\(B\)/,
    );
  });
});
