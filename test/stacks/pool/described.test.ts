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
          { gpu: T4, gpusPerNode: 40, sharesPerGpu: 10, runtimeClass: nvidia, select: { pool: shared }, nodes: { max: 1 } }
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

describe("pods without GPUs and without a pool on an existing cluster", () => {
  const warnings = (pools: string) =>
    fromFile({
      "Pulumi.prod.yaml": `
        config:
          cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
          pools:
            l4: { gpu: L4, select: { pool: l4 }, nodes: { max: 1 } }
            small: { select: { pool: small }, nodes: { max: 4 }, offers: { cpu: 1930m, memory: 7Gi } }
            arm: { arch: arm64, select: { pool: arm }, nodes: { max: 4 }, offers: { cpu: 3920m, memory: 12Gi } }
            ${pools}
          services:
            api: { image: "api:v1", port: 8000, cpu: 1, memory: 7Gi }
            wide: { image: "api:v1", port: 8000, cpu: 6, memory: 8Gi }`,
    }).warnings;
  const asks = (what: string) =>
    `more than any described node has: its pods ask for ${what} with all their containers`;

  it("are told to be larger than all described nodes that they may run on", () => {
    const least = "for a whole pod: what a node of pool small leaves";
    const fix = "lower it, or describe nodes with room for it under pools";

    assert.deepEqual(warnings(""), [
      `Pulumi.prod.yaml, services.wide.cpu: ${asks("6000m")}; at most 1930m ${least} (6); ${fix}`,
      `Pulumi.prod.yaml, services.wide.memory: ${asks("8192Mi")}; at most 7168Mi ${least} ("8Gi"); ${fix}`,
    ]);
  });

  it("are told of a described pool that holds them, and takes only pods that name it", () => {
    const [cpu] = warnings(
      'big: { select: { pool: big }, taints: ["big:NoSchedule"], nodes: { max: 4 }, offers: { cpu: 8, memory: 28Gi } }',
    );

    assert.match(cpu ?? "", /; lower it, or run it on a pool of larger nodes: pool: big$/);
  });

  it("may be on nodes that hold them, or of which nobody says what they leave", () => {
    const open = "open: { select: { pool: open }, nodes: { max: 4 }";

    assert.deepEqual(warnings(`${open}, offers: { cpu: 8, memory: 28Gi } }`), []);
    assert.deepEqual(warnings(`${open} }`), []);
  });
});
