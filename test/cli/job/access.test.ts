import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { accessTo } from "../../../cli/job/access";

describe("the access to a stack's cluster", () => {
  const folder = mkdtempSync(join(tmpdir(), "gpu-serving-access-"));
  after(() => rmSync(folder, { recursive: true }));

  it("is refused in a sentence where there is no such kubeconfig, or it leads nowhere", async () => {
    const file = join(folder, "kubeconfig");
    const refused = async (message: RegExp) =>
      assert.rejects(accessTo(undefined, file), { name: "Fault", message });
    await refused(/^There is no kubeconfig .*kubeconfig: correct --kubeconfig\.$/);
    const contexts = [{ name: "c", context: { cluster: "c", user: "u" } }];
    const users = [{ name: "u", user: {} }];
    for (const [clusters, said] of [
      [[], /names a cluster that is not there/],
      [[{ name: "c", cluster: {} }], /^The kubeconfig .* cannot be used: /],
    ] as const) {
      writeFileSync(file, stringify({ clusters, contexts, users, "current-context": "c" }));
      await refused(said);
    }
  });

  it("says what to do where the backend has no such stack", async () => {
    const script = "#!/bin/sh\necho \"error: no stack named 'gke' found\" >&2\nexit 6\n";
    writeFileSync(join(folder, "pulumi"), script, { mode: 0o755 });
    const { PATH } = process.env;
    process.env.PATH = `${folder}:${PATH}`;
    try {
      await assert.rejects(accessTo("gke"), {
        name: "Fault",
        message: /\nIt said: no stack named 'gke' found\n +do: .* pulumi login [^]* init gke\./,
      });
    } finally {
      process.env.PATH = PATH;
    }
  });
});
