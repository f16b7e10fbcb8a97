import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Exposure } from "../../../components/serving/exposure";
import { InferenceService } from "../../../components/serving/inference-service";
import { aCluster, deployChat, l4 } from "../../support/clusters";
import { at, deploy, valueOf } from "../../support/deploy";

const deploymentType = "kubernetes:apps/v1:Deployment";
const serviceType = "kubernetes:core/v1:Service";

describe("an inference service", () => {
  it("is a service account, a Deployment, a Service, a disruption budget and a network policy", async () => {
    const { resources } = await deployChat();

    assert.deepEqual(resources.map(({ type, name }) => `${type} ${name}`).sort(), [
      "kubernetes:apps/v1:Deployment chat",
      "kubernetes:core/v1:Service chat-service",
      "kubernetes:core/v1:ServiceAccount chat-account",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy chat-network",
      "kubernetes:policy/v1:PodDisruptionBudget chat-budget",
      "pulumi:providers:kubernetes cluster",
    ]);
  });

  it("has been rolled out when every replica is of the new version and available, and no other is left", async () => {
    const deployment = (await deployChat({ replicas: 3 })).find(deploymentType, "chat");

    assert.deepEqual(at(deployment, "metadata.annotations"), {
      "pulumi.com/waitFor":
        '["jsonpath={.status.updatedReplicas}=3","jsonpath={.status.availableReplicas}=3","jsonpath={.status.replicas}=3"]',
    });
  });

  it("gives every object its own name, its namespace and the labels of stack, project and entry", async () => {
    const { resources } = await deployChat();

    for (const resource of resources.filter(({ type }) => type.startsWith("kubernetes:"))) {
      const { annotations, ...metadata } = at(resource, "metadata") as Record<string, unknown>;
      assert.equal(annotations !== undefined, resource.type === deploymentType, resource.type);
      assert.deepEqual(
        metadata,
        {
          name: "chat",
          namespace: "models",
          labels: {
            app: "chat",
            "app.kubernetes.io/name": "chat",
            "app.kubernetes.io/managed-by": "pulumi",
            "app.kubernetes.io/part-of": "gpu-serving",
            "gpu-serving/stack": "test",
          },
        },
        resource.type,
      );
    }
  });

  it("labels its pods as its objects", async () => {
    const deployment = (await deployChat()).find(deploymentType, "chat");

    assert.deepEqual(
      at(deployment, "spec.template.metadata.labels"),
      at(deployment, "metadata.labels"),
    );
  });

  it("selects its pods by nothing but its name, so that labels may change", async () => {
    const run = await deployChat();

    const byName = { app: "chat" };
    assert.deepEqual(
      {
        deployment: at(run.find(deploymentType, "chat"), "spec.selector.matchLabels"),
        service: at(run.find(serviceType, "chat-service"), "spec.selector"),
        budget: at(
          run.find("kubernetes:policy/v1:PodDisruptionBudget", "chat-budget"),
          "spec.selector.matchLabels",
        ),
        network: at(
          run.find("kubernetes:networking.k8s.io/v1:NetworkPolicy", "chat-network"),
          "spec.podSelector.matchLabels",
        ),
      },
      { deployment: byName, service: byName, budget: byName, network: byName },
    );
  });

  it("runs one replica unless told otherwise", async () => {
    assert.equal(at((await deployChat()).find(deploymentType, "chat"), "spec.replicas"), 1);
  });

  it("keeps three old versions to go back to", async () => {
    const deployment = (await deployChat()).find(deploymentType, "chat");

    assert.equal(at(deployment, "spec.revisionHistoryLimit"), 3);
  });

  it("lets a node be drained one replica at a time, even of replicas that never got ready", async () => {
    const budget = (await deployChat()).find(
      "kubernetes:policy/v1:PodDisruptionBudget",
      "chat-budget",
    );

    assert.deepEqual(at(budget, "spec"), {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: { matchLabels: { app: "chat" } },
    });
  });

  it("gives its pods an account without rights or a token", async () => {
    const run = await deployChat();

    assert.equal(
      at(
        run.find("kubernetes:core/v1:ServiceAccount", "chat-account"),
        "automountServiceAccountToken",
      ),
      false,
    );
    assert.equal(
      at(run.find(deploymentType, "chat"), "spec.template.spec.serviceAccountName"),
      "chat",
    );
  });

  it("hands its provider to every child", async () => {
    const run = await deployChat({ env: { TOKEN: { secret: "s" } }, pullSecrets: ["{}"] });

    const children = run.resources.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.equal(children.length, 7);
    for (const { type, provider } of children) {
      assert.match(provider, /pulumi:providers:kubernetes::cluster::/, type);
    }
  });

  it("is the parent of every child", async () => {
    const run = await deployChat({ env: { TOKEN: { secret: "s" } } });

    for (const { type, options } of run.resources.filter((it) => it.type.startsWith("kube"))) {
      assert.equal(options.parent, run.result, type);
    }
  });

  it("puts none of its arguments into the state as its own", async () => {
    const { components } = await deployChat({ env: { TOKEN: { secret: "s" } } });

    assert.deepEqual(
      components.map(({ name, inputs }) => ({ name, inputs })),
      [
        { name: "cluster", inputs: {} },
        { name: "chat", inputs: {} },
      ],
    );
  });

  it("is usable twice in one program, on one cluster and on two", async () => {
    const { resources } = await deploy(() => {
      const here = aCluster({}, "here");
      const there = aCluster({}, "there");
      return [
        new InferenceService("chat", { cluster: here, namespace: "models", image: "chat:v1" }),
        new InferenceService("rank", { cluster: here, namespace: "models", image: "rank:v1" }),
        new InferenceService("draw", { cluster: there, namespace: "models", image: "draw:v1" }),
      ];
    });

    const homes = resources
      .filter(({ type }) => type === deploymentType)
      .map(({ name, provider }) => [name, /kubernetes::(\w+)::/.exec(provider)?.[1]]);
    assert.deepEqual(Object.fromEntries(homes), { chat: "here", rank: "here", draw: "there" });
  });

  it("is reached inside the cluster under its DNS name", async () => {
    const { result } = await deployChat();

    assert.equal(await valueOf(result.internalUrl), "http://chat.models.svc.cluster.local");
  });

  it("has no address outside the cluster unless it is exposed", async () => {
    const { result } = await deployChat();

    assert.equal(await valueOf(result.url), undefined);
  });

  it("is reached from outside at the address of its load balancer", async () => {
    const { result } = await deployChat({
      expose: { scope: "public", allow: ["203.0.113.0/24"] },
    });

    assert.equal(await valueOf(result.url), "http://203.0.113.7");
  });

  it("goes to a namespace that is known only once it exists", async () => {
    const { result, find } = await deployChat({ namespace: pulumi.output("made-later") });

    assert.equal(at(find(deploymentType, "chat"), "metadata.namespace"), "made-later");
    assert.equal(await valueOf(result.internalUrl), "http://chat.made-later.svc.cluster.local");
  });
});

