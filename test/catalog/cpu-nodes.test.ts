import assert from "node:assert/strict";
import { roomOf, systemMachines } from "../../catalog/cpu-nodes";
import { at } from "../support/deploy";
import { deployAks } from "../support/aks";
import { deployEks, eksCpu } from "../support/eks";
import { deployGke } from "../support/gke";

describe("what a node leaves for pods", () => {
  it("is on GKE what its formula says, with what streaming images takes", () => {
    assert.deepEqual(roomOf("gke", systemMachines.gke), { millicores: 3920, memoryMiB: 12556 });
    // 0.25 x 4 + 0.2 x 4 + 0.1 x 8 + 0.06 x 112 + 0.02 x 22 GiB, and 0.4 times that.
    assert.equal(
      roomOf("gke", { vcpus: 1, memoryGiB: 150 }).memoryMiB,
      Math.floor((150 - 9.76 * 1.4) * 1024 - 100),
    );
  });

  it("is on EKS what nodeadm leaves on a machine of 29 pods", () =>
    assert.deepEqual(roomOf("eks", systemMachines.eks), {
      millicores: 1930,
      memoryMiB: 8192 - 255 - 11 * 29 - 100,
    }));

  it("is less on larger machines of EKS, whose nodes have addresses for more pods", () =>
    assert.deepEqual(roomOf("eks", eksCpu("m7i.2xlarge")), {
      millicores: 7910,
      memoryMiB: 32768 - 255 - 11 * 58 - 100,
    }));

  it("is on AKS what its table of cores and a quarter of the memory leave", () => {
    assert.deepEqual(roomOf("aks", systemMachines.aks), { millicores: 3860, memoryMiB: 12188 });
    assert.deepEqual(
      [1, 2, 4, 8, 16, 32, 64].map((vcpus) => {
        const { millicores } = roomOf("aks", { vcpus, memoryGiB: 64 });
        return vcpus * 1000 - millicores;
      }),
      [60, 100, 140, 180, 260, 420, 740],
    );
    assert.equal(roomOf("aks", { vcpus: 4, memoryGiB: 64 }).memoryMiB, 65536 - 5050 - 100);
  });
});

describe("the machines of a cluster's own nodes", () => {
  it("are those that the clusters are made with", async () => {
    const gke = (await deployGke()).find("gcp:container/nodePool:NodePool", "cluster-system");
    assert.equal(at(gke, "nodeConfig.machineType"), systemMachines.gke.name);

    const eks = await deployEks({ mode: "nodeGroups" });
    const group = eks.resources.find(
      (it) => it.type === "aws:eks/nodeGroup:NodeGroup" && /-system\b/.test(it.name),
    );
    assert.ok(group);
    assert.equal(at(group, "instanceTypes.0"), systemMachines.eks.name);

    const aks = await deployAks();
    const plain = aks.resources.find((it) => /^plain/.test(String(at(it, "agentPoolName"))));
    assert.ok(plain);
    assert.equal(at(plain, "vmSize"), systemMachines.aks.name);
  });
});
