import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse, stringify } from "yaml";
import { buildEnvironment } from "../../stacks/environment";
import { deploy } from "../support/deploy";
import { fromFile, type Files } from "./stack-files";

const root = join(__dirname, "..", "..");
const teams = readdirSync(join(root, "teams")).map((file) => join("teams", file));

/** The example of a stack file with all that it may include; its cluster needs no file of this machine. */
function example(file: string): Files {
  const texts = [file, ...teams].map((path) => [path, readFileSync(join(root, path), "utf8")]);
  const files = Object.fromEntries(texts) as Files;
  const stackFile = (files[file] ?? "")
    .replace("context: my-cluster", "kubeconfig: test/fixtures/kubeconfig.yaml")
    .replace(".local/kubeconfig", "test/fixtures/kubeconfig.yaml");
  return { ...files, [file]: stackFile, "examples/digits/Dockerfile": "FROM scratch" };
}

/** What Pulumi makes of files when it rewrites them: keys are sorted at every depth, and lists stay. */
function sorted(files: Files): Files {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      path,
      path.endsWith(".yaml") ? stringify(parse(text), { sortMapEntries: true }) : text,
    ]),
  );
}

/** All that the program registers for files, by type and name. */
async function registered(files: Files) {
  const stack = fromFile(files);
  const { resources } = await deploy(() => buildEnvironment(stack));
  return Object.fromEntries(
    resources.map(({ type, name, inputs, provider }) => [`${type} ${name}`, { inputs, provider }]),
  );
}

describe("the order of keys", function () {
  this.slow(20_000);
  const { fetch } = globalThis;
  before(() => {
    pulumi.runtime.setAllConfig({ "gcp:project": "acme-ml" });
    // Azure's registry is asked for a token.
    globalThis.fetch = () => Promise.resolve(Response.json({ refresh_token: "a token" }));
  });
  after(() => {
    pulumi.runtime.setAllConfig({});
    globalThis.fetch = fetch;
  });

  for (const file of readdirSync(root).filter((name) => /^Pulumi\..+\.yaml$/.test(name))) {
    it(`of ${file} and its files decides nothing`, async () => {
      const files = example(file);
      assert.deepEqual(await registered(sorted(files)), await registered(files));
    });
  }
});
