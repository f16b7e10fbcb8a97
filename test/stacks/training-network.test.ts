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
        image: "finetune:v1"
        command: [torchrun, train.py]
        workers: 4
        gpus: 8
        pool: train
        timeout: 48h`,
};
const include = "include: [teams/llm.yaml]";

const platforms: Record<string, string> = {
  gke: `
    config:
      gcp:project: acme-ml
      cluster: { kind: gke, region: us-central1 }
      pools:
        train: { machine: a3-megagpu-8g, nodes: { max: 4 }, zones: [us-central1-a], network: compact }
      ${include}`,
  eks: `
    config:
      cluster: { kind: eks, region: us-east-1, mode: nodeGroups, access: [203.0.113.0/24] }
      pools:
        train: { machine: p5.48xlarge, nodes: { max: 4 }, zones: [us-east-1a], network: fast }
      ${include}`,
  aks: `
    config:
      cluster: { kind: aks, region: eastus }
      pools:
        train: { machine: Standard_ND96isr_H100_v5, nodes: { max: 4 }, zones: ["1"], network: compact }
      ${include}`,
};

/** What the workers of the job are asked to be near by, and what they ask for, on a cloud and on another stack's cluster there. */
async function workersOn(kind: string) {
  const files = { [`Pulumi.${kind}.yaml`]: platforms[kind] ?? "", ...team };
  const direct = await deploy(() => {
    pulumi.runtime.setConfig("gcp:project", "acme-ml");
    return buildEnvironment(fromFile(files));
  });
  const other = { ...direct.result.cluster, kubeconfig: "text" };
  const elsewhere = `
    config:
      cluster: { kind: existing, stack: acme/gpu-serving/prod }
      ${include}`;
  const stack = fromFile({ "Pulumi.team.yaml": elsewhere, ...team });
  const there = await deploy(() => buildEnvironment(stack, other));
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

  for (const [kind, near, network] of [
    ["gke", "cloud.google.com/gke-nodepool", {}],
    [
      "eks",
      "topology.kubernetes.io/zone",
      { "vpc.amazonaws.com/efa": "32", "hugepages-2Mi": "5368709120" },
    ],
    ["aks", "topology.kubernetes.io/zone", {}],
  ] as const) {
    it(`runs close together and asks for the network that the pool has on ${kind}`, async () => {
      const asked = { near, limits: { "nvidia.com/gpu": "8", ...network } };

      assert.deepEqual(await workersOn(kind), [asked, asked]);
    });
  }
});
