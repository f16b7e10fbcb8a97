import assert from "node:assert/strict";
import { disksBefore, dropped, shrunk } from "../../stacks/disks-before";
import type { VolumeConfig } from "../../stacks/stack";
import { stateBefore } from "../../stacks/state-before";

const claimType = "kubernetes:core/v1:PersistentVolumeClaim";
const spec = { resources: { requests: { storage: "50Gi" } } };
const claimed = (metadata: object) => ({ type: claimType, outputs: { metadata, spec } });
const urn = (type: string, name: string) => `urn:pulumi:prod::gpu-serving::${type}::${name}`;

/** What the engine tells of a state with a disk that is kept, one that is not, a bucket's claim, and something else. */
const state = {
  name: "organization/gpu-serving/prod",
  outputs: {
    [urn(`gpu-serving:index:Disk$${claimType}`, "models-disk")]: claimed({
      ...{ name: "models", namespace: "chat" },
      annotations: { "gpu-serving/keep": "models", "pv.kubernetes.io/bind-completed": "yes" },
    }),
    [urn(`gpu-serving:index:Disk$${claimType}`, "scratch-disk")]: claimed({
      ...{ name: "scratch", namespace: "chat" },
    }),
    [urn(`gpu-serving:index:InferenceService$${claimType}`, "chat-data-claim")]: claimed({
      ...{ name: "chat-data", namespace: "chat" },
    }),
    [urn("pulumi:pulumi:Stack", "gpu-serving-prod")]: { type: "pulumi:pulumi:Stack", outputs: {} },
  },
};

const disk: VolumeConfig = {
  kind: "disk",
  size: "50Gi",
  keep: true,
  namespace: "chat",
  access: "one-pod",
};
const disks = disksBefore(stateBefore(state));

describe("the disks of the last up", () => {
  it("are found in the state, with where they are, how large, and whether they are kept", () => {
    assert.deepEqual(disks, [
      { name: "models", namespace: "chat", size: "50Gi", kept: true },
      { name: "scratch", namespace: "chat", size: "50Gi", kept: false },
    ]);
  });

  it("may stay as they are, grow, and no longer be kept; one that is not kept may go", () => {
    for (const models of [disk, { ...disk, size: "80Gi" }, { ...disk, keep: false }]) {
      assert.deepEqual(dropped(disks, { volumes: { models } }), []);
      assert.deepEqual(shrunk(disks, { volumes: { models } }), []);
    }
  });

  it("may not go where they are kept", () => {
    assert.deepEqual(dropped(disks, { volumes: {} }), [
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
    const said = others.map((models) => dropped(disks, { volumes: { models } })[0]);

    assert.match(said[0] ?? "", /found: {3}namespace vision/);
    assert.match(said[1] ?? "", /found: {3}nodeCache/);
  });

  it("may not shrink, kept or not", () => {
    const volumes = { models: { ...disk, size: "51000M" }, scratch: { ...disk, size: "1Ti" } };

    assert.deepEqual(shrunk(disks, { volumes }), [
      [
        "volumes.models.disk: smaller than the disk is, and a disk can only grow; nothing was changed.",
        '    found:   "51000M"',
        "    allowed: 50Gi or more",
        "    do:      write 50Gi, or declare another volume of 51000M and copy to it what is on this one.",
      ].join("\n"),
    ]);
    const notKept = { scratch: { ...disk, size: "5Gi", keep: false } };
    assert.match(shrunk(disks, { volumes: notKept })[0] ?? "", /^volumes\.scratch\.disk: smaller/);
  });

  it("are others than those of the same name in another namespace", () => {
    const scratch = { ...disk, size: "5Gi", namespace: "vision" };

    assert.deepEqual(shrunk(disks, { volumes: { scratch } }), []);
  });
});
