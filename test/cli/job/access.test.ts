import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { accessTo } from "../../../cli/job/access";
import { Fault } from "../../../process/fault";

describe("the access to a stack's cluster", () => {
  const folder = mkdtempSync(join(tmpdir(), "gpu-serving-access-"));
  after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "kubeconfig");

  it("is refused where there is no such kubeconfig", async () => {
    await assert.rejects(accessTo(undefined, file), {
      message: `There is no kubeconfig ${file}: correct --kubeconfig.`,
    });
  });

  it("is refused in a sentence where a kubeconfig leads nowhere", async () => {
    const contexts = [{ name: "c", context: { cluster: "c", user: "u" } }];
    const users = [{ name: "u", user: {} }];
    for (const [clusters, said] of [
      [[], /names a cluster that is not there/],
      [[{ name: "c", cluster: {} }], /^The kubeconfig .* cannot be used: /],
    ] as const) {
      writeFileSync(file, stringify({ clusters, contexts, users, "current-context": "c" }));
      await assert.rejects(accessTo(undefined, file), (error) => {
        assert.ok(error instanceof Fault);
        assert.match(error.message, said);
        return true;
      });
    }
  });
});
