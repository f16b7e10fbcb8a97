import assert from "node:assert/strict";
import { served } from "../../local/served";

describe("what a start says at its end", () => {
  const digits = { url: "http://127.0.0.9", internalUrl: "http://digits.vision" };
  const mine = { internalUrl: "http://mine.vision" };
  const asked = { service: "digits", command: "curl http://127.0.0.9/predict", answer: "{}" };

  it("is the example's answer, and where everything else is served", () => {
    assert.equal(
      served({ digits, mine, other: { url: "http://127.0.0.8" } }, asked),
      `A model answers at http://127.0.0.9

  curl http://127.0.0.9/predict
  {}

Other services:
  mine   http://mine.vision, in the cluster only
  other  http://127.0.0.8`,
    );
    assert.equal(served({ digits }, asked).includes("services"), false, "nothing else is served");
  });

  it("is the addresses alone of a stack without the example", () => {
    assert.equal(served({ digits }), "Services:\n  digits  http://127.0.0.9");
    assert.equal(served({}), "The stack serves nothing.");
  });
});
