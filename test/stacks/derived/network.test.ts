import assert from "node:assert/strict";
import { network, portsOf } from "../../../stacks/derived/network";
import { fromFile } from "../stack-files";

describe("the connections of an entry", () => {
  it("lead to the cloud's storage where it mounts a bucket or fetches models from one, and only there", () => {
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

    assert.deepEqual(
      Object.keys(stack.services).filter((name) => network(name, stack).bucket),
      ["reads", "writes", "follows"],
    );
  });

  it("lead to its callees, to what takes its logs and to its ranges; its callers alone connect, of whatever namespace", () => {
    const logs = (to: string) => `logs: { to: "${to}", files: [/log/server/*.log] }`;
    const stack = fromFile({
      "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing }
  namespaces: { vision: {}, ops: { create: false } }
  namespace: vision
  include: [ops.yaml]
  services:
    theirs: { image: "chat:v1", ${logs("http://collector.observability:4318")} }
    whole: { image: "chat:v1", ${logs("http://collector.observability.svc.cluster.local")} }
    asked: { image: "chat:v1", callers: [], ${logs("http://taker.ops.svc:8000")} }
    open: { image: "chat:v1", ${logs("http://entrance.ops")} }
    beside: { image: "chat:v1", ${logs("http://theirs")} }
    exact: { image: "chat:v1", egress: [203.0.113.0/24], ${logs("http://198.51.100.7:4318")} }
    six: { image: "chat:v1", ${logs("http://[2001:db8::7]:4318")} }
    vendor: { image: "chat:v1", egress: [203.0.113.0/24], ${logs("https://otlp.vendor.example")} }
    prints: { image: "chat:v1", ${logs("stdout")} }
    local: { image: "chat:v1", ${logs("http://localhost:4318")} }
  jobs:
    train: { image: "train:v1", egress: ["0.0.0.0/0"] }`,
      "ops.yaml": `
namespace: ops
services:
  taker: { image: "collector:v1", callers: [asked, train] }
  entrance: { image: "collector:v1", expose: { scope: public, allow: [203.0.113.0/24] } }`,
    });
    const taker = { name: "taker", namespace: "ops" };
    const observability = { namespace: "observability" };

    for (const [name, calls, egress, callers] of [
      ["theirs", [observability], []],
      ["whole", [observability], []],
      ["asked", [taker], [], []],
      ["open", [{ name: "entrance", namespace: "ops" }], []],
      ["beside", [], []],
      ["exact", [], ["203.0.113.0/24", "198.51.100.7/32"]],
      ["six", [], ["2001:db8::7/128"]],
      ["vendor", [], ["203.0.113.0/24"]],
      ["prints", [], []],
      ["local", [], []],
      ["train", [taker], ["0.0.0.0/0"]],
      ["taker", [], undefined, ["asked", "train"]],
      ["entrance", [], undefined],
    ] as const) {
      const peers = callers?.map((caller) => ({ name: caller, namespace: "vision" }));
      const expected = { callers: peers, calls, egress, bucket: false };
      assert.deepEqual(network(name, stack), expected, name);
    }
  });

  it("come from whole namespaces, to which those of the stack are let out, and no other entry", () => {
    const stack = fromFile({
      "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing }
  namespaces: { vision: {}, front: {}, ingress-nginx: { create: false } }
  namespace: vision
  include: [front.yaml]
  services:
    chat: { image: "chat:v1", callers: [{ namespace: vision }, { namespace: front }, { namespace: ingress-nginx }, { namespace: kube-system }] }
    guarded: { image: "chat:v1", callers: [gate, { namespace: keda }] }
    apart: { image: "chat:v1" }`,
      "front.yaml": `
namespace: front
services: { gate: { image: "gate:v1" } }
jobs: { probe: { image: "gate:v1" } }`,
    });
    const [chat, guarded] = ["chat", "guarded"].map((name) => ({ name, namespace: "vision" }));

    for (const [name, calls, callers] of [
      ["chat", [], ["vision", "front", "ingress-nginx", "kube-system"]],
      ["guarded", [chat], ["keda"]],
      ["apart", [chat], undefined],
      ["gate", [chat, guarded], undefined],
      ["probe", [chat], undefined],
    ] as const) {
      const found = network(name, stack);
      assert.deepEqual(found.calls, calls, name);
      const named = found.callers?.filter((caller) => !("name" in caller));
      assert.deepEqual(
        named?.map(({ namespace }) => namespace),
        callers,
        name,
      );
    }
  });

  it("come to single ports from callers of their own, which are let out too", () => {
    const stack = fromFile({
      "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing }
  namespaces: { vision: {}, front: {} }
  namespace: vision
  include: [front.yaml]
  services:
    chat:
      image: chat:v1
      expose: { scope: public, allow: [203.0.113.0/24] }
      ports: { grpc: { port: 8001, expose: true }, admin: { port: 8002, callers: [gate, { namespace: keda }] } }
    taker: { image: "taker:v1", callers: [chat], ports: { otlp: { port: 4318, callers: [ships] } } }`,
      "front.yaml": `
namespace: front
services:
  gate: { image: "gate:v1" }
  ships: { image: "gate:v1", logs: { to: "http://taker.vision:4318", files: [/log/ships/*.log] } }`,
    });
    const [chat, taker] = ["chat", "taker"].map((name) => ({ name, namespace: "vision" }));

    assert.deepEqual(network("gate", stack).calls, [chat]);
    assert.deepEqual(network("ships", stack).calls, [taker]);
    const service = stack.services.chat;
    assert.ok(service);
    const gate = { name: "gate", namespace: "front" };
    assert.deepEqual(portsOf(service, stack), {
      grpc: { port: 8001, expose: true, callers: undefined },
      admin: { port: 8002, expose: false, callers: [gate, { namespace: "keda" }] },
    });
  });
});
