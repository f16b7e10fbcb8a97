import assert from "node:assert/strict";
import { destroyStack, leftBy } from "../../cli/destroy";
import type { Run } from "../../cli/engine";
import { exportedState } from "../../cli/adoption";

const urn = (type: string, name: string) => `urn:pulumi:prod::gpu-serving::${type}::${name}`;
const of = (type: string, name: string, more: object = {}) => ({
  ...{ urn: urn(type, name), type, ...more },
});
const cluster = of("gpu-serving:index:ExistingCluster", "cluster");
const provider = of("pulumi:providers:kubernetes", "cluster", {
  ...{ parent: cluster.urn, inputs: { clusterIdentifier: "my-cluster" } },
});
const object = (kind: string, metadata: object, more: object = {}) =>
  of(`kubernetes:core/v1:${kind}`, kind, { inputs: { metadata, ...more } });
const keep = { annotations: { "gpu-serving/keep": "models" } };
const spec = { resources: { requests: { storage: "50Gi" } } };
const claimMeta = { name: "models", namespace: "vision", ...keep };
const disk = {
  ...object("PersistentVolumeClaim", claimMeta, { spec }),
  ...{ id: "vision/models", retainOnDelete: true },
  outputs: { metadata: { ...claimMeta, uid: "0a1b" }, spec },
};
const namespace = { ...object("Namespace", { name: "vision", ...keep }), retainOnDelete: true };
const resources = [
  ...[cluster, provider, namespace, disk],
  object("Namespace", { name: "chat" }),
  object("Service", { name: "chat", namespace: "chat" }),
  object("Service", { name: "old", namespace: "shared" }),
  object("ServiceAccount", { name: "old", namespace: "shared" }),
];
const left = [
  { kind: "disk", name: "vision/models", why: "kept, 50Gi, volume pvc-0a1b" },
  { kind: "namespace", name: "vision", why: "kept, because of its disk" },
  { kind: "namespace", name: "shared", why: "not made by this stack" },
  { kind: "cluster", name: "my-cluster", why: "not made by this stack" },
];

/** Destroys a stack of these resources with an engine that ends with a code. */
async function destroyed({ yes = true, json = false, code = 0 } = {}, made: object[] = resources) {
  const asked: string[] = [];
  const [out, err]: [string[], string[]] = [[], []];
  const engine: Run = (args, { onLine } = {}) => {
    asked.push(args.join(" "));
    if (args[0] === "destroy") onLine?.("deleting");
    const stdout = JSON.stringify({ version: 3, deployment: { resources: made } });
    return Promise.resolve({ code: args[0] === "destroy" ? code : 0, stdout, stderr: "" });
  };
  const to = { log: (text: string) => out.push(text), error: (text: string) => err.push(text) };
  const result = await destroyStack("prod", { yes, json }, engine, to);
  return { asked, out, err, code: result };
}

describe("npm run destroy", () => {
  it("says what stays and how it is used again", async () => {
    const { asked, out, code } = await destroyed();
    assert.deepEqual(asked, [
      "stack export --stack prod",
      "destroy --yes --suppress-outputs --stack prod",
    ]);
    assert.equal(code, 0);
    assert.deepEqual(out, [
      ...["deleting", "", "Left where it is:"],
      "  disk vision/models (kept, 50Gi, volume pvc-0a1b)",
      "  namespace vision (kept, because of its disk)",
      "  namespace shared (not made by this stack)",
      "  cluster my-cluster (not made by this stack)",
      "To use the disk again: npm run adopt -- prod, then pulumi up --stack prod.",
      "To delete it for good: kubectl delete namespace vision.",
      "The empty stack and its file are there for the next pulumi up. To remove the stack: pulumi stack rm prod --preserve-config, without which Pulumi deletes Pulumi.prod.yaml too.",
    ]);
  });

  it("only previews without --yes, and says how it is done", async () => {
    const { asked, out } = await destroyed({ yes: false });
    assert.equal(asked[1], "destroy --preview-only --suppress-outputs --stack prod");
    assert.equal(out[2], "This would stay where it is:");
    assert.equal(out.at(-1), "Nothing was deleted. To destroy it: npm run destroy -- prod --yes");
    assert.ok(!out.join().includes("adopt"));
  });

  it("says that nothing is left of a cluster that the stack made", async () => {
    const { out } = await destroyed({}, [of("gpu-serving:index:GkeCluster", "cluster")]);
    assert.deepEqual(out.slice(1, 3), ["", "Nothing is left."]);
  });

  it("ends with the engine's code where it fails, and says nothing of the end", async () => {
    const { code, out } = await destroyed({ code: 255 });
    assert.equal(code, 255);
    assert.deepEqual(out, ["deleting"]);
  });

  it("prints one object for programs, and the engine's lines elsewhere", async () => {
    for (const [given, done] of [
      [{ json: true }, true],
      [{ json: true, yes: false }, false],
      [{ json: true, code: 1 }, false],
    ] as const) {
      const { out, err } = await destroyed(given);
      assert.deepEqual(err, ["deleting"]);
      assert.deepEqual(
        out.map((line) => JSON.parse(line) as unknown),
        [{ stack: "prod", destroyed: done, left }],
      );
    }
  });

  it("keeps only what is marked and retained, of the claims", () => {
    const state = (...all: object[]) =>
      leftBy(exportedState.parse({ deployment: { resources: all } }).deployment.resources);
    const { id, ...plain } = disk;
    assert.deepEqual(state({ ...plain, id, retainOnDelete: false }, namespace), [left[1]]);
    const later = { ...plain, id: undefined, outputs: undefined };
    assert.deepEqual(state(later, namespace)[0], { ...left[0], why: "kept, 50Gi" });
  });
});
