import assert from "node:assert/strict";
import { join } from "node:path";
import { checkout } from "../../../local/folder";
import { step } from "../../../process/progress";
import { localPulumiTools } from "../../../local/tool-list";
import { provide } from "../../../local/tools";
import { Sandbox } from "../../support/clouds/stand-ins";

/** For each mode the other one, and a creation that fails once the cluster is there: no cluster answers here. */
const modes = [
  ["auto", "nodeGroups", "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"],
  ["nodeGroups", "auto", "aws:eks/nodeGroup:NodeGroup"],
] as const;

describe("a living EKS cluster under the real engine", function () {
  this.slow(120_000);

  before("pulumi is there", async function () {
    this.timeout(45 * 60_000);
    await step("pulumi", (say) => provide(localPulumiTools, say));
  });

  for (const [was, wanted, end] of modes) {
    it(`made with ${was} keeps it: a preview and an update to ${wanted} are refused before anything is done`, async () => {
      const box = new Sandbox({ name: `eks-mode-${was}`, program: join(checkout, "index.ts") });
      const stack = (mode: string) =>
        box.config({
          "aws:region": "us-east-1",
          cluster: {
            ...{ kind: "eks", region: "us-east-1", access: ["203.0.113.0/24"] },
            ...{ mode, deletionProtection: false },
          },
          services: {},
        });
      const outages = /no nodes today/;
      box.control({
        faults: [{ operation: "create", type: end, how: "fail", why: "no nodes today" }],
      });
      stack(was);
      await box.init();
      assert.match((await box.up()).output, outages);
      const made = box.things("aws").map(({ type }) => type);
      assert.ok(made.includes("aws:eks/cluster:Cluster"), made.join("\n"));
      const from = box.operations().length;

      stack(wanted);
      const preview = await box.pulumi(["preview"], { mayFail: true });
      const update = await box.up();

      for (const { code, output } of [preview, update]) {
        assert.notEqual(code, 0, output);
        assert.match(output, /error: cluster\.mode: a living cluster keeps its mode/);
        assert.match(output, new RegExp(`set cluster\\.mode back to ${was}\\.`));
      }
      const asked = box.operations(from).filter(({ operation }) => operation !== "invoke");
      assert.deepEqual(asked, []);

      stack(was);
      const back = await box.up();
      assert.match(back.output, outages);
      // What the first update did not come to may be made by this one.
      const changed = back.steps.filter(({ op }) => op !== "same" && op !== "create");
      assert.deepEqual(changed, []);
    });
  }

  it("is not made where an administrator is whoever makes it: the first preview and update are refused before anything is made", async () => {
    const box = new Sandbox({ name: "eks-admins", program: join(checkout, "index.ts") });
    box.config({
      "aws:region": "us-east-1",
      cluster: {
        ...{ kind: "eks", region: "us-east-1", access: ["203.0.113.0/24"] },
        admins: ["arn:aws:iam::111122223333:user/stand-in"],
      },
      services: {},
    });
    await box.init();
    const preview = await box.pulumi(["preview"], { mayFail: true });
    const update = await box.up();

    for (const { code, output } of [preview, update]) {
      assert.notEqual(code, 0, output);
      assert.match(output, /error: cluster\.admins or viewers: whoever makes the cluster/);
    }
    const made = box.things("aws").map(({ type }) => type);
    assert.ok(!made.includes("aws:eks/cluster:Cluster"), made.join("\n"));
  });
});
