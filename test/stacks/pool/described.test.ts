import assert from "node:assert/strict";
import { describedArgs } from "../../../stacks/pool/described";
import { buildEnvironment } from "../../../stacks/environment";
import { at, deploy } from "../../support/deploy";
import { fromFile } from "../stack-files";

const stack = fromFile({
  "Pulumi.prod.yaml": `
    config:
      cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
      pools:
        slices:
          { gpu: H100, resource: nvidia.com/mig-1g.10gb, gpusPerNode: 56, select: { pool: slices }, nodes: { max: 1 } }
        amd:
          { gpu: MI300X, resource: amd.com/gpu, gpuMemory: 192Gi, gpusPerNode: 8, select: { pool: amd }, nodes: { max: 2 } }
        shared:
          { gpu: T4, gpusPerNode: 40, gpusPerPod: 1, runtimeClass: nvidia, select: { pool: shared }, nodes: { max: 1 } }
        cpu:
          select: { pool: cpu }
          taints: ["batch=true:NoSchedule"]
          spot: true
          arch: arm64
          offers: { cpu: 7910m, memory: 28Gi }
          nodes: { max: 4 }
      services:
        embed: { image: "embed:v1", gpus: 1, pool: slices, replicas: 56 }
        vision: { image: "vision:v1", gpus: 1, pool: shared, replicas: 40 }
      jobs:
        train: { image: "train:v1", command: [python3, train.py], gpus: 8, pool: amd, workers: 2 }
        clean: { image: "clean:v1", pool: cpu }`,
});

describe("a stack on pools of an existing cluster", () => {
  it("has all that the file says of them, memory and CPU as numbers", () => {
    assert.ok(stack.cluster.kind === "existing");
    const { amd, cpu } = stack.cluster.pools;
    assert.ok(amd && cpu);

    assert.equal(describedArgs(amd).gpuMemoryGiB, 192);
    assert.deepEqual(describedArgs(cpu).room, { millicores: 7910, memoryMiB: 28 * 1024 });
  });

  it("makes pods that ask for what their pool offers, and run on its nodes", async () => {
    const { find } = await deploy(() => buildEnvironment(stack));
    const pods = (type: string, name: string) => {
      const of = (path: string) => at(find(type, name), `spec.template.spec.${path}`);
      return {
        limits: of("containers[0].resources.limits"),
        nodes: of("nodeSelector"),
        tolerated: (of("tolerations") as { key: string }[]).map(({ key }) => key),
        runtimeClass: of("runtimeClassName"),
      };
    };
    const [deployment, job] = ["kubernetes:apps/v1:Deployment", "kubernetes:batch/v1:Job"] as const;

    assert.deepEqual(pods(deployment, "embed"), {
      limits: { "nvidia.com/mig-1g.10gb": "1" },
      nodes: { pool: "slices" },
      tolerated: ["nvidia.com/gpu", "nvidia.com/mig-1g.10gb"],
      runtimeClass: undefined,
    });
    assert.deepEqual(pods(deployment, "vision"), {
      limits: { "nvidia.com/gpu": "1" },
      nodes: { pool: "shared" },
      tolerated: ["nvidia.com/gpu"],
      runtimeClass: "nvidia",
    });
    assert.deepEqual(pods(job, "train"), {
      limits: { "amd.com/gpu": "8" },
      nodes: { pool: "amd" },
      tolerated: ["amd.com/gpu"],
      runtimeClass: undefined,
    });
    assert.deepEqual(pods(job, "clean"), {
      limits: {},
      nodes: { pool: "cpu", "kubernetes.io/arch": "arm64" },
      tolerated: [
        ...["batch", "kubernetes.azure.com/scalesetpriority"],
        ...["cloud.google.com/gke-spot", "kubernetes.io/arch"],
      ],
      runtimeClass: undefined,
    });
  });
});
