import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { sdks } from "../components/clouds/sdk";

const run = promisify(execFile);
const root = resolve(__dirname, "..");
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");

const versions = z.record(z.string(), z.string());
const manifest = z
  .object({
    exports: z.record(z.string(), z.unknown()),
    dependencies: versions,
    devDependencies: versions,
    peerDependencies: versions,
    peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.literal(true) })),
  })
  .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));

const page = readFileSync(join(root, "docs/library.md"), "utf8");
/** The program on the page for library users, as one of them would paste it. */
const [, shown = ""] = /^```ts\n(.*?)^```$/ms.exec(page) ?? [];
/** Its table of classes: each with the entry point that has it. */
const classes = [...page.matchAll(/^\| `(\w+)` +\| `(gpu-serving[\w/-]*)` +\|/gm)].map(
  ([, name = "", entry = ""]) => ({ name, entry }),
);

/** The same program on mocks, with a job, and a stack file; it prints what was registered. */
const program = `
import { runtime } from "@pulumi/pulumi";
import { BatchJob, buildEnvironment, deployStack, readStackFile } from "gpu-serving";
import type { Cluster, InferenceServiceArgs, Outputs, Stack } from "gpu-serving";
import { ExistingCluster as FromSubpath } from "gpu-serving/existing-cluster";

const registered: string[] = [];
void runtime.setMocks({
  newResource: ({ type, name, inputs }) => {
    registered.push(\`\${type} \${name}\`);
    return { id: name, state: inputs };
  },
  call: () => ({ outputs: {} }),
}, "program", "prod", false, "acme");
${shown}
const same: boolean = FromSubpath === ExistingCluster;
const on: Cluster = cluster;
const args: InferenceServiceArgs = { cluster: on, namespace, image: "trainer:v1" };
new BatchJob("train", { ...args, command: ["torchrun", "train.py"], workers: 2 });
const stack: Stack = readStackFile("Pulumi.prod.yaml");
const made: Outputs = buildEnvironment(stack);
void deployStack(readStackFile("Pulumi.test.yaml")).then(async (outputs) => {
  await runtime.disconnect();
  console.log(JSON.stringify([same, Object.keys({ ...made.services, ...outputs.services }), registered]));
});
`;

const kubeconfig = `
current-context: my-cluster
contexts: [{ name: my-cluster, context: { cluster: mine, user: me } }]
clusters: [{ name: mine, cluster: { server: "https://192.0.2.1" } }]
users: [{ name: me, user: {} }]
`;

const stackFile = (service: string) => `
config:
  cluster: { kind: existing }
  namespaces: { ${service}: {} }
  services: { ${service}: { image: "server:v1" } }
`;

/** Removes what earlier builds made of sources that are gone: it would answer imports that must fail. */
function removeLeftovers(): void {
  const dist = join(root, "dist");
  if (!existsSync(dist)) return;
  for (const file of readdirSync(dist, { recursive: true }).map(String)) {
    const source = file.replace(/(\.d\.ts|\.js)$/, ".ts");
    if (source !== file && !existsSync(join(root, source))) rmSync(join(dist, file));
  }
}

