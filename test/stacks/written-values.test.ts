import assert from "node:assert/strict";
import { fromFile, fromProgram, refusal, type Files } from "./stack-files";

const readers = { "a file": fromFile, "a running program": fromProgram };

const stackFile = (lines: string): Files => ({
  "Pulumi.prod.yaml": `config:
  cluster: { kind: existing }
  services:
    chat:
      image: chat:v1
      ${lines}
`,
});

/** Plain values that are no text, where text is wanted. */
const untexted = [
  "0.10",
  "1.0",
  "1e3",
  "0x1F",
  "+5",
  ".5",
  "12345678901234567890",
  "True",
  "FALSE",
  "2026-11-22",
  "2026-11-22 10:00:00",
  "-0",
  "007",
];

/** Plain values that are one thing in YAML 1.2 and another one for Pulumi. */
const unclear = [
  "0123456",
  "010000",
  "-010",
  "+010",
  "010_0",
  "1_000",
  "0b101",
  "0B101",
  "0O17",
  "-0x1F",
  "1_0.5",
];

for (const [source, read] of Object.entries(readers)) {
  describe(`a value in ${source} that is text without looking like it`, () => {
    for (const written of [...untexted, ...unclear]) {
      const env = (value: string) => stackFile(`env: { CODE: ${value} }`);
      it(`is text, once it is quoted as it was told: ${written}`, () => {
        const said = refusal(() => read(env(written)));
        assert.ok(said.includes(`found:   ${written}\n`), said);
        assert.match(said, /do: +quote it/);
        const told = /quote it: (".*")/.exec(said)?.[1] ?? `"${written}"`;
        assert.equal(told, `"${written}"`);
        assert.equal(read(env(told)).services.chat?.env.CODE, written);
      });
    }
  });
}

describe("a value that is refused for what it is", () => {
  for (const [lines, found, fix] of [
    ["args: [--code, 0.10]", "0.10", 'quote it: "0.10"'],
    ["args: 0.10", "0.10", 'write a list: ["0.10"]'],
    ["port: 010000", "010000", "quote it if it is text; else write the number in decimal"],
    ['port: "08000"', '"08000"', "remove the quotes: 8000"],
    ["env: { 0.10: x }", "0.10", 'quote it: "0.10"'],
    ["env: { True: x }", "True", 'quote it: "True"'],
  ] as const) {
    it(`is quoted as it is written: ${lines}`, () => {
      const said = refusal(() => fromFile(stackFile(lines)));
      assert.match(said, /^1 problem /);
      assert.ok(said.includes(`found:   ${found}\n`) && said.includes(`do:      ${fix}\n`), said);
    });
  }

  it("is not shown where it may be a secret in plain text", () => {
    const said = refusal(() => fromFile({ "Pulumi.prod.yaml": "config:\n  pin: 0123456\n" }));
    assert.match(said, /found: +pin: \.\.\.$/m);
    assert.doesNotMatch(said, /0123456/);
  });

  it("is a number where all readers agree", () => {
    const { services } = fromFile(stackFile("port: 0o17500\n      replicas: 03"));
    assert.deepEqual([services.chat?.port, services.chat?.replicas], [8000, 3]);
  });
});
