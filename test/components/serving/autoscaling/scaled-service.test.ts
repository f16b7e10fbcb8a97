import assert from "node:assert/strict";
import { placeholderClasses } from "../../../../components/serving/autoscaling/placeholders";
import { vllm } from "../../../../components/serving/engines/vllm";
import { at, homesOf } from "../../../support/deploy";
import { deployChat, l4 } from "../../../support/clusters";

const hpaType = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
const kedaType = "kubernetes:keda.sh/v1alpha1:ScaledObject";
const deploymentType = "kubernetes:apps/v1:Deployment";
const figures = vllm.metrics.figures;
const autoscaler = { prometheus: "http://prometheus.monitoring:9090" };
const replicas = { min: 2, max: 4 };

/** Deploys the service chat on its pool, scaled on CPU. */
const onCpu = (args: Parameters<typeof deployChat>[0] = {}) =>
  deployChat({ gpus: 1, startup: 120, replicas, scaleOn: [{ cpu: 70 }], ...args });

describe("a scaled service", () => {
  it("leaves the number of its replicas to the autoscaler once it is made", async () => {
    const { of, deployment } = await onCpu();

    assert.equal(of("spec.replicas"), 2);
    assert.deepEqual(deployment.options.ignoreChanges, ["spec.replicas"]);
  });

  it("of a fixed number says it each time", async () => {
    assert.equal((await deployChat({ replicas: 2 })).deployment.options.ignoreChanges, undefined);
  });

  it("has been rolled out when as many replicas as there are to be by then are new and available", async () => {
    const { of } = await onCpu();

    const annotations = of("metadata.annotations") as Record<string, string>;
    const waited: unknown = JSON.parse(annotations["pulumi.com/waitFor"] ?? "");
    assert.deepEqual(
      waited,
      ["updatedReplicas", "availableReplicas", "replicas"].map(
        (count) =>
          `jsonpath={$[?$.spec.replicas == 0 && @.observedGeneration || @.observedGeneration && @.${count} == $.spec.replicas]}`,
      ),
    );
  });

  it("on CPU needs no KEDA: a HorizontalPodAutoscaler changes its Deployment", async () => {
    const { find, resources } = await onCpu();

    assert.deepEqual(at(find(hpaType, "chat-scaler"), "spec"), {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "chat" },
      ...{ minReplicas: 2, maxReplicas: 4 },
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } },
        },
      ],
      behavior: {
        scaleUp: {
          stabilizationWindowSeconds: 30,
          policies: [{ type: "Pods", value: 1, periodSeconds: 1030 }],
        },
        scaleDown: {
          // 15 minutes for a node, 2 for the server, 10 seconds to be ready.
          stabilizationWindowSeconds: 1030,
          policies: [{ type: "Pods", value: 1, periodSeconds: 120 }],
        },
      },
    });
    assert.ok(!resources.some(({ type }) => type === kedaType));
  });

  it("with an engine follows its queue and its cache by a ScaledObject, without an autoscaler of ours beside it", async () => {
    const { find, resources } = await deployChat({ gpus: 1, replicas, figures, autoscaler });

    const spec = at(find(kedaType, "chat-scaler"), "spec") as Record<string, unknown>;
    const { triggers, ...others } = spec;
    const queries = (triggers as { metadata: { query: string } }[]).map((of) => of.metadata.query);
    assert.deepEqual(queries, [
      'sum(vllm:num_requests_waiting{namespace="models",pod=~"chat-[a-z0-9]+-[a-z0-9]+"})',
      'avg(vllm:kv_cache_usage_perc{namespace="models",pod=~"chat-[a-z0-9]+-[a-z0-9]+"})',
    ]);
    assert.deepEqual(
      [others.minReplicaCount, others.maxReplicaCount, others.pollingInterval],
      [2, 4, 15],
    );
    assert.equal(others.cooldownPeriod, 900 + 600 + 10);
    assert.ok(!resources.some(({ type }) => type === hpaType));
  });

  it("that may have no replica begins with one, and its Service waits for none", async () => {
    const { of, find } = await deployChat({
      replicas: { min: 0, max: 2 },
      scaleOn: [{ query: "sum(asked)", target: 1 }],
      autoscaler,
    });

    assert.equal(of("spec.replicas"), 1);
    assert.equal(at(find(kedaType, "chat-scaler"), "spec.minReplicaCount"), 0);
    assert.deepEqual(
      at(find("kubernetes:core/v1:Service", "chat-service"), "metadata.annotations"),
      { "pulumi.com/skipAwait": "true" },
    );
  });

  it("counts on its most replicas for surge and for the time of a rollout", async () => {
    const full = await onCpu();
    const free = await onCpu({ replicas: { min: 2, max: 3 } });

    const strategies = [full, free].map(({ of }) => of("spec.strategy.rollingUpdate"));
    assert.deepEqual(strategies, [
      { maxSurge: 0, maxUnavailable: 1 },
      { maxSurge: 1, maxUnavailable: 0 },
    ]);
    const seconds = ({ deployment }: typeof full) =>
      Number.parseInt(String(deployment.options.customTimeouts?.update));
    assert.equal(seconds(full), 4 * (seconds(free) / 3));
  });

  it("keeps nodes ready by pods with the size of a replica that give way to all others", async () => {
    const { find } = await onCpu({ replicas: { min: 1, max: 4, spare: 2 }, memory: "4Gi" });

    const spare = find(deploymentType, "chat-spare");
    const pod = (path: string) => at(spare, `spec.template.spec.${path}`);
    assert.equal(at(spare, "spec.replicas"), 2);
    assert.deepEqual(at(spare, "spec.selector.matchLabels"), { app: "chat-spare" });
    assert.deepEqual(pod("nodeSelector"), l4.select);
    assert.equal(pod("terminationGracePeriodSeconds"), 0);
    assert.deepEqual(pod("containers[0].resources"), {
      requests: { cpu: "500m", memory: "4Gi" },
      limits: { memory: "4Gi", "nvidia.com/gpu": "1" },
    });
    const priority = find("kubernetes:scheduling.k8s.io/v1:PriorityClass", "chat-spare-priority");
    assert.deepEqual([at(priority, "value"), at(priority, "preemptionPolicy")], [-10, "Never"]);
    assert.equal(pod("priorityClassName"), at(priority, "metadata.name"));
    const className = String(at(priority, "metadata.name"));
    assert.match(className, /^chat-spare-[0-9a-f]{8}$/);
    // Alerts know the Deployment by it.
    assert.equal(new RegExp(`^(?:${placeholderClasses})$`).exec(className)?.[1], "chat-spare");
  });

  it("hands its provider to every child", async () => {
    const run = await deployChat({
      ...{ gpus: 1, replicas: { ...replicas, spare: 1 }, figures, autoscaler },
    });

    assert.deepEqual(homesOf(run), ["cluster"]);
  });

  it("rejects a queue without an engine, KEDA that is nowhere and a maximum that is none", async () => {
    const refused = async (args: Parameters<typeof deployChat>[0]) => {
      try {
        await deployChat(args);
      } catch (error) {
        return String(error);
      }
      return "nothing was refused";
    };

    assert.match(
      await refused({ replicas, scaleOn: [{ signal: "queue", target: 10 }], autoscaler }),
      /scaleOn: queue is a metric that the engine does not have/s,
    );
    for (const one of [
      { query: "avg(x)", target: 0.0004 },
      { signal: "cache", target: 0.05 } as const,
    ]) {
      assert.match(
        await refused({ gpus: 1, replicas, figures, scaleOn: [one], autoscaler }),
        /scaleOn\.target.*out of range/s,
      );
    }
    assert.match(await refused({ gpus: 1, replicas, figures }), /scaleOn.*needs KEDA/s);
    assert.match(
      await refused({ replicas: { min: 2, max: 1 }, scaleOn: [{ cpu: 70 }] }),
      /replicas\.max.*less than min/s,
    );
    assert.match(
      await refused({ gpus: 1, replicas: { min: 1, max: 9 }, scaleOn: [{ cpu: 1 }] }),
      /l4/,
    );
  });
});
