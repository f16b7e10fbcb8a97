import assert from "node:assert/strict";
import type { Exposure } from "../../../components/serving/exposure";
import type { Network } from "../../../components/workload/network";
import { deployChat, deployTrain } from "../../support/clusters";
import { at } from "../../support/deploy";

const type = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

/** Pods of a workload in a namespace, as a policy names them. */
const pods = (namespace: string, app: string) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
  podSelector: { matchLabels: { app } },
});

/** All pods of a namespace. */
const all = (namespace: string) => ({
  namespaceSelector: pods(namespace, "any").namespaceSelector,
});

const own = { podSelector: {} };

/** Names are resolved in namespaces of others, too, which may have no policy for it. */
const dns = { ports: ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 })) };

describe("the network policy of a model server", () => {
  const ports = [{ protocol: "TCP", port: 5000 }];
  const ranges = ["198.51.100.0/24"];

  for (const [claim, network, ingress, egress, expose] of [
    [
      "lets pods of the same namespace connect to its port, and says nothing of its own connections",
      ...[undefined, [{ ports, from: [own] }], undefined],
    ],
    [
      "leaves source ranges to the load balancer, which hides them from the pods",
      ...[{ callers: [] }, [{ ports }], undefined, { scope: "public", allow: ranges }],
    ],
    [
      "lets declared callers connect, of any namespace, and then nobody else",
      { callers: [{ name: "gate", namespace: "front" }] },
      ...[[{ ports, from: [pods("front", "gate")] }], undefined],
    ],
    [
      "lets all pods of a namespace connect, beside declared callers",
      { callers: [{ name: "gate", namespace: "front" }, { namespace: "ingress-nginx" }] },
      [{ ports, from: [pods("front", "gate"), all("ingress-nginx")] }],
      undefined,
    ],
    [
      "lets nobody connect where it has no callers, although an empty list means everybody to Kubernetes",
      ...[{ callers: [] }, [], undefined],
    ],
    [
      "lets it connect to its namespace, to those that it calls and to its ranges, where the namespace is closed",
      { calls: [{ name: "embed", namespace: "search" }], egress: ranges },
      [{ ports, from: [own] }],
      [{ to: [own, pods("search", "embed"), { ipBlock: { cidr: ranges[0] } }] }, dns],
    ],
    [
      "lets it connect to all pods of a namespace where it is not told which",
      { calls: [{ namespace: "observability" }], egress: [] },
      [{ ports, from: [own] }],
      [{ to: [own, all("observability")] }, dns],
    ],
    [
      "lets the driver of a bucket in its pod reach the cloud's storage and the pod's identity",
      { egress: [], bucket: true },
      [{ ports, from: [own] }],
      [
        ...[{ to: [own] }, dns, { ports: [{ protocol: "TCP", port: 443 }] }],
        { to: [{ ipBlock: { cidr: "169.254.0.0/16" } }] },
      ],
    ],
  ] as [string, Network | undefined, object[], object[] | undefined, Exposure?][]) {
    it(claim, async () => {
      const { find } = await deployChat({ port: 5000, network, expose });

      assert.deepEqual(at(find(type, "chat-network"), "spec"), {
        podSelector: { matchLabels: { app: "chat" } },
        policyTypes: ["Ingress", ...(egress ? ["Egress"] : [])],
        ingress,
        ...(egress && { egress }),
      });
    });
  }

  it("is there before the replicas", async () => {
    const { find, deployment } = await deployChat();

    const { dependsOn } = deployment.options;
    assert.deepEqual([dependsOn].flat(), [find(type, "chat-network").resource]);
  });
});

describe("the network policy of a job", () => {
  it("lets its own workers connect and nobody else, and is there before them", async () => {
    const { find, job } = await deployTrain({ network: { egress: [] } });

    const policy = find(type, "train-network");
    assert.deepEqual(at(policy, "spec"), {
      podSelector: { matchLabels: { app: "train" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [pods("models", "train")] }],
      egress: [{ to: [own] }, dns],
    });
    assert.deepEqual([job.options.dependsOn].flat(), [policy.resource]);
  });
});
