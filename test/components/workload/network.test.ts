import assert from "node:assert/strict";
import { BatchJob } from "../../../components/jobs/batch-job";
import type { Exposure } from "../../../components/serving/exposure";
import type { Network } from "../../../components/workload/network";
import { aCluster, deployChat } from "../../support/clusters";
import { at, deploy } from "../../support/deploy";

const type = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

async function policy(network?: Network, expose: Exposure = {}) {
  const run = await deployChat({ port: 5000, network, expose });
  const made = run.find(type, "chat-network");
  return {
    of: (path: string) => at(made, `spec.${path}`),
    spec: at(made, "spec"),
  };
}

/** Pods of a workload in a namespace, as a policy names them. */
const pods = (namespace: string, app: string) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
  podSelector: { matchLabels: { app } },
});

/** Names are resolved in namespaces of others, too, which may have no policy for it. */
const dns = {
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};

describe("the network policy of a model server", () => {
  const ports = [{ protocol: "TCP", port: 5000 }];

  it("lets pods of the same namespace connect to the server's port, and says nothing of its own connections", async () => {
    assert.deepEqual((await policy()).spec, {
      podSelector: { matchLabels: { app: "chat" } },
      policyTypes: ["Ingress"],
      ingress: [{ ports, from: [{ podSelector: {} }] }],
    });
  });

  it("leaves source ranges to the load balancer, which hides them from the pods", async () => {
    const allow = ["203.0.113.0/24"];
    const exposed = await policy(undefined, { scope: "public", allow });

    assert.deepEqual(exposed.of("ingress"), [{ ports }]);
  });

  it("lets declared callers connect, of any namespace, and then nobody else", async () => {
    const callers = [{ name: "gate", namespace: "front" }];

    assert.deepEqual((await policy({ callers })).of("ingress"), [
      { ports, from: [pods("front", "gate")] },
    ]);
  });

  it("lets nobody connect where it has no callers, although an empty list means everybody to Kubernetes", async () => {
    assert.deepEqual((await policy({ callers: [] })).of("ingress"), []);
  });

  it("lets it connect to its namespace, to those that it calls and to its ranges, where the namespace is closed", async () => {
    const calls = [{ name: "embed", namespace: "search" }];
    const made = await policy({ calls, egress: ["198.51.100.0/24"] });

    assert.deepEqual(made.of("policyTypes"), ["Ingress", "Egress"]);
    assert.deepEqual(made.of("egress"), [
      {
        to: [
          { podSelector: {} },
          pods("search", "embed"),
          { ipBlock: { cidr: "198.51.100.0/24" } },
        ],
      },
      dns,
    ]);
  });

  it("lets it connect to all pods of a namespace where it is not told which", async () => {
    const made = await policy({ calls: [{ namespace: "observability" }], egress: [] });

    const { namespaceSelector } = pods("observability", "any");
    assert.deepEqual(made.of("egress"), [
      { to: [{ podSelector: {} }, { namespaceSelector }] },
      dns,
    ]);
  });

  it("lets the driver of a bucket in its pod reach the cloud's storage and the pod's identity", async () => {
    assert.deepEqual((await policy({ egress: [], bucket: true })).of("egress"), [
      { to: [{ podSelector: {} }] },
      dns,
      { ports: [{ protocol: "TCP", port: 443 }] },
      { to: [{ ipBlock: { cidr: "169.254.0.0/16" } }] },
    ]);
  });

  it("is there before the replicas", async () => {
    const run = await deployChat();
    const { dependsOn } = run.find("kubernetes:apps/v1:Deployment", "chat").options;

    assert.deepEqual([dependsOn].flat(), [run.find(type, "chat-network").resource]);
  });
});

describe("the network policy of a job", () => {
  it("lets its own workers connect and nobody else", async () => {
    const { find } = await deploy(
      () =>
        new BatchJob("train", {
          cluster: aCluster(),
          namespace: "models",
          image: "train:v1",
          network: { egress: [] },
        }),
    );

    const spec = at(find(type, "train-network"), "spec");
    assert.deepEqual(spec, {
      podSelector: { matchLabels: { app: "train" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [pods("models", "train")] }],
      egress: [{ to: [{ podSelector: {} }] }, dns],
    });
  });
});
