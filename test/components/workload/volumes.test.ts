import assert from "node:assert/strict";
import {
  onOneNode,
  mountedVolumes,
  ownership,
  volumeMounts,
  type Volume,
} from "../../../components/workload/volumes";

const disk: Volume = { kind: "claim", name: "models", claim: "models" };
const files: Volume = { kind: "claim", name: "files", claim: "nfs", nodes: "any-node" };
const scratch: Volume = { kind: "memory", name: "scratch", size: "2Gi" };
const bucket: Volume = { kind: "bucket", name: "data", bucket: "acme", namespace: "chat" };

describe("mounts of a container", () => {
  it("are read-only unless it writes, but for volumes of the pod's own", () => {
    const mounts = {
      "/models": { volume: disk },
      "/out": { volume: disk, folder: "out", write: true },
      "/scratch": { volume: scratch },
      "/seen": { volume: scratch, folder: "seen", write: false },
    };

    assert.deepEqual(volumeMounts(mounts, [mounts]), [
      { name: "models", mountPath: "/models", readOnly: true },
      { name: "models", mountPath: "/out", subPath: "out" },
      { name: "scratch", mountPath: "/scratch" },
      { name: "scratch", mountPath: "/seen", subPath: "seen", readOnly: true },
    ]);
  });

  it("show the folder of a bucket unless its driver shows no more than that", () => {
    const mounts = { "/data": { volume: bucket, folder: "digits" } };
    const others = { "/all": { volume: bucket, write: true } };

    const shown = { name: "data", mountPath: "/data", readOnly: true };
    assert.deepEqual(volumeMounts(mounts, [mounts, mounts]), [shown]);
    assert.deepEqual(volumeMounts(mounts, [mounts, others]), [{ ...shown, subPath: "digits" }]);
  });

  it("of several containers are one volume of the pod each", () => {
    const main = { "/models": { volume: disk }, "/scratch": { volume: scratch } };
    const beside = { "/in": { volume: scratch, write: true } };

    assert.deepEqual(
      mountedVolumes([main, beside]).map(([volume, mounts]) => [volume.name, mounts.length]),
      [
        ["models", 1],
        ["scratch", 2],
      ],
    );
  });
});

describe("pods that mount a disk", () => {
  it("are put on the node of the others that mount it", () => {
    const labels = { "gpu-serving/disk-models": "mounted" };
    const near = { labelSelector: { matchLabels: labels }, topologyKey: "kubernetes.io/hostname" };
    const podAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [near] };

    assert.deepEqual(onOneNode([disk, scratch, bucket]), {
      labels,
      podAffinity,
    });
    assert.deepEqual(onOneNode([files, scratch, bucket]), { labels: {} });
  });

  it("write as a group of their own, whatever user the image has", () => {
    assert.deepEqual(ownership([disk]), { fsGroup: 2000, fsGroupChangePolicy: "OnRootMismatch" });
    assert.deepEqual(ownership([scratch, bucket]), {});
  });
});
