import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { buildEnvironment } from "../../stacks/environment";
import { clusterOfOtherStack } from "../../stacks/other-stack";
import { at, deploy, outputsOf, valueOf } from "../support/deploy";
import { fromFile } from "./stack-files";

/** The platform's stack, whose cluster others use. */
const platform = fromFile({
  "Pulumi.platform.yaml": `
    config:
      cluster:
        kind: existing
        kubeconfig: test/fixtures/kubeconfig.yaml
        loadBalancer: { internal: { class: example.com/ilb } }
      pools:
        l4: { gpu: L4, select: { pool: l4 }, taints: ["dedicated=ml:NoSchedule"], nodes: { max: 4 } }`,
});

/** A team's stack on the platform's cluster. */
const team = fromFile({
  "Pulumi.team.yaml": `
    config:
      cluster: { kind: existing, stack: acme/gpu-serving/platform }
      services:
        chat: { image: "chat:v1", gpus: 1, pool: l4, replicas: 2, expose: { scope: internal } }`,
});

const stackReference = "pulumi:pulumi:StackReference";

/** What the team's program learns where the other stack has these outputs. */
async function learnt(outputs: Record<string, unknown>) {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        assert.equal(`${type} ${name}`, `${stackReference} acme/gpu-serving/platform`);
        const secretOutputNames = ["kubeconfig"];
        return { id: name, state: { ...(inputs as object), outputs, secretOutputNames } };
      },
      call: () => ({}),
    },
    "gpu-serving",
    "team",
  );
  return clusterOfOtherStack(team.cluster);
}

/** Outputs as the engine keeps them: plain JSON. */
async function platformOutputs(stack = platform): Promise<Record<string, unknown>> {
  const { result } = await deploy(() => {
    pulumi.runtime.setConfig("gcp:project", "acme-ml");
    return buildEnvironment(stack);
  });
  return JSON.parse(JSON.stringify(await valueOf(pulumi.output(result)))) as Record<
    string,
    unknown
  >;
}

describe("a stack on the cluster of another stack", () => {
  const made = (cluster: string, gpu: string, sharing = "sharing: { timeSlicing: 4 }") =>
    fromFile({
      "Pulumi.platform.yaml": `
        config:
          gcp:project: acme-ml
          cluster: ${cluster}
          pools:
            small: { gpu: ${gpu}, nodes: { min: 1, max: 4 }, capacity: [on-demand, spot] }
            shared: { gpu: ${gpu}, nodes: { max: 2 }, ${sharing} }`,
    });
  for (const [kind, stack] of Object.entries({
    existing: platform,
    gke: made("{ kind: gke, region: us-central1 }", "L4"),
    eks: made("{ kind: eks, region: us-east-1, access: [203.0.113.0/24] }", "L4", ""),
    aks: made("{ kind: aks, region: eastus }", "T4"),
  })) {
    it(`learns all that a stack with a cluster of kind ${kind} tells`, async () => {
      const outputs = await platformOutputs(stack);
      const other = await learnt(outputs);

      const { kubeconfig, identity, ...cluster } = other ?? assert.fail("nothing was learnt");
      assert.deepEqual(cluster, outputs.cluster);
      assert.equal(kubeconfig, outputs.kubeconfig);
      assert.equal(identity, outputs.clusterIdentity);
    });
  }

  it("knows the cluster as the stack that makes it does", async () => {
    const outputs = await platformOutputs(
      fromFile({
        "Pulumi.platform.yaml": "config: { cluster: { kind: aks, region: eastus } }",
      }),
    );
    const other = await learnt(outputs);
    const { find } = await deploy(() => buildEnvironment({ ...team, services: {} }, other));

    const { clusterIdentifier } = find("pulumi:providers:kubernetes", "cluster").inputs;
    assert.equal(clusterIdentifier, outputs.clusterIdentity);
  });

  it("stays known as it was where its objects were made under another name, and keeps what tells it from others", async () => {
    const other = await learnt(await platformOutputs());
    const cluster = { identity: "prod", uid: "218fc5a9" };
    const { find } = await deploy(() => buildEnvironment(team, other, { cluster }));

    const provider = find("pulumi:providers:kubernetes", "cluster");
    assert.equal(provider.inputs.clusterIdentifier, "prod");
    const { parent } = provider.options;
    assert.ok(parent instanceof pulumi.ComponentResource);
    assert.deepEqual(outputsOf(parent), { uid: "218fc5a9" });
  });

  it("learns what a stack of an older version tells, without its identity", async () => {
    const { cluster, kubeconfig } = await platformOutputs();
    const older: unknown = JSON.parse(JSON.stringify(cluster).replaceAll("capacityTypes", "rungs"));
    const other = await learnt({ cluster: older, kubeconfig });

    const { kubeconfig: itsKubeconfig, ...its } = other ?? assert.fail("nothing was learnt");
    assert.deepEqual([its, itsKubeconfig], [cluster, kubeconfig]);
  });

  it("places its services as the other stack would", async () => {
    const other = await learnt(await platformOutputs());
    const here = await deploy(() => buildEnvironment(team, other));
    const services = { ...team.services };
    const there = await deploy(() => buildEnvironment({ ...platform, services }));

    for (const [type, name] of [
      ["kubernetes:apps/v1:Deployment", "chat"],
      ["kubernetes:core/v1:Service", "chat-service"],
    ] as const) {
      assert.deepEqual(here.find(type, name).inputs, there.find(type, name).inputs);
    }
    assert.equal(
      at(here.find("kubernetes:core/v1:Service", "chat-service"), "spec.loadBalancerClass"),
      "example.com/ilb",
    );
    assert.match(
      String(here.find("pulumi:providers:kubernetes", "cluster").inputs.kubeconfig),
      /^current-context: test$/m,
    );
  });

  it("looks at no other stack unless it is told to", async () => {
    assert.equal(await clusterOfOtherStack(platform.cluster), undefined);
  });

  const unreadable = { pools: { l4: { name: "l4" } }, loadBalancers: {}, namespaceLabels: {} };
  const cluster = { pools: {}, loadBalancers: {}, namespaceLabels: {} };
  for (const [outputs, problem] of [
    [{}, /tells nothing of a cluster; .*\n.*without the output cluster\n.*\n.*first, or correct/],
    [{ cluster }, /tells nothing of a cluster; .*\n.*without the output kubeconfig\n/],
    [{ cluster, kubeconfig: 1 }, /cannot be read; .*\n.*output kubeconfig: not a text\n/],
    [
      { cluster: unreadable },
      /cannot be read; .*\n.*output cluster\.pools\.l4\.gpusPerNode: .*\n.*\n.*the same version of the program$/,
    ],
  ] as const) {
    it(`is refused where the other stack has the outputs ${JSON.stringify(outputs)}`, async () => {
      await assert.rejects(learnt(outputs), (error: Error) => {
        assert.ok(pulumi.RunError.isInstance(error));
        assert.match(error.message, /^cluster\.stack: (?:the|what the) other stack tells/);
        assert.match(error.message, problem);
        return true;
      });
    });
  }
});
