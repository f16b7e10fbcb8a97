import assert from "node:assert/strict";
import { join } from "node:path";
import { step } from "../../../local/progress";
import { pulumiTools } from "../../../local/tool-list";
import { provide } from "../../../local/tools";
import { Sandbox } from "../../support/clouds/stand-ins";

const program = join(
  __dirname,
  "..",
  "..",
  "support",
  "clouds",
  "programs",
  "eks-control-plane.ts",
);

describe("a living EKS cluster under the real engine", function () {
  this.timeout(300_000);
  this.slow(120_000);

  before("pulumi is there", async function () {
    this.timeout(45 * 60_000);
    await step("pulumi", (say) => provide(pulumiTools, say));
  });

  it("keeps its mode: a preview and an update that would change it are refused before anything is", async () => {
    const box = new Sandbox({ name: "eks-mode", program });
    box.settings({ mode: "auto" });
    await box.init();
    assert.equal((await box.up()).code, 0);
    const from = box.operations().length;

    box.settings({ mode: "nodeGroups" });
    const preview = await box.pulumi(["preview"], { mayFail: true });
    const update = await box.up();

    for (const { code, output } of [preview, update]) {
      assert.notEqual(code, 0, output);
      assert.match(output, /cluster\.mode: a living cluster keeps its mode/);
      assert.match(output, /set cluster\.mode back to auto\./);
    }
    assert.deepEqual(box.operations(from), []);

    box.settings({ mode: "auto" });
    const back = await box.up();
    assert.equal(back.code, 0, back.output);
    assert.ok(
      back.steps.every(({ op }) => op === "same" || op === "delete"),
      back.output,
    );
  });
});
