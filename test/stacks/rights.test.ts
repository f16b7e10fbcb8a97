import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildEnvironment } from "../../stacks/environment";
import { deploy } from "../support/deploy";
import { fromFile } from "./stack-files";

const page = readFileSync(join(__dirname, "../../docs/stacks.md"), "utf8");

/** The row of a section in the tables of rights. */
const rowOf = (section: string) =>
  page.split("\n").find((line) => line.startsWith(`| \`${section}\``)) ?? "";

/** The kinds that a stack with these sections makes, without those that it makes anyway. */
async function kindsOf(sections: string, keys = ""): Promise<string[]> {
  const kinds = async (more: string, of: string) => {
    const file = `
config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  pools: { l4: { gpu: L4, select: { pool: l4 }, nodes: { max: 6 } } }
  ${more}
  services: { chat: { model: Qwen/Qwen3-8B-AWQ, ${of} } }`;
    const stack = fromFile({ "Pulumi.prod.yaml": file });
    const { resources } = await deploy(() => buildEnvironment(stack));
    return resources.flatMap(({ type }) => /^kubernetes:.*:(\w+)$/.exec(type)?.[1] ?? []);
  };
  const anyway = new Set(await kinds("", "replicas: 1"));
  return [...new Set(await kinds(sections, keys || "replicas: 1"))].filter(
    (kind) => !anyway.has(kind),
  );
}

const keda = "autoscaling: { keda: existing, prometheus: http://prometheus:9090 }";
const existing = "{ existing: { prometheus: http://prometheus:9090, namespace: monitoring } }";

describe("the rights that docs/stacks.md lists", () => {
  for (const [row, sections, keys] of [
    ["autoscaling: { keda: install }", "autoscaling: { keda: install }"],
    ["observability`", "observability: { gpuExporter: true }"],
    ["observability: { existing }", `observability: ${existing}`],
    ["leaderWorkerSet: install", "leaderWorkerSet: install"],
    ["spare", keda, "replicas: { min: 1, max: 2, spare: 1 }, scaleOn: { cpu: 70 }"],
  ] as const) {
    it(`have all kinds that are made for ${row.replace("`", "")}`, async () => {
      const kinds = await kindsOf(sections, keys);
      assert.ok(kinds.length > 0);
      const rows = rowOf(row.replace("`", "")) + rowOf("replicas: { min, max }");
      assert.deepEqual(
        kinds.filter((kind) => !rows.includes(kind.replace(/y$/, "ie"))),
        [],
      );
    });
  }
});
