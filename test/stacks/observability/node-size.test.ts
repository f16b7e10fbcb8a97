import assert from "node:assert/strict";
import { bytes } from "../../../values/units";
import { millicores } from "../../../catalog/cpu";
import { roomOf } from "../../../catalog/cpu-nodes";
import { systemPoolOf } from "../../../components/clouds/system-pool";
import { fits } from "../../../components/workload/spare";
import { buildEnvironment } from "../../../stacks/environment";
import { at, deploy } from "../../support/deploy";
import { fromFile, refusal } from "../stack-files";

const clusters = {
  gke: "{ kind: gke, region: us-central1, access: [203.0.113.0/24] }",
  eks: "{ kind: eks, region: us-east-1, access: [203.0.113.0/24] }",
  aks: "{ kind: aks, region: westeurope, access: [203.0.113.0/24] }",
  existing: "{ kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }",
};
const project = { gke: "\n  gcp:project: acme-ml", eks: "", aks: "", existing: "" };
const gpus = {
  managed: "gpus: { gpu: T4, nodes: { max: 2 } }",
  existing:
    "l4: { gpu: L4, select: { pool: l4 }, taints: ['gpu=true:NoSchedule'], nodes: { max: 2 } }",
};

function stackOf(kind: keyof typeof clusters, memory: string, more = "") {
  const pool = kind === "existing" ? gpus.existing : gpus.managed;
  return fromFile({
    "Pulumi.prod.yaml": `config:${project[kind]}
  cluster: ${clusters[kind]}
  pools: { ${pool}${more} }
  observability: { memory: ${memory} }
`,
  });
}
const said = (...of: Parameters<typeof stackOf>) => refusal(() => stackOf(...of));

describe("the memory of Prometheus", () => {
  for (const [kind, machine] of [
    ["gke", "e2-standard-4"],
    ["eks", "m7i.large"],
    ["aks", "Standard_D4ds_v5"],
  ] as const) {
    const { memoryMiB } = roomOf(kind, systemPoolOf(kind).machine);

    it(`is at most what a node without GPUs leaves: ${kind}`, () => {
      assert.equal(said(kind, `${memoryMiB}Mi`), "nothing was refused");
      assert.match(
        said(kind, `${memoryMiB + 1}Mi`),
        new RegExp(
          `observability\\.memory: more than any node has[^]*at most ${memoryMiB}Mi: what one of the cluster's own nodes \\(${machine}\\) leaves`,
        ),
      );
    });
  }

  it("may be what the nodes of a pool leave that is open to all", () => {
    const larger = ", cpu: { machine: m7i.2xlarge, nodes: { max: 2 } }";
    assert.match(said("eks", "20Gi"), /more than any node has/);
    assert.equal(said("eks", "20Gi", larger), "nothing was refused");
  });

  it("is only warned of on a cluster that exists, which may have other nodes", () => {
    const small =
      ", cpu: { select: { pool: cpu }, nodes: { max: 2 }, offers: { cpu: 2, memory: 4Gi } }";
    const { warnings } = stackOf("existing", "20Gi", small);
    assert.match(warnings.join("\n"), /observability\.memory: more than any described node has/);
    assert.deepEqual(stackOf("existing", "20Gi").warnings, []);
  });
});

describe("the pods of monitoring, KEDA and the controller of LeaderWorkerSets", () => {
  it("fit on one half of the nodes that each cloud's cluster always has", async () => {
    const stack = fromFile({
      "Pulumi.prod.yaml": `config:
  cluster: ${clusters.existing}
  pools: { ${gpus.existing} }
  observability: true
  autoscaling: { keda: install }
  leaderWorkerSet: install
`,
    });
    const { resources } = await deploy(() => buildEnvironment({ ...stack, secrets: {} }));
    const pods = resources
      .filter(({ type }) => /apps\/v1:(Deployment|StatefulSet)$/.test(type))
      .map((resource) => {
        const requests = at(resource, "spec.template.spec.containers.0.resources.requests");
        const { cpu, memory } = requests as { cpu: string; memory: string };
        return { gpus: 0, cpu: millicores(cpu), memory: bytes(memory), count: 1 };
      });
    assert.equal(pods.length, 6);
    for (const kind of ["gke", "eks", "aks"] as const) {
      const { machine, nodes } = systemPoolOf(kind);
      const { millicores: cpu, memoryMiB } = roomOf(kind, machine);
      const half = { millicores: cpu / 2, memoryMiB: memoryMiB / 2 };
      assert.ok(fits({ maxNodes: nodes.min, gpusPerNode: 0, room: half }, pods), kind);
    }
  });

  it("tolerate no taint of GPU nodes", async () => {
    const stack = stackOf("existing", "2Gi");
    const { resources } = await deploy(() => buildEnvironment({ ...stack, secrets: {} }));
    for (const resource of resources) {
      if (!/apps\/v1:(Deployment|StatefulSet)$/.test(resource.type)) continue;
      assert.equal(at(resource, "spec.template.spec.tolerations"), undefined, resource.name);
    }
  });
});
