import assert from "node:assert/strict";
import { exportedState } from "../../cli/adoption";
import { found, leftBehind, notReplaced, previewed, withObjects } from "../../cli/adopt";

const urn = (type: string, name: string) => `urn:pulumi:prod::gpu-serving::${type}::${name}`;
const root = urn("pulumi:pulumi:Stack", "gpu-serving-prod");
const cluster = urn("gpu-serving:index:ExistingCluster", "cluster");
const provider = urn("gpu-serving:index:ExistingCluster$pulumi:providers:kubernetes", "cluster");
const disk = urn("gpu-serving:index:Disk", "models");
const claimType = "kubernetes:core/v1:PersistentVolumeClaim";
const labels = { "gpu-serving/stack": "prod" };
const annotations = { "gpu-serving/keep": "models" };

const metadata = { name: "models", namespace: "chat", labels, annotations };
const claim = {
  urn: urn(`gpu-serving:index:Disk$${claimType}`, "models-disk"),
  ...{ type: claimType, custom: true, id: "", parent: disk, retainOnDelete: true },
  inputs: { metadata, spec: { resources: { requests: { storage: "50Gi" } } } },
  provider: `${provider}::04da6b54-80e4-46f7-96ec-b56ff0331ba9`,
  dependencies: [urn("kubernetes:core/v1:LimitRange", "chat-limits")],
  propertyDependencies: { metadata: [urn("kubernetes:core/v1:LimitRange", "chat-limits")] },
};
const create = (newState: { urn: string; type: string }) => ({ op: "create", newState });
const parts = [
  { urn: root, type: "pulumi:pulumi:Stack" },
  { urn: cluster, type: "gpu-serving:index:ExistingCluster", parent: root },
  { urn: provider, type: "pulumi:providers:kubernetes", parent: cluster },
  { urn: disk, type: "gpu-serving:index:Disk", parent: root },
];
const deployment = {
  urn: urn("kubernetes:apps/v1:Deployment", "chat"),
  type: "kubernetes:apps/v1:Deployment",
  inputs: { metadata: { name: "chat" } },
};
const afterDestroy = previewed.parse({ steps: [...parts, claim, deployment].map(create) });

/** A state with the provider in it, and more. */
const state = (more: object[] = []) =>
  exportedState.parse({
    version: 3,
    deployment: {
      resources: [{ urn: provider, type: "pulumi:providers:kubernetes", id: "real" }, ...more],
    },
  });

describe("what a destroy left", () => {
  it("is what is kept and would be made, after its provider and what it is a part of", () => {
    assert.deepEqual(leftBehind(afterDestroy), {
      objects: [claim],
      before: [disk, root, provider, cluster].map((urn) => parts.find((one) => one.urn === urn)),
    });
  });

  it("is nothing where the state has it", () => {
    const steps = [{ op: "same", newState: claim }, create(deployment)];

    assert.deepEqual(leftBehind(previewed.parse({ steps })), { objects: [], before: [] });
  });

  it("is nothing on a cluster that goes with its stack, where the disk is protected instead", () => {
    const namespace = {
      ...{ urn: urn("kubernetes:core/v1:Namespace", "chat"), type: "kubernetes:core/v1:Namespace" },
      ...{ retainOnDelete: true, inputs: { metadata: { name: "chat", annotations } } },
    };
    const steps = [...parts, namespace, { ...claim, retainOnDelete: false }].map(create);

    assert.deepEqual(leftBehind(previewed.parse({ steps })), { objects: [], before: [] });
  });

  it("comes into the state with its id, the provider that is there, and nothing that is not", () => {
    const { deployment } = withObjects(state(), leftBehind(afterDestroy).objects);

    assert.deepEqual(deployment.resources.at(-1), {
      ...claim,
      id: "chat/models",
      provider: `${provider}::real`,
      dependencies: [],
      propertyDependencies: {},
    });
  });

  it("stays in the state where a refresh finds it there, marked as kept for this stack", () => {
    const there = { ...claim, id: "chat/models", outputs: { metadata } };
    const looked = found(state([there]), [claim], "prod");

    assert.deepEqual(looked.taken, ["PersistentVolumeClaim chat/models"]);
    assert.deepEqual([looked.others, looked.state], [[], state([there])]);
    assert.deepEqual(found(state(), [claim], "prod").taken, []);
  });

  for (const [whose, live] of [
    ["another stack's", { ...metadata, labels: { "gpu-serving/stack": "dev" } }],
    ["nobody's of ours", { name: "models", namespace: "chat" }],
  ] as const) {
    it(`goes out of the state again where it is ${whose}`, () => {
      const there = { ...claim, id: "chat/models", outputs: { metadata: live } };
      const looked = found(state([there]), [claim], "prod");

      assert.deepEqual(looked.others, ["PersistentVolumeClaim chat/models"]);
      assert.deepEqual([looked.taken, looked.state], [[], state()]);
    });
  }

  it("by a replacement that failed is in the state as before; others are still to be replaced", () => {
    const there = { ...claim, id: "chat/models" };
    const job = { urn: urn("kubernetes:batch/v1:Job", "train"), type: "kubernetes:batch/v1:Job" };
    const pending = { pendingReplacement: true };
    const begun = state([
      { ...there, ...pending },
      { ...job, ...pending },
    ]);

    assert.deepEqual(notReplaced(begun), {
      state: state([there, { ...job, ...pending }]),
      taken: ["PersistentVolumeClaim chat/models"],
    });
  });
});
