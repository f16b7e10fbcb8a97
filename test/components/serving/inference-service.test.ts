import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Exposure } from "../../../components/serving/exposure";
import { InferenceService } from "../../../components/serving/inference-service";
import { aCluster, deployChat, l4 } from "../../support/clusters";
import { at, deploy, homesOf, valueOf } from "../../support/deploy";

const budgetType = "kubernetes:policy/v1:PodDisruptionBudget";
const networkType = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const serviceType = "kubernetes:core/v1:Service";

describe("an inference service", () => {
  it("is a service account, a Deployment, a Service, a disruption budget and a network policy", async () => {
    const { resources } = await deployChat({ env: { MODE: "fast" } });

    assert.deepEqual(resources.map(({ type, name }) => `${type} ${name}`).sort(), [
      "kubernetes:apps/v1:Deployment chat",
      "kubernetes:core/v1:Service chat-service",
      "kubernetes:core/v1:ServiceAccount chat-account",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy chat-network",
      "kubernetes:policy/v1:PodDisruptionBudget chat-budget",
      "pulumi:providers:kubernetes cluster",
    ]);
  });

  it("gives every object its own name, its namespace and the labels of stack, project and entry, and its pods the labels", async () => {
    const { resources, of } = await deployChat({ replicas: 3 });

    const labels = {
      app: "chat",
      "app.kubernetes.io/name": "chat",
      "app.kubernetes.io/managed-by": "pulumi",
      "app.kubernetes.io/part-of": "gpu-serving",
      "gpu-serving/stack": "test",
    };
    for (const resource of resources.filter(({ type }) => type.startsWith("kubernetes:"))) {
      const { annotations, ...metadata } = at(resource, "metadata") as Record<string, unknown>;
      assert.deepEqual(metadata, { name: "chat", namespace: "models", labels }, resource.type);
      // It has been rolled out when every replica is of the new version and available, and no other is left.
      const waitFor =
        '["jsonpath={.status.updatedReplicas}=3","jsonpath={.status.availableReplicas}=3","jsonpath={.status.replicas}=3"]';
      const waited = resource.type.endsWith(":Deployment");
      assert.deepEqual(annotations, waited ? { "pulumi.com/waitFor": waitFor } : undefined);
    }
    assert.deepEqual(of("spec.template.metadata.labels"), labels);
  });

  it("selects its pods by nothing but its name, so that labels may change", async () => {
    const { find, of } = await deployChat();

    const byName = { app: "chat" };
    assert.deepEqual(of("spec.selector.matchLabels"), byName);
    assert.deepEqual(at(find(serviceType, "chat-service"), "spec.selector"), {
      ...byName,
      "app.kubernetes.io/name": "chat",
    });
    assert.deepEqual(at(find(networkType, "chat-network"), "spec.podSelector.matchLabels"), byName);
  });

  it("runs one replica, with three old versions to go back to", async () => {
    const { of } = await deployChat();

    assert.deepEqual([of("spec.replicas"), of("spec.revisionHistoryLimit")], [1, 3]);
  });

  it("lets a node be drained one replica at a time, even of replicas that never got ready", async () => {
    assert.deepEqual(at((await deployChat()).find(budgetType, "chat-budget"), "spec"), {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: { matchLabels: { app: "chat" } },
    });
  });

  it("gives its pods an account without a token", async () => {
    const account = (await deployChat()).find("kubernetes:core/v1:ServiceAccount", "chat-account");

    assert.equal(at(account, "automountServiceAccountToken"), false);
  });

  it("is the parent of every child and hands its provider on, and none of its arguments into the state", async () => {
    const run = await deployChat({ env: { TOKEN: { secret: "s" } }, pullSecrets: ["{}"] });

    const children = run.resources.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.equal(children.length, 7);
    for (const { type, options } of children) assert.equal(options.parent, run.result, type);
    assert.deepEqual(homesOf(run), ["cluster"]);
    assert.deepEqual(
      run.components.map(({ name, inputs }) => ({ name, inputs })),
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
      const of = { namespace: "models", image: "chat:v1" };
      return [
        new InferenceService("chat", { cluster: here, ...of }),
        new InferenceService("rank", { cluster: here, ...of }),
        new InferenceService("draw", { cluster: there, ...of }),
      ];
    });

    const deployments = resources.filter(({ type }) => type.endsWith(":Deployment"));
    const homes = deployments.map((one) => [one.name, ...homesOf({ resources: [one] })]);
    assert.deepEqual(Object.fromEntries(homes), { chat: "here", rank: "here", draw: "there" });
  });

  it("is reached under its DNS name in a namespace that is known only once it exists, and from nowhere else", async () => {
    const { result, of } = await deployChat({ namespace: pulumi.output("made-later") });

    assert.equal(of("metadata.namespace"), "made-later");
    assert.equal(await valueOf(result.internalUrl), "http://chat.made-later.svc.cluster.local");
    assert.equal(await valueOf(result.url), undefined);
  });

  it("is reached from outside at the address of its load balancer", async () => {
    const { result } = await deployChat({
      expose: { scope: "public", allow: ["203.0.113.0/24"] },
    });

    assert.equal(await valueOf(result.url), "http://203.0.113.7");
  });
});

