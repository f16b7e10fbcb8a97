import assert from "node:assert/strict";
import { maskOf } from "../../rollouts/mask";
import { linesOf, withoutSecrets } from "../../rollouts/problem";

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

  for (const [what, text] of [
    ["colours", "\x1b[1mt0ken\x1b[0m-of-ann"],
    ["a title", "t0ken\x1b]0;title\x07-of-ann"],
    ["a control character", "t0ken\0-of-ann"],
    ["colours as JSON writes them", '{"log":"\\u001b[1mt0ken\\u001b[0m-of-ann"}'],
  ] as const) {
    it(`finds a secret behind ${what}, which no reader would see`, () => {
      const mask = maskOf(["t0ken-of-ann"]);
      const found = { problem: "crashed", said: [text], lines: [text], fix: "mend it" };
      const shown = linesOf("chat", withoutSecrets(found, mask)).join("\n");
      assert.match(shown, /\[secret\]/);
      assert.doesNotMatch(shown, /t0ken/);
      assert.doesNotMatch(mask(text), /t0ken/);
    });
  }

  it("finds a secret that has control characters itself, shown with them or without", () => {
    const mask = maskOf(["t0ken\0-of-ann"]);
    assert.equal(mask("is t0ken\0-of-ann"), "is [secret]");
    assert.equal(mask("is t0ken-of-ann"), "is [secret]");
  });

  it("blanks the longest also where something stands within it", () => {
    const mask = maskOf(["t0ken", "t0ken&ann"]);
    assert.equal(mask("t0ken\0&ann"), "[secret]");
    assert.equal(mask("t0ken\\u0026ann"), "[secret]");
  });

  it("leaves the colours of a line without secrets", () => {
    assert.equal(maskOf(["t0ken"])("\x1b[1mall\x1b[0m"), "\x1b[1mall\x1b[0m");
  });

  for (const [writer, text] of [
    ["Go", '{"key":"a\\u0026b\\u003cä/\\""}'],
    ["Python", '{"key":"a&b<\\u00e4/\\""}'],
    ["Java and .NET", '{"key":"a\\u0026b\\u003C\\u00E4/\\u0022"}'],
    ["PHP", '{"key":"a&b<ä\\/\\""}'],
    ["Go, within another log line", '{"log":"{\\"key\\":\\"a\\\\u0026b<ä/\\\\\\"\\"}"}'],
  ] as const) {
    it(`blanks a secret as the JSON of ${writer} writes it`, () => {
      const shown = maskOf(['a&b<ä/"'])(text);
      assert.match(shown, /"\[secret\]/);
      assert.doesNotMatch(shown, /a&|u0026/);
    });
  }

  it("blanks each string in a secret that is an object or a list", () => {
    const mask = maskOf(['{"password":"x1y2z3","hosts":["a.example"],"port":5432}']);
    assert.equal(mask("x1y2z3@a.example:5432"), "[secret]@[secret]:5432");
    assert.equal(maskOf(["{t0ken"])("{t0ken"), "[secret]");
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
