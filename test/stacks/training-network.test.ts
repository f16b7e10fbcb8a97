import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { buildEnvironment } from "../../stacks/environment";
import { at, deploy } from "../support/deploy";
import { fromFile } from "./stack-files";

/** The job of a team, which names neither cloud nor network. */
const team = {
  "teams/llm.yaml": `
    jobs:
      finetune:
        { image: "finetune:v1", command: [torchrun, train.py], workers: 4, gpus: 8, pool: train, timeout: 48h }`,
};

/** What the workers of the job are asked to be near by, and what they ask for, on a cloud and on another stack's cluster there. */
async function workersOn(cluster: string, pool: string) {
  const stack = (of: string) =>
    fromFile({ "Pulumi.prod.yaml": `config: { ${of}, include: [teams/llm.yaml] }`, ...team });
  const direct = await deploy(() => {
    pulumi.runtime.setConfig("gcp:project", "acme-ml");
    return buildEnvironment(
      stack(`gcp:project: acme-ml, cluster: { ${cluster} }, pools: { train: { ${pool} } }`),
    );
  });
  const other = { ...direct.result.cluster, kubeconfig: "text" };
  const elsewhere = stack("cluster: { kind: existing, stack: acme/gpu-serving/prod }");
  const there = await deploy(() => buildEnvironment(elsewhere, other));
  return [direct, there].map((run) => {
    const job = run.find("kubernetes:batch/v1:Job", "finetune");
    const required = "requiredDuringSchedulingIgnoredDuringExecution";
    return {
      near: at(job, `spec.template.spec.affinity.podAffinity.${required}[0].topologyKey`),
      limits: at(job, "spec.template.spec.containers[0].resources.limits"),
    };
  });
}

describe("a job on several workers, from the same file on every cloud", function () {
  this.slow(60_000);
  const zone = "topology.kubernetes.io/zone";

  for (const [kind, cluster, pool, near, network] of [
    [
      "gke",
      "region: us-central1",
      "machine: a3-megagpu-8g, zones: [us-central1-a], network: compact",
      "cloud.google.com/gke-nodepool",
      {},
    ],
    [
      "eks",
      "region: us-east-1, mode: nodeGroups, access: [203.0.113.0/24]",
      "machine: p5.48xlarge, zones: [us-east-1a], network: fast",
      zone,
      { "vpc.amazonaws.com/efa": "32", "hugepages-2Mi": "5368709120" },
    ],
    [
      "aks",
      "region: eastus",
      'machine: Standard_ND96isr_H100_v5, zones: ["1"], network: compact',
      zone,
      {},
    ],
  ] as const) {
    it(`runs close together and asks for the network that the pool has on ${kind}`, async () => {
      const asked = { near, limits: { "nvidia.com/gpu": "8", ...network } };
      const workers = await workersOn(`kind: ${kind}, ${cluster}`, `${pool}, nodes: { max: 4 }`);

      assert.deepEqual(workers, [asked, asked]);
    });
  }
});