describe("an inference service without replicas", () => {
  const allow = ["203.0.113.0/24"];
  const waited = "pulumi.com/waitFor";

  it("keeps every object and its addresses, and warns of nothing", async () => {
    const expose: Exposure = { scope: "public", allow };
    const pools = { l4: { ...l4, nodes: { min: 0, max: 1 } } };
    const names = ({ resources }: Awaited<ReturnType<typeof deployChat>>) =>
      resources.map(({ type, name }) => `${type} ${name}`).sort();
    const running = await deployChat({ expose, gpus: 1 }, { pools });
    const stopped = await deployChat({ expose, gpus: 1, replicas: 0 }, { pools });

    assert.equal(running.warnings.length, 1);
    assert.deepEqual(stopped.warnings, []);
    assert.deepEqual(names(stopped), names(running));
    assert.equal(stopped.of("spec.replicas"), 0);
    assert.deepEqual(stopped.of("spec.template"), running.of("spec.template"));
    assert.equal(await valueOf(stopped.result.url), "http://203.0.113.7");
    const internal = await valueOf(stopped.result.internalUrl);
    assert.equal(internal, "http://chat.models.svc.cluster.local");
  });

  // A cluster IP is there at once, and the provider 2.0.0 waits for endpoints unless it is told in this way.
  const atOnce = { "pulumi.com/skipAwait": "true" };
  for (const [scope, expected] of [
    ["cluster", atOnce],
    ["public", { [waited]: "jsonpath={.status.loadBalancer.ingress}" }],
  ] as const) {
    it(`waits for no pod and no endpoint, in scope ${scope} for its address alone`, async () => {
      const ports = { metrics: { port: 9000 } };
      const expose = scope === "cluster" ? {} : { scope, allow };
      const { find, of, deployment } = await deployChat({ expose, ports, replicas: 0 });

      // The counts of a Deployment without replicas are left out of its status.
      const none = "jsonpath={$[?(@.observedGeneration && !@.replicas)]}";
      assert.deepEqual(of("metadata.annotations"), { [waited]: none });
      assert.notEqual(deployment.options.customTimeouts?.update, "0s");
      const annotations = (name: string) => at(find(serviceType, name), "metadata.annotations");
      assert.deepEqual(annotations("chat-service"), expected);
      if (scope === "public") assert.deepEqual(annotations("chat-cluster"), atOnce);
    });
  }
});

describe("a rollout of an inference service", () => {
  const strategyOf = async (...args: Parameters<typeof deployChat>) =>
    (await deployChat(...args)).of("spec.strategy");

  it("believes its caller about slots that other services take", async () => {
    assert.deepEqual(await strategyOf({ gpus: 1, replicas: 1, surgeSlots: 0 }), {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
    });
  });

  it("warns of downtime for one replica without surge capacity", async () => {
    const pools = { l4: { ...l4, nodes: { min: 1, max: 1 } } };
    const { warnings } = await deployChat({ gpus: 1, startup: 60, drain: 30 }, { pools });

    assert.deepEqual(warnings, [
      "chat: one replica and no surge capacity on pool l4 for a second one, so each update is a downtime of up to 140 s. Raise nodes.max of the pool, or the namespace's quota where that is smaller, to avoid it.",
    ]);
  });

  it("has times that follow from provisioning, startup, drain and the wait for a slot", async () => {
    const run = await deployChat({
      gpus: 1,
      replicas: 3,
      startup: 60,
      drain: 30,
      surgeWaitSeconds: 200,
    });

    const each = 55 + 900 + 60 + 10 + 15;
    const waits = (rollout: number, deletion: number) => ({
      ...{ create: `${rollout}s`, update: `${rollout}s`, delete: `${deletion}s` },
    });
    assert.equal(run.of("spec.minReadySeconds"), 10);
    assert.equal(run.of("spec.progressDeadlineSeconds"), 200 + each);
    // Pulumi waits as long as it may take, at the Deployment and at the Service.
    assert.deepEqual(run.deployment.options.customTimeouts, waits(200 + 3 * each, 175));
    const service = run.find(serviceType, "chat-service");
    assert.deepEqual(service.options.customTimeouts, waits(800 + 3 * each, 600));
  });

  it("is made before a Service that waits for it, however many Pulumi makes at once; a load balancer is made meanwhile", async () => {
    const behind = async (expose: Exposure) => {
      const { find, deployment } = await deployChat({ expose });
      const { dependsOn } = find(serviceType, "chat-service").options;
      const policy = find(networkType, "chat-network").resource;
      return { dependsOn: [dependsOn].flat(), deployment: deployment.resource, policy };
    };
    const inside = await behind({});
    const outside = await behind({ scope: "public", allow: ["203.0.113.0/24"] });

    assert.deepEqual(inside.dependsOn, [inside.deployment]);
    assert.deepEqual(outside.dependsOn, [outside.policy]);
  });
});
