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
  pools: { h200: { gpu: H200, gpusPerNode: 8, nodes: { max: 1 }${pool} } }
  namespaces: { chat: {} }${more}
  services:
    chat: { model: Qwen/Qwen3.5-122B-A10B, contextTokens: 8192${service} }`,
  });

const message = (...of: Parameters<typeof stackOf>) => refusal(() => stackOf(...of));

describe("a model that is downloaded onto its node", () => {
  it("is refused where the node's disk does not hold its weights and the image, with the size that would", () => {
    const said = message("eks", "");
    assert.match(
      said,
      /chat\.model: does not fit on the disk of a node of pool h200, [^]*: 200 GiB/,
    );
    assert.match(said, /write disk: 290Gi in pool h200/);
    assert.equal(message("eks", "", ", disk: 290Gi"), "nothing was refused");
    assert.match(message("eks", "", ", disk: 280Gi"), /does not fit on the disk/);
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
