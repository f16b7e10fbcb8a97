import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type {
  BucketAccess,
  BucketGrant,
  BucketMount,
  BucketVolume,
  Cluster,
} from "../../../components/cluster/cluster";
import type { Mounts } from "../../../components/workload/volumes";
import { aCluster, deployChat } from "../../support/clusters";
import { at } from "../../support/deploy";

const deploymentType = "kubernetes:apps/v1:Deployment";

/** A cluster of a cloud whose driver wants a claim, with what it was asked for. */
function withBuckets(asked: [string, BucketMount][]): Cluster {
  const bucketVolume = (name: string, mount: BucketMount): BucketVolume => {
    asked.push([name, mount]);
    return {
      serviceAccountAnnotations: { "cloud.example/role": "reader" },
      podLabels: { "cloud.example/use": "true" },
      podAnnotations: { "cloud.example/sidecar": "true" },
      dependsOn: [],
      source: { persistentVolumeClaim: { claimName: `${name}-1`, readOnly: !mount.write } },
      claim: {
        volumeName: pulumi.output(`chat-${name}-1`),
        volume: { accessModes: ["ReadOnlyMany"], capacity: { storage: "1Pi" } },
        name: pulumi.output(`${name}-1`),
        namespace: mount.namespace,
        spec: { accessModes: ["ReadOnlyMany"], volumeName: `chat-${name}-1` },
      },
    };
  };
  return Object.assign(aCluster(), { bucketVolume });
}

async function serve(mounts: Mounts) {
  const asked: [string, BucketMount][] = [];
  const args = { namespace: pulumi.output("chat"), mounts };
  return { ...(await deployChat(args, () => withBuckets(asked))), asked };
}

const data = { kind: "bucket", name: "data", bucket: "acme-data", namespace: "chat" } as const;

describe("the volumes of a pod", () => {
  it("are claims, memory and the node's disk, each with its size", async () => {
    const { pod } = await serve({
      "/models": { volume: { kind: "claim", name: "models", claim: pulumi.output("models") } },
      "/dev/shm": { volume: { kind: "memory", name: "shm", size: "2Gi" } },
      "/cache": { volume: { kind: "nodeCache", name: "cache", size: "20Gi" } },
    });

    assert.deepEqual(pod("volumes"), [
      { name: "models", persistentVolumeClaim: { claimName: "models" } },
      { name: "shm", emptyDir: { medium: "Memory", sizeLimit: "2Gi" } },
      { name: "cache", emptyDir: { sizeLimit: "20Gi" } },
    ]);
  });

  it("ask the cloud for one access to a bucket, which writes if any container does", async () => {
    const { asked } = await serve({
      "/raw": { volume: data, folder: "raw" },
      "/out": { volume: data, folder: "out", write: true },
    });

    const access = { namespace: "chat", serviceAccount: "chat", bucket: "acme-data" };
    assert.deepEqual(asked, [["chat-data", { ...access, write: true }]]);
  });

  it("show the cloud's driver only the folder of a bucket that is mounted", async () => {
    const { asked } = await serve({ "/raw": { volume: data, folder: "raw" } });

    assert.equal(asked[0]?.[1].folder, "raw");
  });

  it("bring the volume and claim of a bucket, and the marks by which the cloud knows who mounts it", async () => {
    const { find, of, pod } = await serve({ "/raw": { volume: data } });

    const volume = find("kubernetes:core/v1:PersistentVolume", "chat-data-bucket");
    assert.equal(at(volume, "metadata.name"), "chat-chat-data-1");
    assert.equal(at(volume, "metadata.namespace"), undefined);
    const claim = find("kubernetes:core/v1:PersistentVolumeClaim", "chat-data-claim");
    assert.equal(at(claim, "metadata.name"), "chat-data-1");
    assert.equal(at(claim, "metadata.namespace"), "chat");
    assert.deepEqual(claim.options.dependsOn, [volume.resource]);
    assert.deepEqual(pod("volumes"), [
      { name: "data", persistentVolumeClaim: { claimName: "chat-data-1", readOnly: true } },
    ]);
    const account = find("kubernetes:core/v1:ServiceAccount", "chat-account");
    assert.deepEqual(at(account, "metadata.annotations"), { "cloud.example/role": "reader" });
    assert.deepEqual(account.options.dependsOn, [claim.resource]);
    const labels = of("spec.template.metadata.labels") as Record<string, string>;
    assert.equal(labels["cloud.example/use"], "true");
    assert.deepEqual(of("spec.template.metadata.annotations"), { "cloud.example/sidecar": "true" });
  });
});

describe("a bucket that a server reads itself", () => {
  it("gives its pods the access, its marks and nothing to mount", async () => {
    const asked: [string, BucketAccess][] = [];
    const bucketAccess = (name: string, access: BucketAccess): BucketGrant => {
      asked.push([name, access]);
      return {
        serviceAccountAnnotations: { "cloud.example/role": "reader" },
        podLabels: { "cloud.example/use": "true" },
        podAnnotations: {},
        dependsOn: [],
      };
    };
    const { find, of, pod } = await deployChat({ namespace: "chat", buckets: [data] }, () =>
      Object.assign(aCluster(), { bucketAccess }),
    );

    const access = { namespace: "chat", serviceAccount: "chat", bucket: "acme-data" };
    assert.deepEqual(asked, [["chat-data", { ...access, write: false }]]);
    assert.deepEqual(pod("volumes"), []);
    const account = find("kubernetes:core/v1:ServiceAccount", "chat-account");
    assert.deepEqual(at(account, "metadata.annotations"), { "cloud.example/role": "reader" });
    const labels = of("spec.template.metadata.labels") as Record<string, string>;
    assert.equal(labels["cloud.example/use"], "true");
  });
});

describe("a service that mounts a disk", () => {
  const mounts = {
    "/models": { volume: { kind: "claim", name: "models", claim: "models" } },
  } as const;
  const strategyPath = "spec.strategy.rollingUpdate";

  it("makes room before its next replica comes where the pool has other nodes than that of the disk, and warns", async () => {
    const { find, warnings } = await deployChat({ gpus: 1, mounts, surgeSlots: 3 });

    assert.deepEqual(at(find(deploymentType, "chat"), strategyPath), {
      maxSurge: 0,
      maxUnavailable: 1,
    });
    assert.match(warnings.join(), /one replica and no surge capacity.*It mounts a disk/);
  });
});
