import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { refuseLostDisks } from "../../../stacks/before/disks";
import type { VolumeConfig } from "../../../stacks/stack";
import { state } from "./state";

const claim = "kubernetes:core/v1:PersistentVolumeClaim";
const claimed = (name: string, annotations?: object) => ({
  metadata: { name, namespace: "chat", annotations },
  spec: { resources: { requests: { storage: "50Gi" } } },
});

/** A state with a disk that is kept, one that is not, and a bucket's claim. */
const before = state({
  [`Disk$${claim}::models-disk`]: claimed("models", { "gpu-serving/keep": "models" }),
  [`Disk$${claim}::scratch-disk`]: claimed("scratch"),
  [`InferenceService$${claim}::chat-data-claim`]: claimed("data", { "gpu-serving/keep": "data" }),
});

const place = { namespace: "chat", access: "one-pod" } as const;
const disk: VolumeConfig = { ...place, kind: "disk", size: "50Gi", keep: true };

/** What is said of volumes that an up is refused for. */
function refusal(volumes: Record<string, VolumeConfig>): string {
  try {
    refuseLostDisks({ volumes }, before);
    return "";
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error));
    return `refused: ${error.message}`;
  }
}

describe("the disks of the last up", () => {
  it("may stay as they are, grow, and no longer be kept; one that is not kept may go or move", () => {
    for (const models of [disk, { ...disk, size: "80Gi" }, { ...disk, keep: false }]) {
      assert.equal(refusal({ models }), "");
    }
    assert.equal(
      refusal({ models: disk, scratch: { ...disk, size: "5Gi", namespace: "vision" } }),
      "",
    );
  });

  it("may not go where they are kept, nor become another disk or something else", () => {
    const gone = "volumes.models: a disk that is kept would go, with all that is on it";
    for (const [volumes, found] of [
      [{}, "nothing"],
      [{ models: { ...disk, namespace: "vision" } }, "namespace vision"],
      [{ models: { kind: "nodeCache", size: "50Gi" } }, "nodeCache"],
    ] as const) {
      assert.equal(
        refusal(volumes),
        [
          `refused: ${gone}; nothing was created or changed.`,
          `    found:   ${found}`,
          "    allowed: the disk, in namespace chat",
          "    do:      put it back. To give it up for good: set keep: false on it, run pulumi up, then remove it.",
        ].join("\n"),
      );
    }
  });

  it("may not shrink, kept or not", () => {
    const smaller = { ...disk, size: "51000M", keep: false };
    const said = refusal({ models: smaller, scratch: smaller });

    assert.match(said, /volumes\.models\.disk: smaller .*\n.*"51000M"\n.*allowed: 50Gi or more$/m);
    assert.match(said, /^volumes\.scratch\.disk: smaller/m);
  });
});
