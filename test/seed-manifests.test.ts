import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { buildEnvironment } from "../stacks/environment";
import { readStackFile } from "../stacks/config";
import { at, deploy, type Recorded } from "./support/deploy";

const fixtures = join(__dirname, "fixtures");
const manifestsText = readFileSync(join(fixtures, "seed-manifests.yaml"), "utf8");
const stackFile = join(fixtures, "Pulumi.seed.yaml");

/** Documents of the seed that a stack file replaces, each with its text. */
const written = manifestsText
  .split(/^---$/m)
  .map((text) => ({ text, manifest: parse(text) as { kind: string; metadata: { name: string } } }))
  .filter(({ manifest: { kind } }) => kind === "Deployment" || kind === "Service");

/** All values of a manifest that hold no others, by path. */
function leaves(value: unknown, path = ""): [path: string, leaf: unknown][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}/${key}`));
}

/** The value as the API server keeps it: quantities are text, whichever way they are written. */
function stored(path: string, value: unknown): unknown {
  return path.includes("/resources/") ? String(value) : value;
}

/** Lines that are neither empty nor comments nor marks between documents. */
function lines(text: string): number {
  return text.split("\n").filter((line) => !/^\s*(#.*)?$|^---$/.test(line)).length;
}

/** The seed's objects, how many values each has beside its name, and what takes its place. */
const objects = [
  { name: "inference-api-deployment", values: 8, kind: "Deployment", entry: "inference-api" },
  { name: "inference-deployment", values: 9, kind: "Deployment", entry: "inference" },
  { name: "inference-service", values: 6, kind: "Service", entry: "inference" },
];

describe("a stack file in place of hand-written manifests", () => {
  let resources: Recorded[];
  before(async () => {
    ({ resources } = await deploy(() => buildEnvironment(readStackFile(stackFile))));
  });

  for (const { name, values, kind, entry } of objects) {
    it(`yields every value of ${name}`, () => {
      const seed = written.find(({ manifest }) => manifest.metadata.name === name)?.manifest;
      const made = resources.filter(
        (object) => at(object, "kind") === kind && at(object, "metadata.name") === entry,
      );
      assert.equal(made.length, 1);
      const found = new Map(leaves(made[0]?.inputs));

      const wanted = leaves(seed).filter(([path]) => path !== "/metadata/name");
      assert.equal(wanted.length, values);
      for (const [path, value] of wanted) {
        const image = value === "mymodel:latest" ? "mymodel:v1" : undefined;
        assert.equal(stored(path, found.get(path)), image ?? stored(path, value), path);
      }
    });
  }

  it("leaves out none of the Deployments and Services", () => {
    assert.deepEqual(
      written.map(({ manifest }) => manifest.metadata.name),
      objects.map(({ name }) => name),
    );
  });

  it("is not longer than the manifests", () => {
    const seed = written.reduce((sum, { text }) => sum + lines(text), 0);
    const ours = lines(readFileSync(stackFile, "utf8"));
    assert.ok(ours <= seed, `${ours} lines instead of ${seed}`);
  });
});
