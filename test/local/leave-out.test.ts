import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { leaveOut } from "../../local/leave-out";
import { localPulumiTools } from "../../local/tool-list";
import { checkout } from "../../local/folder";
import { suiteFolder } from "../support/folder";

describe("parts of a Go module that are left out", () => {
  const folder = suiteFolder();
  const inFolder = (...parts: string[]) => join(folder, ...parts);
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const patch = "--- a/main.go\n+++ b/main.go\n@@ -1,3 +1,2 @@\n 1\n-2\n 3\n";

  before(() => {
    // Stands for Go: says where the module is, and writes down what it was asked to change.
    const go = `#!/bin/sh\n[ "$2" = download ] && echo '{"Dir":"${inFolder("module")}"}' || echo "$*" >asked\n`;
    writeFileSync(inFolder("go"), go, { mode: 0o755 });
    for (const name of ["pinned", "module"]) mkdirSync(inFolder(name));
    writeFileSync(inFolder("pinned", "go.mod"), "module it\n");
    writeFileSync(inFolder("pinned", "go.sum"), "");
    writeFileSync(inFolder("pinned", "less.patch"), patch);
    writeFileSync(inFolder("module", "gone.go"), "gone\n");
    chmodSync(inFolder("module"), 0o555);
  });
  const left = (main: string) => {
    chmodSync(inFolder("module"), 0o755);
    writeFileSync(inFolder("module", "main.go"), main);
    chmodSync(inFolder("module"), 0o555);
    rmSync(inFolder("into"), { recursive: true, force: true });
    const what = { what: "it", module: "example/it", files: ["gone.go"], patch: "less.patch" };
    return leaveOut(what, inFolder("pinned"), inFolder("into"), env);
  };

  it("are missing in a copy, which the pinned versions are led to", async () => {
    assert.equal(await left("1\n2\n3\n"), inFolder("into"));
    assert.deepEqual(readdirSync(inFolder("into", "source")), ["main.go"]);
    assert.equal(readFileSync(inFolder("into", "source", "main.go"), "utf8"), "1\n3\n");
    const asked = readFileSync(inFolder("into", "asked"), "utf8");
    assert.equal(asked, "mod edit -replace=example/it=./source\n");
    assert.deepEqual(readdirSync(inFolder("module")), ["gone.go", "main.go"]);
  });

  it("are not guessed at in another version of the module", async () => {
    await assert.rejects(left("1\nother\n3\n"), /patch does not apply/);
  });

  it("of pulumi are those of the version that is compiled", () => {
    const { without } = localPulumiTools.module;
    const pinned = join(checkout, "local", "tools", "pulumi");
    const text = readFileSync(join(pinned, without?.patch ?? ""), "utf8");
    assert.match(text, /^-.*"gocloud\.dev\/blob\/s3blob"/m);
    assert.doesNotMatch(
      text,
      /^\+(?!\+\+ b\/|\t(return gosecrets|_, err := ))/m,
      "it adds nothing",
    );
    const version = readFileSync(join(pinned, "go.mod"), "utf8").split(`${without?.module} `)[1];
    assert.ok(version?.startsWith(localPulumiTools.version));
  });
});
