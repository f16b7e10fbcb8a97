import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments, stringify } from "yaml";
import { isKnownGpu } from "../catalog/gpu-types";
import { cheapestMachine, type ManagedCloud } from "../catalog/machines";
import { includedFile, stackFile } from "../stacks/schema";
import { isMap } from "../stacks/lookup";
import { fromFile, refusal, type Files } from "./stacks/stack-files";

type Sections = Record<string, unknown>;

const checkout = join(__dirname, "..");
const pages = [
  "README.md",
  ...readdirSync(join(checkout, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
];

/** What examples leave to the reader's own stack file. */
const usual: Sections = {
  cluster: { kind: "eks", region: "us-east-1", access: ["203.0.113.0/24"] },
  pools: { small: { gpu: "L4", nodes: { max: 8 } } },
  volumes: { models: { bucket: "acme-models" }, kept: { nodeCache: "100Gi" } },
};
/** The same for the pages that leave more to it. */
const special: Record<string, Sections> = {
  "docs/namespaces.md": { namespace: "chat", services: { gate: { image: "gate:v1" } } },
  "docs/pools.md": { volumes: {} },
  "docs/training.md": {
    cluster: { kind: "eks", region: "us-east-1", access: ["203.0.113.0/24"], mode: "nodeGroups" },
    pools: { h100: { machine: "p5.48xlarge", nodes: { max: 8 } } },
  },
  "docs/volumes.md": { namespaces: { vision: {} } },
};
/** What the hub says of the model of an example, as far as it counts. */
const modelConfig = {
  ...{ num_hidden_layers: 32, num_attention_heads: 32, num_key_value_heads: 8, hidden_size: 4096 },
  ...{ max_position_embeddings: 8192, torch_dtype: "bfloat16" },
};
/** For examples with pools of a cluster that is there already. */
const described: Sections = { cluster: { kind: "existing" }, volumes: {} };

/** The examples of a page: its YAML, of which a block may have several documents. */
function examplesOf(page: string): { line: number; documents: Sections[] }[] {
  const text = readFileSync(join(checkout, page), "utf8");
  return [...text.matchAll(/^```ya?ml\n(.*?)^```$/gms)].map(({ index, 1: block = "" }) => ({
    line: text.slice(0, index).split("\n").length,
    documents: parseAllDocuments(block).map((document) => {
      assert.deepEqual(document.errors, []);
      const content: unknown = document.toJS();
      assert.ok(isMap(content), "an example is no map");
      return content;
    }),
  }));
}

/** The files of a stack that is made of an example; what it does not say is in `around`. */
function filesOf(example: Sections, around: Sections): Files {
  const team = Object.keys(example).every((key) => Object.hasOwn(includedFile.shape, key));
  const namespace = typeof example.namespace === "string" ? example.namespace : "models";
  const text = JSON.stringify(example);
  const secrets = [...text.matchAll(/"(?:token|apiKey)":"(\w+)"/g)].map(([, key = ""]) => key);
  const config = {
    ...Object.fromEntries(secrets.map((key) => [key, { secure: "stored" }])),
    ...{ namespaces: { [namespace]: {} }, ...around },
    ...(JSON.stringify(example).includes('"select":') && described),
    ...(team ? { include: ["team.yaml"] } : example),
  };
  const files = { "Pulumi.prod.yaml": stringify({ config }), "team.yaml": stringify(example) };
  const folders = [...JSON.stringify(files).matchAll(/\.\/[\w/-]+/g)].map(([folder]) => folder);
  const configs = [...text.matchAll(/"config":"([\w./-]+\.json)"/g)].map(([, file = ""]) => file);
  return {
    ...files,
    ...Object.fromEntries(configs.map((file) => [file, JSON.stringify(modelConfig)])),
    ...Object.fromEntries(
      folders.flatMap((folder) =>
        ["Dockerfile", "Dockerfile.cuda"].map((file) => [join(folder, file), "FROM scratch"]),
      ),
    ),
  };
}

describe("the examples of the documentation", () => {
  it("are on the page of each task that a stack file is written for", () => {
    const without = ["images", "jobs", "namespaces", "sidecars", "training", "volumes"]
      .map((task) => join("docs", `${task}.md`))
      .filter((page) => examplesOf(page).length === 0);
    assert.deepEqual(without, []);
  });

  for (const page of pages) {
    let platform: Sections = { ...usual, ...special[page] };
    for (const { line, documents } of examplesOf(page)) {
      for (const document of documents) {
        const example = isMap(document.config) ? document.config : document;
        const sections = Object.keys(example).filter((key) => key in stackFile.shape);
        if (sections.length === 0) continue;
        const around = platform;
        it(`at ${page}:${line} (${sections.join(", ")}) are without problems`, () => {
          assert.equal(
            refusal(() => fromFile(filesOf(example, around))),
            "nothing was refused",
          );
        });
        // The platform's file; the files of its teams come behind it.
        if (isMap(document.config)) platform = { ...platform, ...example };
      }
    }
  }
});

describe("the page of pools", () => {
  const clouds: ManagedCloud[] = ["gke", "eks", "aks"];

  it("shows the cheapest machine of each cloud for a GPU, and how many it has", () => {
    const text = readFileSync(join(checkout, "docs/pools.md"), "utf8");
    const rows = [...text.matchAll(/^\| `([A-Z][\w-]+)` +\|(.*)\|$/gm)];
    assert.ok(rows.length > 3);
    for (const [, name = "", machines = ""] of rows) {
      assert.ok(isKnownGpu(name), name);
      const shown = machines.split("|").map((cell) => /^ `(.+)`, \D*(\d+)/.exec(cell)?.slice(1));
      const cheapest = clouds.map((cloud) => cheapestMachine(cloud, name));
      assert.deepEqual(
        shown,
        cheapest.map((one) => one && [one.name, `${one.gpusPerNode}`]),
      );
    }
  });
});

describe("the commands of the documentation", () => {
  it("make a stack before its file has content, and keep the file when it goes", () => {
    const text = pages.map((page) => readFileSync(join(checkout, page), "utf8")).join("\n");
    const initOfOurs = text.indexOf("pulumi stack init prod");
    assert.ok(initOfOurs > 0 && initOfOurs < text.indexOf("cat Pulumi.existing.yaml >> Pulumi."));
    // What stack init would rewrite.
    assert.deepEqual(text.match(/cp Pulumi\.\w+\.yaml Pulumi\..*/g), null);
    const removals = [...text.matchAll(/pulumi stack rm \w+.*/g)].map(([command]) => command);
    assert.ok(removals.length > 0);
    assert.deepEqual(
      removals.filter((command) => !command.includes("--preserve-config")),
      [],
    );
  });
});

describe("the problems that the page of stack files shows", () => {
  it("are reported in these words", () => {
    const page = readFileSync(join(checkout, "docs/stack-file.md"), "utf8");
    const [, shown = ""] = /^```text\n(.*?)^```$/ms.exec(page) ?? [];
    const said = refusal(() =>
      fromFile({
        "Pulumi.prod.yaml": `
          config:
            cluster: { kind: existing }
            services:
              digits:
                image: digits:v1
                expose: { scop: public }
                memory: 8GB
                replicas: 9000`,
      }),
    );
    assert.equal(said, shown);
  });
});