describe("a rollout of an inference service", () => {
  const strategyOf = async (...args: Parameters<typeof deployChat>) =>
    at((await deployChat(...args)).find(deploymentType, "chat"), "spec.strategy");

  it("starts the new replica first where the pool has a slot to spare", async () => {
    assert.deepEqual(await strategyOf({ gpus: 1, replicas: 3 }), {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    });
  });

  it("makes room first on a full pool", async () => {
    assert.deepEqual(await strategyOf({ gpus: 1, replicas: 4 }), {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
    });
  });

  it("starts the new replica first where no GPU is taken", async () => {
    assert.deepEqual(await strategyOf({ replicas: 40 }), {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    });
  });

  it("believes its caller about slots that other services take", async () => {
    assert.deepEqual(await strategyOf({ gpus: 1, replicas: 1, surgeSlots: 0 }), {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
    });
  });

  it("warns of downtime for one replica without a slot to spare", async () => {
    const pools = { l4: { ...l4, nodes: { min: 1, max: 1 } } };
    const { warnings } = await deployChat({ gpus: 1, startup: 60, drain: 30 }, { pools });

    assert.deepEqual(warnings, [
      "chat: one replica and no surge capacity on pool l4 for a second one, so each update is a downtime of up to 140 s. Raise nodes.max of the pool, or the namespace's quota where that is smaller, to avoid it.",
    ]);
  });

  it("warns of nothing where no downtime is to be expected", async () => {
    assert.deepEqual((await deployChat({ gpus: 1, replicas: 4 })).warnings, []);
    assert.deepEqual((await deployChat({ gpus: 1, replicas: 1 })).warnings, []);
  });

  it("has times that follow from provisioning, startup, drain and the wait for a slot", async () => {
    const run = await deployChat({
      gpus: 1,
      replicas: 3,
      startup: 60,
      drain: 30,
      surgeWaitSeconds: 200,
    });

    const deployment = run.find(deploymentType, "chat");
    assert.deepEqual(
      {
        minReadySeconds: at(deployment, "spec.minReadySeconds"),
        progressDeadlineSeconds: at(deployment, "spec.progressDeadlineSeconds"),
        grace: at(deployment, "spec.template.spec.terminationGracePeriodSeconds"),
        preStop: at(deployment, "spec.template.spec.containers[0].lifecycle"),
      },
      {
        minReadySeconds: 10,
        progressDeadlineSeconds: 200 + 55 + 900 + 60 + 10 + 15,
        grace: 15 + 30 + 10,
        preStop: { preStop: { sleep: { seconds: 15 } } },
      },
    );
  });

  it("is awaited by Pulumi for as long as it may take, at the Deployment and at the Service", async () => {
    const run = await deployChat({ gpus: 1, replicas: 3, startup: 60, drain: 30 });

    const rollout = 3 * (55 + 900 + 60 + 10 + 15);
    assert.deepEqual(
      {
        deployment: run.find(deploymentType, "chat").options.customTimeouts,
        service: run.find(serviceType, "chat-service").options.customTimeouts,
      },
      {
        deployment: { create: `${rollout}s`, update: `${rollout}s`, delete: "175s" },
        service: { create: `${rollout + 600}s`, update: `${rollout + 600}s`, delete: "600s" },
      },
    );
  });

  it("is made before a Service that waits for it, however many Pulumi makes at once; a load balancer is made meanwhile", async () => {
    const before = async (expose: Exposure) => {
      const run = await deployChat({ expose });
      const { dependsOn } = run.find(serviceType, "chat-service").options;
      return { run, dependsOn: [dependsOn].flat() };
    };
    const inside = await before({});
    const outside = await before({ scope: "public", allow: ["203.0.113.0/24"] });

    assert.deepEqual(inside.dependsOn, [inside.run.find(deploymentType, "chat").resource]);
    assert.deepEqual(outside.dependsOn, [
      outside.run.find("kubernetes:networking.k8s.io/v1:NetworkPolicy", "chat-network").resource,
    ]);
  });

  it("is never left unawaited", async () => {
    for (const resource of (await deployChat()).resources) {
      assert.doesNotMatch(JSON.stringify(resource.inputs), /skipAwait/, resource.type);
    }
  });
});
