import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = resolve(__dirname, "..");
const bin = join(root, "node_modules", ".bin");

/** A program of somebody else, who has the package as a dependency. */
const program = `
import * as pulumi from "@pulumi/pulumi";
import { ExistingCluster } from "gpu-serving/existing-cluster";
import { BatchJob } from "gpu-serving/batch-job";
import { InferenceService } from "gpu-serving/inference-service";

const registered: string[] = [];
void pulumi.runtime.setMocks({
  newResource: ({ type, name, inputs }) => {
    registered.push(type);
    return { id: name, state: inputs };
  },
  call: ({ inputs }) => inputs,
});
const cluster = new ExistingCluster("cluster", { kubeconfig: "" });
new InferenceService("chat", { cluster, namespace: "chat", image: "engine:v1" });
const command = ["torchrun", "train.py"];
new BatchJob("train", { cluster, namespace: "chat", image: "trainer:v1", command, workers: 2 });
void pulumi.runtime.disconnect().then(() => console.log(registered.sort().join("\\n")));
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
  after(() => rmSync(folder, { recursive: true }));

  it("is built, type-checked and run by a program that depends on it", async () => {
    const at = { cwd: folder };
    removeLeftovers();
    await run("npm", ["run", "build"], { cwd: root });
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules", "gpu-serving"));
    symlinkSync(join(root, "node_modules", "@pulumi"), join(folder, "node_modules", "@pulumi"));
    symlinkSync(join(root, "node_modules", "@types"), join(folder, "node_modules", "@types"));
    writeFileSync(join(folder, "program.ts"), program);

    const options = ["--strict", "--skipLibCheck", "--module", "node20", "--types", "node"];
    await run(join(bin, "tsc"), [...options, "program.ts"], at);

    const { stdout } = await run("node", ["program.js"], at);
    assert.deepEqual(stdout.split("\n"), [
      "gpu-serving:index:BatchJob",
      "gpu-serving:index:ExistingCluster",
      "gpu-serving:index:InferenceService",
      "kubernetes:apps/v1:Deployment",
      "kubernetes:batch/v1:Job",
      "kubernetes:core/v1:ConfigMap",
      "kubernetes:core/v1:Service",
      "kubernetes:core/v1:Service",
      "kubernetes:core/v1:ServiceAccount",
      "kubernetes:core/v1:ServiceAccount",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy",
      "kubernetes:policy/v1:PodDisruptionBudget",
      "pulumi:providers:kubernetes",
      "",
    ]);
  });
});
