import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describedPool, type DescribedPool } from "../../../components/cluster/described-pool";
import { aCluster, deployChat, l4 } from "../../support/clusters";
import { at, deploy } from "../../support/deploy";

const nodes = { select: { "example.com/pool": "it" }, nodes: { min: 1, max: 4 } };
const placed = (pool: Partial<DescribedPool>) => describedPool("it", { ...nodes, ...pool });

describe("a pool of an existing cluster", () => {
  it("offers NVIDIA's GPUs by their usual resource, with the memory that the catalog knows", () => {
    const { gpuMemoryGiB, resource, gpusPerNode, gpusPerPod } = placed({ gpu: "L4" });

    assert.deepEqual([gpuMemoryGiB, resource, gpusPerNode, gpusPerPod], [22.4, undefined, 1, 1]);
  });

  it("offers GPUs of any name and any vendor", () => {
    const mi300x = { gpu: "MI300X", resource: "amd.com/gpu", gpuMemoryGiB: 192, gpusPerNode: 8 };
    const { tolerations, capacityTypes, ...pool } = placed(mi300x);

    assert.deepEqual(pool, {
      ...{ name: "it", ...mi300x, gpusPerPod: 8, maxNodes: 4, untainted: true },
      nodeSelector: { "example.com/pool": "it" },
    });
    assert.deepEqual(tolerations, [
      { key: "amd.com/gpu", operator: "Exists", effect: "NoSchedule" },
    ]);
    assert.equal(capacityTypes[0]?.capacity, "on-demand");
  });

  it("gives a pod one slice of MIG, whose memory is in its name", () => {
    const mig = placed({ gpu: "H100", resource: "nvidia.com/mig-1g.10gb", gpusPerNode: 56 });

    assert.deepEqual([mig.gpusPerNode, mig.gpusPerPod, mig.gpuMemoryGiB], [56, 1, 10]);
    // Nodes keep the taint of whole GPUs.
    assert.deepEqual(
      mig.tolerations.map(({ key }) => key),
      ["nvidia.com/gpu", "nvidia.com/mig-1g.10gb"],
    );
  });

  it("gives a pod as many shares as it says", () => {
    const shared = placed({ resource: "nvidia.com/gpu.shared", gpusPerNode: 384, gpusPerPod: 1 });

    assert.deepEqual([shared.gpusPerNode, shared.gpusPerPod], [384, 1]);
    assert.deepEqual([shared.gpuMemoryGiB, shared.shares], [undefined, undefined]);
  });

  it("gives a pod one share and its part of the memory where it says how many one GPU has", () => {
    const shared = placed({ gpu: "L4", gpusPerNode: 8, sharesPerGpu: 4 });
    const { gpuMemoryGiB: whole = 0 } = placed({ gpu: "L4" });

    assert.deepEqual([shared.gpusPerNode, shared.gpusPerPod, shared.shares], [8, 1, 4]);
    assert.equal(shared.gpuMemoryGiB, whole / 4);
    assert.equal(placed({ gpu: "L4", sharesPerGpu: 4 }).gpusPerNode, 4);
    assert.equal(placed({ gpu: "H100", resource: "nvidia.com/mig-1g.10gb" }).shares, 1);
  });

  it("has no GPUs where it names none", () => {
    const room = { millicores: 7910, memoryMiB: 28_000 };
    const taints = [{ key: "team", value: "ml", effect: "NoSchedule" as const }];

    assert.deepEqual(placed({ room, taints }), {
      ...{ name: "it", gpusPerNode: 0, gpusPerPod: 0, room, maxNodes: 4 },
      nodeSelector: { "example.com/pool": "it" },
      tolerations: [{ key: "team", operator: "Equal", value: "ml", effect: "NoSchedule" }],
      capacityTypes: [{ capacity: "on-demand", notice: 0, provisionTime: 900, maxNodes: 4 }],
    });
  });

  it("is untainted unless a taint is described that keeps pods off", () => {
    const [soft, hard] = (["PreferNoSchedule", "NoExecute"] as const).map((effect) =>
      placed({ taints: [{ key: "team", effect }] }),
    );

    assert.deepEqual(
      [placed({}).untainted, soft?.untainted, hard?.untainted],
      [true, true, undefined],
    );
  });

  it("tolerates the taints of spot nodes, which go at short notice", () => {
    const { tolerations, capacityTypes } = placed({ spot: true });

    assert.deepEqual(tolerations, [
      {
        ...{ key: "kubernetes.azure.com/scalesetpriority", operator: "Equal", value: "spot" },
        effect: "NoSchedule",
      },
      {
        ...{ key: "cloud.google.com/gke-spot", operator: "Equal", value: "true" },
        effect: "NoSchedule",
      },
    ]);
    assert.deepEqual(capacityTypes, [
      { capacity: "spot", notice: 30, provisionTime: 900, maxNodes: 4 },
    ]);
  });

  it("selects its architecture, and tolerates GKE's taint of ARM nodes", () => {
    const arm = placed({ arch: "arm64" });

    assert.deepEqual(arm.nodeSelector, { "example.com/pool": "it", "kubernetes.io/arch": "arm64" });
    assert.deepEqual(arm.tolerations, [
      { key: "kubernetes.io/arch", operator: "Equal", value: "arm64", effect: "NoSchedule" },
    ]);
    assert.deepEqual(placed({ arch: "amd64" }).tolerations, []);
  });

  it("rejects what its nodes cannot have", async () => {
    await assert.rejects(
      deploy(() => aCluster({ pools: { it: { ...nodes, gpu: "Gaudi 3" } } })),
      (error) =>
        pulumi.ResourceError.isInstance(error) &&
        /^cluster: pools\.it\.gpu: not a GPU of the catalog, and its memory is not said, got "Gaudi 3"; .* To fix it, say the memory of one GPU, for example gpuMemory: 24Gi\.$/.test(
          error.message,
        ),
    );
  });
});

