import assert from "node:assert/strict";
import { dropped, keptDisks } from "../../stacks/kept-disks";
import type { VolumeConfig } from "../../stacks/stack";

/** What the engine tells of a state with a kept disk, one that is not kept, and something else. */
const state = {
  name: "organization/gpu-serving/prod",
  outputs: {
    "urn:1": {
      type: "kubernetes:core/v1:PersistentVolumeClaim",
      outputs: {
        metadata: {
          name: "models",
          namespace: "chat",
          annotations: { "gpu-serving/keep": "models" },
        },
      },
    },
    "urn:2": { type: "a:b:C", outputs: { metadata: { name: "scratch", namespace: "chat" } } },
    "urn:3": { type: "pulumi:pulumi:Stack", outputs: {} },
  },
};

const disk: VolumeConfig = {
  kind: "disk",
  size: "50Gi",
  keep: true,
  namespace: "chat",
  access: "one-pod",
};

describe("disks that are kept", () => {
  it("are found in the state by their mark", () => {
    assert.deepEqual(keptDisks(state), [{ name: "models", namespace: "chat" }]);
  });

  it("may stay as they are, grow, and no longer be kept", () => {
    for (const volume of [disk, { ...disk, size: "80Gi" }, { ...disk, keep: false }])
      assert.deepEqual(dropped(keptDisks(state), { volumes: { models: volume } }), []);
  });

  it("may not go", () => {
    assert.deepEqual(dropped(keptDisks(state), { volumes: {} }), [
      [
        "volumes.models: a disk that is kept would go, with all that is on it; nothing was changed.",
        "    found:   nothing",
        "    allowed: the disk, in namespace chat",
        "    do:      put it back. To give it up for good: set keep: false on it, run pulumi up, then remove it.",
      ].join("\n"),
    ]);
  });

  it("may not become another disk in another namespace, or something else", () => {
    const others: VolumeConfig[] = [
      { ...disk, namespace: "vision" },
      { kind: "nodeCache", size: "50Gi" },
    ];
    const said = others.map((models) => dropped(keptDisks(state), { volumes: { models } })[0]);

    assert.match(said[0] ?? "", /found: {3}namespace vision/);
    assert.match(said[1] ?? "", /found: {3}nodeCache/);
  });
});
