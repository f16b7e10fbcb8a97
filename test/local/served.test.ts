import assert from "node:assert/strict";
import { served } from "../../local/served";

describe("what a start says at its end", () => {
  const chat = { url: "http://127.0.0.9", internalUrl: "http://chat.chat" };
  const mine = { internalUrl: "http://mine.vision" };
  const asked = { service: "chat", command: "curl http://127.0.0.9/predict", answer: "{}" };

  it("is the example's answer, and where everything else is served", () => {
    assert.equal(
      served({ chat, mine, other: { url: "http://127.0.0.8" } }, asked),
      `A model answers at http://127.0.0.9

  curl http://127.0.0.9/predict
  {}

Other services:
  mine   http://mine.vision, in the cluster only
  other  http://127.0.0.8`,
    );
    assert.equal(served({ chat }, asked).includes("services"), false, "nothing else is served");
  });

  it("says what else there is at the example's address", () => {
    assert.equal(
      served({ chat }, { ...asked, more: ["Open it in a browser."] }),
      `A model answers at http://127.0.0.9
Open it in a browser.

  curl http://127.0.0.9/predict
  {}`,
    );
  });

  it("is the addresses alone of a stack without the example", () => {
    assert.equal(served({ chat }), "Services:\n  chat  http://127.0.0.9");
    assert.equal(served({}), "The stack serves nothing.");
  });
});