describe("as a library", function () {
  this.timeout(600_000);
  this.slow(60_000);
  const folder = mkdtempSync(join(tmpdir(), "gpu-serving-consumer-"));
  const installed = join(folder, "node_modules", "gpu-serving");
  const at = { cwd: folder, env: { ...process.env, KUBECONFIG: join(folder, "kubeconfig") } };
  after(() => rmSync(folder, { recursive: true }));

  /** Installs a package as it is in the checkout. */
  function install(name: string): void {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, "node_modules", name), link);
  }

  /** What a script of the program's folder says: what it prints, or the error that ends it. */
  const said = (script: string): Promise<string> =>
    run("node", ["-e", script], at).then(
      ({ stdout }) => stdout.trim(),
      (error: unknown) => String(error),
    );

  before("packs it, and installs it with its dependencies and nothing else", async () => {
    removeLeftovers();
    // As npm does for a package that is installed from a git repository.
    const options = ["--silent", "--ignore-scripts=false", "--pack-destination", folder];
    await run("npm", ["pack", ...options], { cwd: root });
    mkdirSync(installed, { recursive: true });
    const [tarball = ""] = readdirSync(folder).filter((file) => file.endsWith(".tgz"));
    await run("tar", ["-xzf", tarball, "--strip-components=1", "-C", installed], at);
    for (const name of [...Object.keys(manifest.dependencies), "@types"]) install(name);
    const files = {
      ...{ "program.mts": program, "program.cts": program, kubeconfig },
      ...{ "Pulumi.prod.yaml": stackFile("prod"), "Pulumi.test.yaml": stackFile("test") },
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  });

  for (const [resolution, ...options] of [
    // The first also checks the package's own declarations.
    ["node16", "--module", "node16"],
    ["nodenext", "--module", "nodenext", "--noEmit", "--skipLibCheck"],
    ["bundler", "--module", "preserve", "--noEmit", "--skipLibCheck"],
  ] as const) {
    it(`is type-checked with moduleResolution ${resolution}, from ESM and CommonJS`, async () => {
      const usual = ["--strict", "--target", "es2022", "--types", "node"];
      const modules = ["--moduleResolution", resolution, ...options];
      await run("node", [tsc, ...usual, ...modules, "program.mts", "program.cts"], at);
    });
  }

  for (const file of ["program.mjs", "program.cjs"]) {
    it(`runs ${file}, without the packages of clouds`, async () => {
      const { stdout } = await run("node", [file], at);
      const [same, services, registered] = z
        .tuple([z.boolean(), z.array(z.string()), z.array(z.string())])
        .parse(JSON.parse(stdout));
      assert.deepEqual({ same, services }, { same: true, services: ["prod", "test"] });
      for (const expected of [
        "gpu-serving:index:ExistingCluster cluster",
        "gpu-serving:index:InferenceService digits",
        "kubernetes:apps/v1:Deployment digits",
        "gpu-serving:index:InferenceService chat",
        "kubernetes:batch/v1:Job train",
        "kubernetes:apps/v1:Deployment prod",
        "kubernetes:apps/v1:Deployment test",
      ]) {
        assert.ok(registered.includes(expected), `${expected} among ${registered.join("\n")}`);
      }
    });
  }

  const ofClouds = Object.keys(sdks).map((cloud) => `./${cloud}-cluster`);

  it("has the entry points that package.json names", async () => {
    const entries = Object.keys(manifest.exports).filter((entry) => !ofClouds.includes(entry));
    const names = entries.map((entry) => `"gpu-serving${entry.slice(1)}"`);
    assert.equal(
      await said(`console.log([${names.join()}].filter((name) => !require(name)).length)`),
      "0",
    );
  });

  it("has the classes that docs/library.md names, and the page all of the main entry point's", async () => {
    const script = `
      const { ComponentResource } = require("@pulumi/pulumi");
      const exported = Object.entries(require("gpu-serving"));
      const isClass = ([, it]) => it.prototype instanceof ComponentResource;
      console.log(exported.filter(isClass).map(([name]) => name).sort().join(" "));`;
    const ofMain = classes.filter(({ entry }) => entry === "gpu-serving").map(({ name }) => name);
    assert.equal(await said(script), ofMain.sort().join(" "));
    for (const { name, major } of Object.values(sdks)) {
      assert.ok(page.includes(`\`npm install ${name}@${major}\``), `${name} on the page`);
    }
  });

  it("brings its license and its changes, and no source or test", () => {
    const files = readdirSync(installed, { recursive: true }).map(String);
    const extra = files.filter((file) => /(?<!\.d)\.ts$|[.]test[.]/.test(file));
    const missing = ["LICENSE", "CHANGELOG.md", "README.md"].filter((it) => !files.includes(it));
    assert.deepEqual({ extra, missing }, { extra: [], missing: [] });
  });

  it("takes the clouds' packages that it was made with, and newer ones of the same major version", () => {
    const peers = Object.values(sdks).map(({ name }) => name);
    assert.deepEqual(Object.keys(manifest.peerDependencies).sort(), peers.sort());
    assert.deepEqual(Object.keys(manifest.peerDependenciesMeta).sort(), peers);
    for (const { name, major } of Object.values(sdks)) {
      const pinned = manifest.devDependencies[name] ?? "";
      assert.equal(manifest.peerDependencies[name], `^${pinned}`);
      assert.equal(Number.parseInt(pinned), major);
    }
  });

  for (const [cloud, region] of [
    ["gke", "us-central1"],
    ["eks", "us-east-1"],
    ["aks", "eastus"],
  ] as const) {
    const { name, major } = sdks[cloud];
    const entry = `gpu-serving/${cloud}-cluster`;
    const kind = classes.find((it) => it.entry === entry)?.name ?? "";

    it(`says that ${name} is to be installed, and makes a ${kind} with it`, async () => {
      const component = `console.log(typeof require("${entry}").${kind})`;
      const cluster = `{ kind: ${cloud}, region: ${region}, access: [203.0.113.0/24] }`;
      const config = `{ "gcp:project": acme-ml, cluster: ${cluster}, namespaces: { chat: {} } }`;
      writeFileSync(join(folder, `Pulumi.${cloud}.yaml`), `config: ${config}`);
      const stack = `const { buildEnvironment, readStackFile } = require("gpu-serving");
        buildEnvironment(readStackFile("Pulumi.${cloud}.yaml"));`;
      const sentence = `need the package ${name} ${major}.x, which is not installed. To fix it, run npm install ${name}@${major};`;
      for (const script of [component, stack]) {
        const text = await said(script);
        assert.ok(text.includes(sentence), text);
      }
      install(name);
      assert.equal(await said(component), "function");
    });
  }
});
