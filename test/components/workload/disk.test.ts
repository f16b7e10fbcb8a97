import assert from "node:assert/strict";
import type { Cluster } from "../../../components/cluster/cluster";
import { clusterOfStack } from "../../../components/cluster/shared";
import { Disk, type DiskArgs } from "../../../components/workload/disk";
import { aCluster } from "../../support/clusters";
import { at, deploy, homesOf, valueOf } from "../../support/deploy";

async function deployDisk(args: Partial<DiskArgs> = {}, clusterIs: Partial<Cluster> = {}) {
  const run = await deploy(() => {
    const cluster = Object.assign(aCluster(), clusterIs);
    return new Disk("models", { cluster, namespace: "chat", size: "50Gi", ...args });
  });
  return { ...run, claim: run.find("kubernetes:core/v1:PersistentVolumeClaim", "models-disk") };
}

describe("a disk", () => {
  it("is a claim of its name and size that one node mounts, never made anew for another class", async () => {
    const run = await deployDisk();
    const { claim, result } = run;

    assert.equal(at(claim, "metadata.name"), "models");
    assert.equal(at(claim, "metadata.namespace"), "chat");
    assert.deepEqual(at(claim, "spec"), {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "50Gi" } },
    });
    assert.deepEqual(claim.options.ignoreChanges, ["spec.storageClassName"]);
    assert.equal(await valueOf(result.claim), "models");
    assert.equal(await valueOf(result.volume), "pvc-0123");
    assert.deepEqual(homesOf(run), ["cluster"]);
  });

  it("has the class that it says, or else that of its cluster", async () => {
    const cluster = { diskStorageClass: "fast" };
    const own = await deployDisk({ storageClass: "own" }, cluster);

    assert.equal(at(own.claim, "spec.storageClassName"), "own");
    assert.equal(at((await deployDisk({}, cluster)).claim, "spec.storageClassName"), "fast");
  });

  for (const [claim, args, outlivesStack, retainOnDelete, protect] of [
    ["is left where it is when its stack goes", {}, true, true, undefined],
    ["keeps a cluster from going that its stack makes", {}, false, undefined, true],
    ["goes with its entry where it is not kept", { keep: false }, true, false, undefined],
    ["goes with its entry and its cluster, too", { keep: false }, false, undefined, false],
  ] as const) {
    it(claim, async () => {
      const { options, inputs } = (await deployDisk(args, { outlivesStack })).claim;

      assert.deepEqual([options.retainOnDelete, options.protect], [retainOnDelete, protect]);
      const kept = "keep" in args ? undefined : { "gpu-serving/keep": "models" };
      assert.deepEqual(at({ inputs }, "metadata.annotations"), kept);
    });
  }

  it("is left where it is on another stack's cluster, too", async () => {
    const { find } = await deploy(() => {
      const args = { kubeconfig: "", pools: {}, loadBalancers: {}, namespaceLabels: {} };
      const cluster = clusterOfStack("cluster", args);
      return new Disk("models", { cluster, namespace: "chat", size: "50Gi" });
    });

    const claim = find("kubernetes:core/v1:PersistentVolumeClaim", "models-disk");
    assert.equal(claim.options.retainOnDelete, true);
  });
});
