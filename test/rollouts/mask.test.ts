import assert from "node:assert/strict";
import { maskOf } from "../../rollouts/mask";
import { withoutSecrets } from "../../rollouts/problem";

describe("a mask", () => {
  it("blanks every secret in a line, the longest first", () => {
    const mask = maskOf(["t0ken", "t0ken-of-ann", "p$ss.w(rd"]);
    assert.equal(
      mask("t0ken t0ken-of-ann p$ss.w(rd t0ken pass.word"),
      "[secret] [secret] [secret] [secret] pass.word",
    );
  });

  it("blanks a secret of several lines line by line, and as JSON writes it", () => {
    const mask = maskOf(['-----BEGIN KEY-----\r\n  MIIEvQ"IBAD\n}\n']);
    assert.equal(mask('  MIIEvQ"IBAD'), "  [secret]");
    assert.equal(mask('{"key":"MIIEvQ\\"IBAD"}'), '{"key":"[secret]"}');
    assert.equal(mask("}"), "}");
  });

  it("leaves values of fewer than four characters, and all else", () => {
    const mask = maskOf(["abc", "", "four"]);
    assert.equal(mask("abc four abcd"), "abc [secret] abcd");
    assert.equal(maskOf([])("anything"), "anything");
  });

  it("is put on a problem's log and on what the cluster said", () => {
    const found = {
      ...{ problem: "ended: no t0ken", pod: "chat-1", container: "server", fix: "mend it" },
      ...{ said: ["bad t0ken"], lines: ["using t0ken"] },
    };
    assert.deepEqual(withoutSecrets(found, maskOf(["t0ken"])), {
      ...found,
      ...{ problem: "ended: no [secret]", said: ["bad [secret]"], lines: ["using [secret]"] },
    });
  });
});
