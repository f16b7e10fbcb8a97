import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { yamlFile } from "../../stacks/yaml-file";
import { fromFile, fromProgram, inFolder, refusal } from "./stack-files";

/** What a file of these bytes holds, or its problems with their lines. */
function read(bytes: string | Uint8Array): unknown {
  return inFolder({}, (folder) => {
    const path = join(folder, "a.yaml");
    writeFileSync(path, bytes);
    const file = yamlFile(path);
    if ("content" in file) return file.content;
    return "malformed" in file ? file.malformed.map((it) => `${it.line}: ${it.problem}`) : file;
  });
}

/** Bytes of a text in UTF-16, with a byte order mark or without. */
function utf16(text: string, { mark = true, big = false } = {}): Uint8Array {
  const bytes = Buffer.from(`${mark ? "\uFEFF" : ""}${text}`, "utf16le");
  return big ? bytes.swap16() : bytes;
}

const lines = (many: number, line: (at: number) => string) =>
  Array.from({ length: many }, (_, at) => line(at)).join("\n");

/** Ten aliases of ten aliases of ten aliases ... */
const bomb = lines(9, (at) => {
  const inner = at > 0 ? `*a${at - 1}` : "x";
  return `a${at}: &a${at} [${Array<string>(10).fill(inner).join()}]`;
});

describe("a YAML file", () => {
  it("may use an anchor more than a hundred times", () => {
    const all = read(`a: &a { port: 80 }\n${lines(500, (at) => `b${at}: *a`)}`);
    assert.ok(typeof all === "object" && all !== null);
    assert.equal(Object.keys(all).length, 501);
  });

  for (const [encoding, bytes] of Object.entries({
    "UTF-8": "a: ü",
    "UTF-8 with a byte order mark": "\uFEFFa: ü",
    "UTF-16, the small end first": utf16("a: ü"),
    "UTF-16, the big end first": utf16("a: ü", { big: true }),
  })) {
    it(`is read in ${encoding}`, () => assert.deepEqual(read(bytes), { a: "ü" }));
  }

  for (const [what, bytes, ...problems] of [
    ["Latin-1", Buffer.from("a: b\nc: ü", "latin1"), "2: not text in UTF-8"],
    ["UTF-16 without a mark", utf16("a: b", { mark: false }), "1: not text in UTF-8"],
    ["UTF-32", Buffer.from("fffe0000610000003a000000", "hex"), "1: not text in UTF-8"],
    ["two documents", "a: b\n---\nc: d", "2: more than one document"],
    [
      "an anchor that contains itself",
      "a: &a\n  - b\n  - c: *a",
      "3: an alias of what it is in, which would never end",
    ],
    [
      "aliases of aliases without measure",
      bomb,
      "1: too large once each alias stands for what it refers to",
    ],
    ["an alias of nothing", "a: *b", "1: not YAML"],
    [
      "a key of another text than its own",
      "a: { 010: b, True: c, 1_0: d }",
      ...Array<string>(3).fill("1: a key that is no text, and would be another one as text"),
    ],
  ] as const) {
    it(`is refused in words: ${what}`, () => assert.deepEqual(read(bytes), problems));
  }

  it("may begin with --- and end with ...", () => {
    assert.deepEqual(read("---\na: b\n...\n"), { a: "b" });
  });

  it("of which Pulumi would take the first document alone is refused by the program too", () => {
    const files = { "Pulumi.prod.yaml": "config: { cluster: { kind: existing } }\n---\na: b\n" };
    for (const reader of [fromFile, fromProgram]) {
      assert.match(
        refusal(() => reader(files)),
        /^Pulumi\.prod\.yaml:2: more than one document$/m,
      );
    }
  });
});
