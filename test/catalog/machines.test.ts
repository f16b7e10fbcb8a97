import assert from "node:assert/strict";
import { gpuMemoryGiB } from "../../catalog/gpus";
import {
  cheapestMachine,
  cpuMachine,
  cpuMachines,
  machine,
  machines,
} from "../../catalog/machines";

describe("the catalog of machines", () => {
  it("has the NVIDIA machines of the three clouds", () => {
    const counts = ["gke", "eks", "aks"].map(
      (cloud) => machines.filter((one) => one.cloud === cloud).length,
    );
    assert.deepEqual(counts, [42, 58, 30]);
  });

  it("has each machine once for each number of GPUs", () => {
    const keys = machines.map(({ cloud, name, gpusPerNode }) => `${cloud} ${name} ${gpusPerNode}`);
    assert.deepEqual(
      keys.filter((key, place) => keys.indexOf(key) !== place),
      [],
    );
  });

  it("states prices, sizes and shares that can be", () => {
    for (const one of machines) {
      const { name, usdPerHour = 1, usdPerHourSpot = 0, gpuFraction } = one;
      assert.ok(usdPerHour > 0 && usdPerHour < 200, name);
      assert.ok(usdPerHourSpot < usdPerHour, name);
      assert.ok(gpuFraction > 0 && gpuFraction <= 1, name);
      assert.ok(one.gpuMemoryGiB <= gpuMemoryGiB[one.gpu] * gpuFraction, name);
      assert.ok(one.vcpus > 0 && one.memoryGiB > 0 && one.gpusPerNode > 0, name);
    }
  });

  it("has machines without GPUs, each name once and none of a machine with GPUs", () => {
    const counts = ["gke", "eks", "aks"].map(
      (cloud) => cpuMachines.filter((one) => one.cloud === cloud).length,
    );
    assert.deepEqual(counts, [175, 254, 133]);
    const names = cpuMachines.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.ok(cpuMachines.every(({ cloud, name }) => machine(cloud, name) === undefined));
  });

  it("works out the size and price of machines without GPUs from those of their family", () => {
    assert.deepEqual(cpuMachine("eks", "m7i.2xlarge"), {
      ...{ cloud: "eks", name: "m7i.2xlarge", gpusPerNode: 0, vcpus: 8, memoryGiB: 32 },
      ...{ arch: "amd64", pods: 58, soldOnlyAs: ["on-demand", "spot", "reserved"] },
      ...{ usdPerHour: 0.4032, priceRegion: "us-east-1" },
    });
    const { usdPerHour, usdPerHourSpot } = cpuMachine("gke", "e2-standard-4") ?? {};
    assert.deepEqual([usdPerHour, usdPerHourSpot], [0.13402, 0.08042]);
    assert.equal(cpuMachine("aks", "standard_d4DS_V5")?.usdPerHour, 0.226);
    const arm = ["m7g.large", "t4g.xlarge"].map((name) => cpuMachine("eks", name)?.arch);
    assert.deepEqual(arm, ["arm64", "arm64"]);
    assert.deepEqual(
      ["t3.large", "t3.xlarge", "c5.9xlarge", "r7a.48xlarge"].map((name) => {
        const { vcpus, memoryGiB, pods } = cpuMachine("eks", name) ?? {};
        return [vcpus, memoryGiB, pods];
      }),
      [
        [2, 8, 35],
        [4, 16, 58],
        [36, 72, 234],
        [192, 1536, 737],
      ],
    );
  });

  it("names the accelerator of every machine on Google Cloud, and of no other", () => {
    const named = machines.filter(({ acceleratorType }) => acceleratorType !== undefined);
    assert.deepEqual(
      named,
      machines.filter(({ cloud }) => cloud === "gke"),
    );
  });

  it("knows the network cards with EFA of every machine that has some, and of no other", () => {
    for (const { cloud, name, gpusPerNode, net = "", efa } of machines) {
      const stated = /EFAx(\d+)/.exec(net)?.[1];
      const one = cloud === "eks" && / EFA\b/.test(net) ? gpusPerNode : undefined;
      assert.equal(efa?.length, stated ? Number(stated) : one, name);
    }
    assert.deepEqual(machine("eks", "p6-b300.48xlarge")?.efa?.[0], 1);
  });

  it("tells a machine by its name", () => {
    assert.deepEqual(machine("eks", "g6.xlarge"), {
      cloud: "eks",
      name: "g6.xlarge",
      gpu: "L4",
      gpusPerNode: 1,
      gpuMemoryGiB: 22.4,
      gpuFraction: 1,
      vcpus: 4,
      memoryGiB: 16,
      usdPerHour: 0.8048,
      priceRegion: "us-east-1",
      arch: "amd64",
      nvmeGB: 250,
      net: "2.5Gbps",
    });
  });

  it("tells machines of one name apart by their GPUs, and takes the fewest otherwise", () => {
    const prices = [undefined, 1, 2, 4].map(
      (gpus) => machine("gke", "n1-standard-8", gpus)?.usdPerHour,
    );
    assert.deepEqual(prices, [0.73, 0.73, 1.08, undefined]);
  });

  it("knows a name on its own cloud alone, on Azure in any case", () => {
    assert.equal(machine("gke", "g6.xlarge"), undefined);
    assert.equal(machine("eks", "G6.xlarge"), undefined);
    assert.equal(machine("aks", "standard_nc4as_t4_V3")?.name, "Standard_NC4as_T4_v3");
  });

  it("chooses the cheapest machine with whole GPUs", () => {
    const chosen = (["gke", "eks", "aks"] as const).map((cloud) =>
      (["T4", "L4", "A100-80", "H100", "RTX-PRO-6000"] as const).map(
        (gpu) => cheapestMachine(cloud, gpu)?.name,
      ),
    );
    assert.deepEqual(chosen, [
      ["n1-standard-4", "g2-standard-4", "a2-ultragpu-1g", "a3-highgpu-1g", "g4-standard-48"],
      ["g4dn.xlarge", "g6.xlarge", "p4de.24xlarge", "p5.4xlarge", "g7e.2xlarge"],
      [
        "Standard_NC4as_T4_v3",
        undefined,
        "Standard_NC24ads_A100_v4",
        "Standard_ND96isr_H100_v5",
        "Standard_NC144ds_xl_RTXPRO6000BSE_v6",
      ],
    ]);
  });

  it("chooses the cheapest machine with that many GPUs", () => {
    assert.equal(cheapestMachine("eks", "L4", 4)?.name, "g6.12xlarge");
    assert.equal(cheapestMachine("eks", "L4", 2), undefined);
  });

  it("chooses a machine without a list price where there is no other", () => {
    assert.equal(cheapestMachine("gke", "GB300")?.name, "a4x-maxgpu-4g-metal");
    assert.equal(cheapestMachine("eks", "H200")?.name, "p5en.48xlarge");
  });
});
