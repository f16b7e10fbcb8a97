import assert from "node:assert";
import { z } from "zod";
import { pathText } from "../../stacks/problems";
import { shaped } from "../../stacks/shape";
import { oneOf } from "../../values/text";

const cluster = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("near"), size: oneOf("small", "large") }),
  z.strictObject({ kind: z.literal("far"), size: oneOf("one", "many") }),
]);

function said(value: unknown) {
  const read = shaped(cluster, value);
  return "value" in read
    ? []
    : read.problems.map(
        ({ path, problem, allowed }) => `${pathText(path)}: ${problem}; ${allowed}`,
      );
}

describe("a value with several shapes", () => {
  it("is measured by the shape it names", () => {
    assert.deepEqual(said({ kind: "far", size: "large" }), ["size: unknown word; one, many"]);
    assert.deepEqual(said({ kind: "near", size: "many" }), ["size: unknown word; small, large"]);
  });

  it("has the keys of its own shape alone", () => {
    assert.deepEqual(said({ kind: "far", size: "one", zone: 1 }), [
      "zone: unknown key; kind, size",
    ]);
  });

  it("has one of the shapes there are", () => {
    assert.deepEqual(said({ kind: "middle", size: "one" }), ["kind: unknown word; near, far"]);
  });
});
