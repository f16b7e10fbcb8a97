import assert from "node:assert/strict";
import { fromFile, refusal } from "../stack-files";

const where = {
  eks: "{ kind: eks, region: us-east-1, access: [203.0.113.0/24] }",
  gke: "{ kind: gke, region: us-central1, access: [203.0.113.0/24] }",
};

const stackOf = (cloud: keyof typeof where, service: string, pool = "", more = "") =>
  fromFile({
    "Pulumi.prod.yaml": `
config:
  ${cloud === "gke" ? "gcp:project: acme-ml" : "aws:region: us-east-1"}
  cluster: ${where[cloud]}
  pools: { h200: { gpu: H200, gpusPerNode: 8${pool.includes("nodes:") ? "" : ", nodes: { max: 1 }"}${pool} } }
  namespaces: { chat: {} }${more}
  services:
    chat: { ${service.includes("model:") ? "" : "model: Qwen/Qwen3.5-122B-A10B, "}contextTokens: 8192${service} }`,
  });

const message = (...of: Parameters<typeof stackOf>) => refusal(() => stackOf(...of));

describe("a model that is downloaded onto its node", () => {
  it("is refused where the node's disk does not hold its weights and the image, with the size that would", () => {
    const said = message("eks", "");
    assert.match(
      said,
      /chat\.model: does not fit on the disk of a node of pool h200, [^]*: 200 GiB/,
    );
    // Twice 233 GiB, because a rollout puts a second replica on the node, and 25 GiB are nine tenths of 546 GiB.
    assert.match(said, /write disk: 550Gi in pool h200/);
    assert.match(said, /for 2 pods that a node has during a rollout, each with its own weights/);
    assert.equal(message("eks", "", ", disk: 550Gi"), "nothing was refused");
    assert.match(message("eks", "", ", disk: 540Gi"), /does not fit on the disk/);
  });

  it("is there as often as the node has replicas of it, which its GPUs bound", () => {
    assert.match(message("eks", ", replicas: 2"), /write disk: 810Gi/);
    assert.match(message("eks", ", replicas: 9, gpus: 4", ", nodes: { max: 9 }"), /disk: 550Gi/);
    assert.match(message("eks", ", gpus: 8"), /write disk: 290Gi/);
  });

  it("is there once where the image of the engine has it", () => {
    const image = "model: { name: Qwen/Qwen3.5-122B-A10B, from: /weights }, image: acme/vllm:1";
    const of = (disk: string) => message("eks", `, ${image}`, disk);
    assert.match(of(""), /on which its image is: 200 GiB[^]*write disk: 290Gi/);
    assert.equal(of(", disk: 290Gi"), "nothing was refused");
  });

  it("fits on the local SSDs of a machine where they hold the pods' folders", () => {
    assert.equal(message("gke", ""), "nothing was refused");
  });

  it("needs no disk of the node where a volume has its weights", () => {
    const disk = "\n  volumes: { models: { disk: 300Gi } }";
    assert.equal(message("eks", ", cache: models", "", disk), "nothing was refused");
    const onNode = "\n  volumes: { models: { nodeCache: 300Gi } }";
    assert.match(message("eks", ", cache: models", "", onNode), /does not fit on the disk/);
  });
});
