import assert from "node:assert";
import { z } from "zod";
import { schemaFaults } from "../../stacks/explain";
import { pathText } from "../../stacks/faults";
import { oneOf } from "../../stacks/values/text";

const cluster = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("near"), size: oneOf("small", "large") }),
  z.strictObject({ kind: z.literal("far"), size: oneOf("one", "many") }),
]);

function told(value: unknown) {
  return schemaFaults(cluster, value, "file.yaml").map(
    ({ at, what, allowed }) => `${pathText(at)}: ${what}; ${allowed}`,
  );
}

describe("a value with several shapes", () => {
  it("is told what the shape it names allows", () => {
    assert.deepEqual(told({ kind: "far", size: "large" }), ["size: unknown word; one, many"]);
    assert.deepEqual(told({ kind: "near", size: "many" }), ["size: unknown word; small, large"]);
  });

  it("is told its own shape's keys", () => {
    assert.deepEqual(told({ kind: "far", size: "one", zone: 1 }), [
      "zone: unknown key; kind, size",
    ]);
  });

  it("is told the shapes there are", () => {
    assert.deepEqual(told({ kind: "middle", size: "one" }), ["kind: unknown word; near, far"]);
  });
});
