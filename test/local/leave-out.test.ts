import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kedaImages } from "../../components/cluster/keda/keda";
import { leaveOut } from "../../local/leave-out";
import { kedaTool } from "../../local/image-tools";
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
    mkdirSync(inFolder("module", "many", "deeper"), { recursive: true });
    for (const name of ["a.go", "b.go", "deeper/c.go"])
      writeFileSync(inFolder("module", "many", name), "");
    chmodSync(inFolder("module"), 0o555);
  });
  const left = (main: string) => {
    chmodSync(inFolder("module"), 0o755);
    writeFileSync(inFolder("module", "main.go"), main);
    chmodSync(inFolder("module"), 0o555);
    rmSync(inFolder("into"), { recursive: true, force: true });
    const what = { what: "it", module: "example/it", files: ["gone.go"], patch: "less.patch" };
    const only = { many: ["b.go"] };
    return leaveOut({ ...what, only }, inFolder("pinned"), inFolder("into"), env);
  };

  it("are missing in a copy, which the pinned versions are led to", async () => {
    assert.equal(await left("1\n2\n3\n"), inFolder("into"));
    assert.deepEqual(readdirSync(inFolder("into", "source")), ["main.go", "many"]);
    assert.deepEqual(readdirSync(inFolder("into", "source", "many")), ["b.go", "deeper"]);
    assert.deepEqual(readdirSync(inFolder("into", "source", "many", "deeper")), ["c.go"]);
    assert.equal(readFileSync(inFolder("into", "source", "main.go"), "utf8"), "1\n3\n");
    const asked = readFileSync(inFolder("into", "asked"), "utf8");
    assert.equal(asked, "mod edit -replace=example/it=./source\n");
    assert.deepEqual(readdirSync(inFolder("module")), ["gone.go", "main.go", "many"]);
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

  it("of KEDA are the scalers of all triggers but those that services have", () => {
    const { module, version } = kedaTool;
    const pinned = join(checkout, "local", "tools", module.folder);
    const text = readFileSync(join(pinned, module.without?.patch ?? ""), "utf8");
    const gone = new Set([...text.matchAll(/^-\tcase "(.+)":$/gm)].map(([, trigger]) => trigger));
    assert.ok(gone.has("aws-sqs-queue"));
    for (const trigger of ["prometheus", "cpu", "cron"]) assert.ok(!gone.has(trigger), trigger);
    const pins = readFileSync(join(pinned, "go.mod"), "utf8");
    assert.ok(pins.includes(`\t${module.without?.module} ${version} // indirect\n`));
    assert.equal(version, `v${kedaImages.operator.split(":")[1]}`);
    assert.equal(version, `v${kedaImages.figures.split(":")[1]}`);
  });
});