describe("pods on a pool of an existing cluster", () => {
  it("ask for its resource, with its RuntimeClass, on its nodes", async () => {
    const amd = { ...nodes, resource: "amd.com/gpu", gpusPerNode: 8, runtimeClass: "amd" };
    const { pod, container } = await deployChat({ gpus: 2 }, { pools: { amd, l4 } });

    assert.deepEqual(container("resources.limits"), { "amd.com/gpu": "2" });
    assert.equal(pod("runtimeClassName"), "amd");
    assert.deepEqual(pod("nodeSelector"), { "example.com/pool": "it" });
    assert.deepEqual(pod("tolerations"), [
      { key: "amd.com/gpu", operator: "Exists", effect: "NoSchedule" },
    ]);
  });

  it("without GPUs ask for none, on nodes without any", async () => {
    const taints = [{ key: "batch", effect: "NoSchedule" as const }];
    const cpu = { ...nodes, taints };
    const { pod, container } = await deployChat({ pool: "cpu" }, { pools: { cpu, l4 } });

    assert.deepEqual(container("resources.limits"), {});
    assert.deepEqual(pod("nodeSelector"), { "example.com/pool": "it" });
    assert.deepEqual(pod("tolerations"), [
      { key: "batch", operator: "Exists", effect: "NoSchedule" },
    ]);
    assert.equal(pod("runtimeClassName"), undefined);
  });
});

describe("the device plugin of an existing cluster", () => {
  it("runs with the RuntimeClass of its pools, on those of NVIDIA's whole GPUs alone", async () => {
    const k3s = { ...l4, runtimeClass: "nvidia", spot: true };
    const amd = { ...nodes, resource: "amd.com/gpu" };
    const pools = { k3s, amd, cpu: { ...nodes, select: { "example.com/pool": "cpu" } } };
    const { find } = await deploy(() => aCluster({ pools, devicePlugin: true }));
    const plugin = find("kubernetes:apps/v1:DaemonSet", "cluster-device-plugin");
    const spec = (path: string) => at(plugin, `spec.template.spec.${path}`);

    assert.equal(spec("runtimeClassName"), "nvidia");
    const terms =
      "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
    assert.deepEqual(spec(terms), [
      {
        matchExpressions: [
          { key: "example.com/pool", operator: "In", values: ["l4"] },
          { key: "nvidia.com/device-plugin.config", operator: "DoesNotExist" },
        ],
      },
    ]);
    assert.deepEqual(
      (spec("tolerations") as { key: string }[]).map(({ key }) => key),
      ["nvidia.com/gpu", "kubernetes.azure.com/scalesetpriority", "cloud.google.com/gke-spot"],
    );
  });
});
