import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const root = join(__dirname, "..");
const text = (file: string) => readFileSync(join(root, file), "utf8");
const entries = z
  .object({ exports: z.record(z.string(), z.unknown()) })
  .parse(JSON.parse(text("package.json"))).exports;
const classes = [...text("docs/library.md").matchAll(/^\| `(\w+)` +\| `gpu-serving` +\|/gm)].map(
  ([, name = ""]) => name,
);

describe("the entry points of the library", () => {
  it("are as many as the classes of the page, at least", () => {
    assert.ok(classes.length > 10, classes.join(", "));
  });

  for (const name of classes) {
    const entry = `./${name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase()}`;
    it(`have ${name} at ${entry}`, () => {
      const { default: built } = z.object({ default: z.string() }).parse(entries[entry]);
      const source = built.replace("./dist/", "").replace(/\.js$/, ".ts");
      assert.match(text(source), new RegExp(`^export class ${name} `, "m"));
    });
  }
});

describe("the program of the README", () => {
  it("names the model that the local cluster serves", () => {
    const [, served] = /model: (\S+)/.exec(text("teams/dev.yaml")) ?? [];
    const [, named] = /^model = "(.*)"$/m.exec(text("README.md")) ?? [];
    assert.ok(served);
    assert.equal(named, served);
  });
});
