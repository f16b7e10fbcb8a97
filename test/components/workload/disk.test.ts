import assert from "node:assert/strict";
import { clusterOfStack } from "../../../components/cluster/shared";
import { Disk, type DiskArgs } from "../../../components/workload/disk";
import { aCluster } from "../../support/clusters";
import { at, deploy, valueOf } from "../../support/deploy";

const claimType = "kubernetes:core/v1:PersistentVolumeClaim";

function deployDisk(args: Partial<DiskArgs> = {}) {
  return deploy(
    () => new Disk("models", { cluster: aCluster(), namespace: "chat", size: "50Gi", ...args }),
  );
}

describe("a disk", () => {
  it("is a claim of its name and size that one node mounts", async () => {
    const { find, result } = await deployDisk();
    const claim = find(claimType, "models-disk");

    assert.equal(at(claim, "metadata.name"), "models");
    assert.equal(at(claim, "metadata.namespace"), "chat");
    assert.deepEqual(at(claim, "spec"), {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "50Gi" } },
    });
    assert.equal(await valueOf(result.claim), "models");
  });

  it("has the class that the cluster names", async () => {
    const cluster = () => Object.assign(aCluster(), { diskStorageClass: "fast" });
    const run = await deploy(
      () => new Disk("models", { cluster: cluster(), namespace: "chat", size: "50Gi" }),
    );

    assert.equal(at(run.find(claimType, "models-disk"), "spec.storageClassName"), "fast");
  });

  it("is left where it is on another stack's cluster, too", async () => {
    const { find } = await deploy(() => {
      const args = { kubeconfig: "", pools: {}, loadBalancers: {}, namespaceLabels: {} };
      const cluster = clusterOfStack("cluster", args);
      return new Disk("models", { cluster, namespace: "chat", size: "50Gi" });
    });

    assert.equal(find(claimType, "models-disk").options.retainOnDelete, true);
  });

  it("is left where it is when its stack goes, and never made anew for another class", async () => {
    const claim = (await deployDisk()).find(claimType, "models-disk");

    assert.equal(claim.options.retainOnDelete, true);
    assert.equal(claim.options.protect, undefined);
    assert.deepEqual(at(claim, "metadata.annotations"), { "gpu-serving/keep": "models" });
    assert.deepEqual(claim.options.ignoreChanges, ["spec.storageClassName"]);
  });

  it("keeps a cluster from going that its stack makes, because it would go with it", async () => {
    const { find } = await deploy(() => {
      const cluster = Object.assign(aCluster(), { outlivesStack: false });
      return new Disk("models", { cluster, namespace: "chat", size: "50Gi" });
    });
    const claim = find(claimType, "models-disk");

    assert.equal(claim.options.protect, true);
    assert.equal(claim.options.retainOnDelete, undefined);
  });

  it("goes with its entry where it is not kept", async () => {
    for (const outlivesStack of [true, false]) {
      const { find } = await deploy(() => {
        const cluster = Object.assign(aCluster(), { outlivesStack });
        return new Disk("models", { cluster, namespace: "chat", size: "50Gi", keep: false });
      });
      const claim = find(claimType, "models-disk");

      assert.ok(!claim.options.protect);
      assert.ok(!claim.options.retainOnDelete);
      assert.equal(at(claim, "metadata.annotations"), undefined);
    }
  });

  it("hands its provider to every child", async () => {
    const { resources } = await deployDisk();

    for (const { type, provider } of resources.filter(
      (it) => it.type !== "pulumi:providers:kubernetes",
    ))
      assert.match(provider, /::cluster::/, type);
  });
});
