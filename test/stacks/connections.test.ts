import assert from "node:assert/strict";
import { network } from "../../stacks/connections";
import { fromFile } from "./stack-files";

const stack = fromFile({
  "Pulumi.prod.yaml": `
config:
  gcp:project: acme-ml
  cluster: { kind: gke, region: us-central1 }
  volumes: { models: { bucket: acme-models }, scratch: { nodeCache: 1Gi } }
  services:
    reads: { image: "chat:v1", mounts: { /models: models/chat } }
    writes: { image: "chat:v1", mounts: { /models: { volume: models, write: true } } }
    follows: { image: "chat:v1", modelUpdates: { from: models/chat, to: /models } }
    apart: { image: "chat:v1", mounts: { /scratch: { volume: scratch, write: true } } }`,
});

describe("the connections of an entry", () => {
  it("lead to the cloud's storage where it mounts a bucket or fetches models from one, and only there", () => {
    const names = Object.keys(stack.services);

    assert.deepEqual(
      names.filter((name) => network(name, stack).bucket),
      ["reads", "writes", "follows"],
    );
  });
});
