import assert from "node:assert/strict";
import type { GpuName } from "../../catalog/gpus";
import { migProfiles, offeredGpus } from "../../catalog/sharing";
import { gkeMachine } from "../support/gke";

const two = (gpu: GpuName, gpuMemoryGiB: number) => ({ gpu, gpusPerNode: 2, gpuMemoryGiB });

describe("the GPUs that a node offers", () => {
  it("are those of the machine where nothing is shared", () => {
    assert.deepEqual(offeredGpus(two("L4", 22.4)), {
      gpusPerNode: 2,
      gpusPerPod: 2,
      gpuMemoryGiB: 22.4,
    });
  });

  it("are one for each pod that takes a turn, which can count on its part of the memory", () => {
    assert.deepEqual(offeredGpus(two("L4", 22.4), { kind: "time-slicing", clients: 4 }), {
      gpusPerNode: 8,
      gpusPerPod: 1,
      gpuMemoryGiB: 5.6,
      shares: 4,
    });
  });

  it("are the slices that a profile cuts", () => {
    assert.deepEqual(offeredGpus(two("A100-80", 80), { kind: "mig", profile: "1g.10gb" }), {
      gpusPerNode: 14,
      gpusPerPod: 1,
      gpuMemoryGiB: 10,
      shares: 1,
    });
  });

  it("differ by GPU for the same profile", () => {
    const slices = (["A100", "H100", "H200"] as const).map(
      (gpu) => offeredGpus(two(gpu, 40), { kind: "mig", profile: "1g.10gb" })?.gpusPerNode,
    );
    assert.deepEqual(slices, [8, 14, undefined]);
  });

  it("are none on GKE for a profile that its partitioner cuts differently, or that its device plugin does not know", () => {
    const cut = (name: string, profile: string) =>
      offeredGpus(gkeMachine(name), { kind: "mig", profile })?.gpusPerNode;

    assert.equal(cut("a2-highgpu-1g", "1g.5gb"), 7);
    assert.equal(cut("a2-highgpu-1g", "1g.10gb"), undefined);
    assert.equal(cut("a2-ultragpu-1g", "1g.10gb"), 7);
    assert.equal(cut("a2-ultragpu-1g", "1g.20gb"), undefined);
    assert.equal(cut("a3-highgpu-1g", "1g.20gb"), 4);
    assert.deepEqual(migProfiles("A100", "gke"), ["1g.5gb", "2g.10gb", "3g.20gb", "7g.40gb"]);
    assert.ok(!migProfiles("H100", "gke").includes("4g.40gb"));
    assert.ok(migProfiles("H100", "aks").includes("4g.40gb"));
  });

  it("never have more memory than the whole GPU", () => {
    const whole = offeredGpus(two("B200", 179.1), { kind: "mig", profile: "7g.180gb" });
    assert.equal(whole?.gpuMemoryGiB, 179.1);
  });

  it("are not cut where the GPU has no MIG", () => {
    assert.deepEqual(migProfiles("L4"), []);
    assert.equal(offeredGpus(two("L4", 22.4), { kind: "mig", profile: "1g.10gb" }), undefined);
  });

  it("are cut by the profiles that NVIDIA lists", () => {
    assert.deepEqual(migProfiles("H100-NVL"), [
      "1g.12gb",
      "1g.24gb",
      "2g.24gb",
      "3g.47gb",
      "4g.47gb",
      "7g.94gb",
    ]);
    assert.deepEqual(migProfiles("RTX-PRO-6000"), ["1g.24gb", "2g.48gb", "4g.96gb"]);
  });
});
