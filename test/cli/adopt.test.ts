import assert from "node:assert/strict";
import { found, leftBehind, notReplaced, previewed, withObjects } from "../../cli/adopt";
import { exportedState } from "../../cli/adoption";

/** A resource of this type, as a preview has it. */
const of = (type: string, name: string, more: object = {}) => ({
  ...{ urn: `urn:pulumi:prod::gpu-serving::${type}::${name}`, type, ...more },
});
const root = of("pulumi:pulumi:Stack", "gpu-serving-prod");
const cluster = of("gpu-serving:index:ExistingCluster", "cluster", { parent: root.urn });
const provider = of("pulumi:providers:kubernetes", "cluster", { parent: cluster.urn });
const disk = of("gpu-serving:index:Disk", "models", { parent: root.urn });
const deployment = of("kubernetes:apps/v1:Deployment", "chat", {
  inputs: { metadata: { name: "chat" } },
});

const labels = { "gpu-serving/stack": "prod" };
const annotations = { "gpu-serving/keep": "models" };
const metadata = { name: "models", namespace: "chat", labels, annotations };
const limits = of("kubernetes:core/v1:LimitRange", "chat-limits").urn;
const claim = of("kubernetes:core/v1:PersistentVolumeClaim", "models-disk", {
  ...{ custom: true, id: "", parent: disk.urn, retainOnDelete: true },
  inputs: { metadata, spec: { resources: { requests: { storage: "50Gi" } } } },
  provider: `${provider.urn}::04da6b54-80e4-46f7-96ec-b56ff0331ba9`,
  ...{ dependencies: [limits], propertyDependencies: { metadata: [limits] } },
});
/** The claim as the state has it. */
const there = { ...claim, id: "chat/models" };

const creating = (resources: object[], op = "create") =>
  previewed.parse({ steps: resources.map((newState) => ({ op, newState })) });
const afterDestroy = leftBehind(creating([root, cluster, provider, disk, claim, deployment]));

/** A state with the provider in it, and more. */
const state = (...more: object[]) =>
  exportedState.parse({
    ...{ version: 3, deployment: { resources: [{ ...provider, id: "real" }, ...more] } },
  });

describe("what a destroy left", () => {
  it("is what is kept and would be made, after its provider and what it is a part of", () =>
    assert.deepEqual(afterDestroy, { objects: [claim], before: [disk, root, provider, cluster] }));

  it("is nothing where the state has it, nor on a cluster that goes with its stack, where the disk is protected instead", () => {
    const namespace = of("kubernetes:core/v1:Namespace", "chat", {
      ...{ retainOnDelete: true, inputs: { metadata: { name: "chat", annotations } } },
    });
    const unmarked = { ...claim, inputs: { metadata: { name: "models" } } };
    for (const nothing of [
      creating([claim], "same"),
      creating([disk, namespace, { ...claim, retainOnDelete: false }]),
      creating([unmarked]),
    ]) {
      assert.deepEqual(leftBehind(nothing), { objects: [], before: [] });
    }
  });

  it("comes into the state with its id, the provider that is there, and nothing that is not", () => {
    const { objects } = afterDestroy;
    const added = { provider: `${provider.urn}::real`, dependencies: [], propertyDependencies: {} };
    assert.deepEqual(withObjects(state(), objects), state({ ...there, ...added }));
  });

  for (const [what, live, isOurs] of [
    ["stays in the state where a refresh finds it marked as kept for this stack", metadata, true],
    [
      "goes out of it again where it is another stack's",
      { ...metadata, labels: { "gpu-serving/stack": "dev" } },
      false,
    ],
    [
      "goes out of it again where it is not kept",
      { name: "models", namespace: "chat", labels },
      false,
    ],
  ] as const) {
    it(what, () => {
      const looked = state({ ...there, outputs: { metadata: live } });
      const name = "PersistentVolumeClaim chat/models";
      const [taken, others] = isOurs ? [[name], []] : [[], [name]];
      const left = { state: isOurs ? looked : state(), taken, others };
      assert.deepEqual(found(looked, [claim], "prod"), left);
      assert.deepEqual(found(state(), [claim], "prod").taken, []);
    });
  }

  it("by a replacement that failed is in the state as before; others are still to be replaced", () => {
    const pending = { pendingReplacement: true };
    const job = of("kubernetes:batch/v1:Job", "train", pending);
    assert.deepEqual(notReplaced(state({ ...there, ...pending }, job)), {
      state: state(there, job),
      taken: ["PersistentVolumeClaim chat/models"],
    });
  });
});
