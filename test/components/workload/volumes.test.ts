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

  it("show the folder that the driver shows of a bucket, without asking for it again", () => {
    const mounts = { "/data": { volume: bucket, folder: "digits" } };

    assert.deepEqual(volumeMounts(mounts, [mounts, mounts]), [
      { name: "data", mountPath: "/data", readOnly: true },
    ]);
  });

  it("show different folders of one bucket", () => {
    const mounts = { "/data": { volume: bucket, folder: "digits" } };
    const others = { "/all": { volume: bucket, write: true } };

    assert.deepEqual(volumeMounts(mounts, [mounts, others]), [
      { name: "data", mountPath: "/data", subPath: "digits", readOnly: true },
    ]);
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
    assert.deepEqual(onOneNode([disk, scratch, bucket]), {
      labels: { "gpu-serving/disk-models": "mounted" },
      spec: {
        affinity: {
          podAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              {
                labelSelector: { matchLabels: { "gpu-serving/disk-models": "mounted" } },
                topologyKey: "kubernetes.io/hostname",
              },
            ],
          },
        },
      },
    });
  });

  it("write as a group of their own, whatever user the image has", () => {
    assert.deepEqual(ownership([disk]), { fsGroup: 2000, fsGroupChangePolicy: "OnRootMismatch" });
  });
});

describe("pods that mount no disk", () => {
  it("go wherever they like", () => {
    assert.deepEqual(onOneNode([files, scratch, bucket]), { labels: {}, spec: {} });
  });

  it("have no group where they mount only what is their own or a bucket", () => {
    assert.deepEqual(ownership([scratch, bucket]), {});
  });
});
