import assert from "node:assert/strict";
import { network } from "../../../stacks/derived/network";
import { fromFile } from "../stack-files";

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

  it("lead to whoever takes its logs, in the cluster and by its address, and nowhere else for that", () => {
    const logs = (to: string) => `logs: { to: "${to}", files: [/log/server/*.log] }`;
    const { services, ...rest } = fromFile({
      "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing }
  namespaces: { vision: {}, ops: {} }
  namespace: vision
  include: [ops.yaml]
  services:
    theirs: { image: "chat:v1", ${logs("http://collector.observability:4318")} }
    whole: { image: "chat:v1", ${logs("http://collector.observability.svc.cluster.local")} }
    asked: { image: "chat:v1", ${logs("http://taker.ops.svc:8000")} }
    open: { image: "chat:v1", ${logs("http://entrance.ops")} }
    beside: { image: "chat:v1", ${logs("http://theirs")} }
    exact: { image: "chat:v1", egress: [203.0.113.0/24], ${logs("http://198.51.100.7:4318")} }
    six: { image: "chat:v1", ${logs("http://[2001:db8::7]:4318")} }
    vendor: { image: "chat:v1", egress: [203.0.113.0/24], ${logs("https://otlp.vendor.example")} }
    prints: { image: "chat:v1", ${logs("stdout")} }`,
      "ops.yaml": `
namespace: ops
services:
  taker: { image: "collector:v1", callers: [asked] }
  entrance: { image: "collector:v1", expose: { scope: public, allow: [203.0.113.0/24] } }`,
    });
    const ways = Object.keys(services).map((name) => {
      const { calls, egress } = network(name, { ...rest, services });
      return [name, calls, egress];
    });

    assert.deepEqual(ways, [
      ["theirs", [{ namespace: "observability" }], []],
      ["whole", [{ namespace: "observability" }], []],
      ["asked", [{ name: "taker", namespace: "ops" }], []],
      ["open", [{ name: "entrance", namespace: "ops" }], []],
      ["beside", [], []],
      ["exact", [], ["203.0.113.0/24", "198.51.100.7/32"]],
      ["six", [], ["2001:db8::7/128"]],
      ["vendor", [], ["203.0.113.0/24"]],
      ["prints", [], []],
      ["taker", [], []],
      ["entrance", [], []],
    ]);
  });
});
