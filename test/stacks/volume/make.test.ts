import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { buildEnvironment } from "../../../stacks/environment";
import { at, deploy, valueOf } from "../../support/deploy";
import { fromFile } from "../stack-files";

const stackFile = `
config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  pools:
    l4: { gpu: L4, gpusPerNode: 4, select: { pool: l4 }, nodes: { max: 2 } }
  namespaces: { chat: {}, vision: {} }
  volumes:
    models: { disk: 50Gi, namespace: vision, access: one-node }
    corpus: { claim: nfs, namespace: vision, access: any-node }
    shm: { memory: 2Gi }
    scratch: { disk: 5Gi, namespace: chat, keep: false }
  include: [teams/vision.yaml]
  namespace: chat
`;

const vision = `
namespace: vision
services:
  look: { image: "look:v1", gpus: 1, replicas: 2, mounts: { /models: models/digits, /corpus: corpus } }
jobs:
  train:
    image: train:v1
    memory: 8Gi
    mounts: { /models: { volume: models/digits, write: true }, /dev/shm: shm }
`;

function run() {
  const files = { "Pulumi.prod.yaml": stackFile, "teams/vision.yaml": vision };
  return deploy(() => buildEnvironment(fromFile(files)));
}

describe("volumes of a stack", () => {
  it("are made where they are disks, in the namespace that they name; that of a kept one stays, as an output tells", async () => {
    const { resources, find, result } = await run();
    const made = resources
      .filter(({ type }) => type === "kubernetes:core/v1:PersistentVolumeClaim")
      .map((claim) => `${String(at(claim, "metadata.namespace"))} ${claim.name}`);
    assert.deepEqual(made.sort(), ["chat scratch-disk", "vision models-disk"]);

    const stays = (name: string) => find("kubernetes:core/v1:Namespace", name).options;
    assert.equal(stays("vision").retainOnDelete, true);
    assert.equal(stays("chat").retainOnDelete, false);
    assert.deepEqual(await valueOf(pulumi.output(result.keptDisks)), {
      models:
        "50Gi, claim models in namespace vision, volume pvc-0123; stays when the stack is destroyed, and npm run adopt -- prod takes it up again",
    });
  });

  it("are what services and jobs of another file mount by name and folder", async () => {
    const { find } = await run();
    const server = find("kubernetes:apps/v1:Deployment", "look");
    const job = find("kubernetes:batch/v1:Job", "train");

    const container = "spec.template.spec.containers[0].volumeMounts";
    assert.deepEqual(at(server, container), [
      { name: "models", mountPath: "/models", subPath: "digits", readOnly: true },
      { name: "corpus", mountPath: "/corpus", readOnly: true },
    ]);
    assert.deepEqual(at(server, "spec.template.spec.volumes"), [
      { name: "models", persistentVolumeClaim: { claimName: "models" } },
      { name: "corpus", persistentVolumeClaim: { claimName: "nfs" } },
    ]);
    assert.deepEqual(at(job, container), [
      { name: "models", mountPath: "/models", subPath: "digits" },
      { name: "shm", mountPath: "/dev/shm" },
    ]);
  });

  it("take who shares their node to the pool of those that name one", async () => {
    const job = (await run()).find("kubernetes:batch/v1:Job", "train");

    assert.deepEqual(at(job, "spec.template.spec.nodeSelector"), { pool: "l4" });
  });

  it("may be mounted in one that is written, as a pod's own are without a word, and where new models come from", () => {
    const stack = fromFile({
      "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing }
  volumes:
    cache: { nodeCache: 5Gi }
    shm: { memory: 1Gi }
    models: { claim: models, access: any-node }
  services:
    chat:
      image: "chat:v1"
      memory: 2Gi
      mounts: { /cache: cache, /cache/models: models, /shm: shm, /source/data: models }
      logs: { to: stdout, files: [/cache/log/*.log, /shm/server.log] }
      modelUpdates: { from: models/chat, to: /model }
`,
    });

    assert.deepEqual(Object.keys(stack.services["chat"]?.mounts ?? {}), [
      "/cache",
      "/cache/models",
      "/shm",
      "/source/data",
    ]);
  });

  it("have on Google Cloud a class of disks that all machines take whose pods mount them", async () => {
    const files = {
      "Pulumi.prod.yaml": `
config:
  gcp:project: acme-ml
  cluster: { kind: gke, region: us-central1, zones: [us-central1-b] }
  pools:
    l4: { machine: g2-standard-4, nodes: { max: 2 } }
    g4: { machine: g4-standard-48, nodes: { max: 4 } }
    h100: { machine: a3-highgpu-8g, nodes: { max: 2 } }
  volumes:
    plain: { disk: 50Gi }
    older: { disk: 50Gi }
    newer: { disk: 50Gi }
    both: { disk: 50Gi }
    mixed: { disk: 50Gi }
    nobodys: { disk: 50Gi }
  jobs:
    p: { image: a:v1, mounts: { /p: plain } }
    a: { image: a:v1, mounts: { /b: older } }
    b: { image: a:v1, gpus: 1, pool: l4, mounts: { /b: older } }
    n: { image: a:v1, gpus: 1, pool: g4, mounts: { /n: newer } }
    c: { image: a:v1, gpus: 1, pool: h100, mounts: { /d: both } }
    d: { image: a:v1, gpus: 1, pool: g4, mounts: { /d: both } }
    e: { image: a:v1, gpus: 1, pool: h100, mounts: { /e: mixed } }
`,
    };
    const { resources } = await deploy(() => {
      pulumi.runtime.setConfig("gcp:project", "acme-ml");
      return buildEnvironment(fromFile(files));
    });

    const claims = resources.filter(({ type }) => type.endsWith(":PersistentVolumeClaim"));
    const [pd, hyperdisk] = ["gpu-serving-disk", "gpu-serving-hyperdisk"];
    const classes = claims.map((it) => [it.name, at(it, "spec.storageClassName")]);
    assert.deepEqual(Object.fromEntries(classes) as unknown, {
      ...{ "plain-disk": pd, "older-disk": pd, "newer-disk": hyperdisk, "both-disk": hyperdisk },
      ...{ "mixed-disk": pd, "nobodys-disk": pd },
    });
  });
});
