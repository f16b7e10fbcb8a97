import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { sentenceFor } from "../../../process/fault";
import { run } from "../../../process/run";
import { rcloneTool } from "../../../local/image-tools";
import { provide } from "../../../local/tools";

const script = join(__dirname, "../../../components/serving/model-updates.sh");

describe("the script that fetches models", function () {
  this.slow(10_000);
  let rclone: string;
  let folder: string;

  before(async function () {
    this.timeout(600_000);
    if (process.platform !== "linux") return this.skip();
    try {
      rclone = dirname(await provide(rcloneTool, () => undefined));
    } catch (thrown) {
      console.log(`SKIPPED: ${this.test?.parent?.title}: ${sentenceFor(thrown)}`);
      this.skip();
    }
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "models-"));
    mkdirSync(join(folder, "target"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const fetch = (settings: Record<string, string> = {}) =>
    run("sh", [script, "first"], {
      mayFail: true,
      env: {
        PATH: `${rclone}:${process.env.PATH}`,
        SOURCE: join(folder, "source"),
        NAME: "models/digits",
        TARGET: join(folder, "target"),
        FOLDER: "/models",
        ...{ EVERY: "10", GRACE: "600", SETTLE: "0", LIMIT_KIB: "1024", NOTIFY: "" },
        ...settings,
      },
    });
  const write = (name: string, content: string) => {
    mkdirSync(dirname(join(folder, "source", name)), { recursive: true });
    writeFileSync(join(folder, "source", name), content);
  };
  const sums = (files: Record<string, string>) =>
    Object.entries(files)
      .map(([name, content]) => `${createHash("sha256").update(content).digest("hex")}  ${name}\n`)
      .join("");
  const publish = (files: Record<string, string>) => {
    for (const [name, content] of Object.entries(files)) write(name, content);
    write("SHA256SUMS", sums(files));
  };
  const current = (name: string) => readFileSync(join(folder, "target/current", name), "utf8");
  const version = () => readlinkSync(join(folder, "target/current"));

  it("takes files that fit their checksums, folders and spaces in names included, and no others", async () => {
    publish({ "a.bin": "one", "parts/b c.bin": "two" });
    write("notes.txt", "not of the model");
    assert.equal((await fetch()).code, 0);
    assert.deepEqual([current("a.bin"), current("parts/b c.bin")], ["one", "two"]);
    assert.deepEqual(readdirSync(join(folder, "target/current")).sort(), [
      "SHA256SUMS",
      "a.bin",
      "parts",
    ]);
  });

  it("takes checksums whose lines end as on Windows", async () => {
    publish({ "a.bin": "one", "b.bin": "two" });
    write("SHA256SUMS", sums({ "a.bin": "one", "b.bin": "two" }).replaceAll("\n", "\r\n"));
    assert.equal((await fetch()).code, 0);
    assert.deepEqual([current("a.bin"), current("b.bin")], ["one", "two"]);
    // The image's sha256sum would look for names with a carriage return; that of this machine may not.
    assert.equal(current("SHA256SUMS"), sums({ "a.bin": "one", "b.bin": "two" }));
  });

  it("keeps the version that is there until all files of the next one fit", async () => {
    publish({ "a.bin": "one", "b.bin": "two" });
    await fetch();
    const before = version();
    write("SHA256SUMS", sums({ "a.bin": "three", "b.bin": "four" }));
    write("a.bin", "three");
    await fetch();
    assert.deepEqual([version(), current("b.bin")], [before, "two"]);
    write("b.bin", "four");
    await fetch();
    assert.notEqual(version(), before);
    assert.deepEqual([current("a.bin"), current("b.bin")], ["three", "four"]);
  });

  it("leaves the version before in place, for a server that still reads it", async () => {
    publish({ "a.bin": "one" });
    await fetch();
    const before = version();
    publish({ "a.bin": "two" });
    await fetch();
    assert.equal(readFileSync(join(folder, "target", before, "a.bin"), "utf8"), "one");
  });

  it("takes all files of a folder without checksums", async () => {
    write("a.bin", "one");
    write("parts/b.bin", "two");
    assert.equal((await fetch()).code, 0);
    assert.deepEqual([current("a.bin"), current("parts/b.bin")], ["one", "two"]);
  });

  it("takes nothing of a folder without checksums that changes between two looks", async () => {
    write("a.bin", "one");
    // The pause between the looks is when somebody writes.
    const pause = join(folder, "bin", "sleep");
    mkdirSync(dirname(pause));
    writeFileSync(pause, `#!/bin/sh\nprintf 'one and more' >"$SOURCE/a.bin"\n`, { mode: 0o755 });
    const { code, stderr } = await fetch({
      PATH: `${dirname(pause)}:${rclone}:${process.env.PATH}`,
    });
    assert.equal(code, 1);
    assert.match(stderr, /no model: models\/digits is being written; the server starts when/);
  });

  for (const [what, prepare, says] of [
    ["there is no folder", () => undefined, "there is no folder models/digits"],
    ["the folder is empty", () => mkdirSync(join(folder, "source")), "models/digits has no files"],
    [
      "the checksums are none",
      () => write("SHA256SUMS", "hello\n"),
      "models/digits/SHA256SUMS is not what sha256sum writes",
    ],
    [
      "the checksums name files outside",
      () => write("SHA256SUMS", sums({ "../secret": "x" })),
      "models/digits/SHA256SUMS names files outside of models/digits",
    ],
    ["a file is missing", () => write("SHA256SUMS", sums({ "a.bin": "x" })), "models/digits "],
    [
      "there is more than the volume may hold",
      () => publish({ "a.bin": "x".repeat(2 ** 21) }),
      "models/digits has 2049 KiB, and of the 1024 KiB for models ",
    ],
  ] as [string, () => void, string][]) {
    it(`ends with one sentence when ${what}`, async () => {
      prepare();
      const { code, stderr } = await fetch();
      assert.equal(code, 1);
      const [, sentence = ""] =
        /^\S+Z no model: (.*); the server starts when there is one\n$/.exec(stderr) ?? [];
      assert.ok(sentence.startsWith(says), stderr);
      assert.ok(!existsSync(join(folder, "target/current")));
      assert.ok(!existsSync(join(folder, "target/.versions/half")), "half a version is left");
    });
  }
});
