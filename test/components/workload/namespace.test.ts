import assert from "node:assert/strict";
import { clusterOfStack } from "../../../components/cluster/shared";
import { Namespace, type NamespaceArgs } from "../../../components/workload/namespace";
import { aCluster } from "../../support/clusters";
import { at, dependenciesOf, deploy, homesOf, valueOf } from "../../support/deploy";

const type = "kubernetes:core/v1:Namespace";
const deployNamespace = (args: Partial<NamespaceArgs> = {}) =>
  deploy(() => new Namespace("vision", { cluster: aCluster(), ...args }));

describe("a namespace", () => {
  it("refuses pods below the restricted Pod Security Standard, and goes with its stack", async () => {
    const run = await deployNamespace();
    const namespace = run.find(type, "vision");

    assert.deepEqual(at(namespace, "metadata"), {
      name: "vision",
      labels: {
        app: "vision",
        "app.kubernetes.io/name": "vision",
        "app.kubernetes.io/managed-by": "pulumi",
        "app.kubernetes.io/part-of": "gpu-serving",
        "gpu-serving/stack": "test",
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
      },
    });
    assert.equal(namespace.options.retainOnDelete, false);
    assert.equal(namespace.options.parent, run.result);
    assert.equal(await valueOf(run.result.name), "vision");
  });

  it("stays where it has to, and lets images run as root where it says baseline, but warns of them", async () => {
    const run = await deployNamespace({ keep: true, podSecurity: "baseline" });
    const namespace = run.find(type, "vision");

    assert.equal(namespace.options.retainOnDelete, true);
    assert.deepEqual(at(namespace, "metadata.annotations"), { "gpu-serving/keep": "vision" });
    const labels = at(namespace, "metadata.labels") as Record<string, string>;
    assert.equal(labels["pod-security.kubernetes.io/enforce"], "baseline");
    assert.equal(labels["pod-security.kubernetes.io/warn"], "restricted");
  });

  it("carries the labels that every namespace needs on its cluster, and keeps its own", async () => {
    const namespaceLabels = { "example.com/inject": "enabled", app: "other" };
    const { find } = await deploy(() => {
      const of = { kubeconfig: "", pools: {}, loadBalancers: {}, namespaceLabels };
      return new Namespace("vision", { cluster: clusterOfStack("cluster", of) });
    });

    const labels = at(find(type, "vision"), "metadata.labels") as Record<string, string>;
    assert.deepEqual([labels["example.com/inject"], labels.app], ["enabled", "vision"]);
  });

  it("takes no connection and makes none but those to DNS, until an entry's own policy says more", async () => {
    const { find } = await deployNamespace();
    const policy = (name: string) => find("kubernetes:networking.k8s.io/v1:NetworkPolicy", name);

    // No entry, whose policy has its name, can have a dot in it.
    assert.equal(at(policy("vision-closed"), "metadata.name"), "namespace.closed");
    assert.equal(at(policy("vision-dns"), "metadata.name"), "namespace.dns");
    assert.deepEqual(at(policy("vision-closed"), "spec"), {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
    assert.deepEqual(at(policy("vision-dns"), "spec"), {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ ports: ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 })) }],
    });
  });

  it("bounds the GPUs of each resource that pools offer", async () => {
    const nodes = { select: { pool: "it" }, nodes: { max: 1 } };
    const cpu = { ...nodes, select: { pool: "cpu" } };
    const pools = { cpu, amd: { ...nodes, resource: "amd.com/gpu" } };
    const { find } = await deployNamespace({ cluster: aCluster({ pools }), quota: { gpus: 8 } });

    assert.deepEqual(at(find("kubernetes:core/v1:ResourceQuota", "vision-quota"), "spec.hard"), {
      "requests.nvidia.com/gpu": "8",
      "requests.amd.com/gpu": "8",
    });
  });

  it("bounds what its pods ask for together, GPUs too, and nothing that is not said", async () => {
    const { resources } = await deployNamespace();
    assert.ok(resources.every((resource) => !resource.type.endsWith(":ResourceQuota")));

    const quota = { gpus: 8, cpu: "32", memory: "256Gi", pods: 50 };
    const { find } = await deployNamespace({ quota });

    assert.deepEqual(at(find("kubernetes:core/v1:ResourceQuota", "vision-quota"), "spec.hard"), {
      "requests.nvidia.com/gpu": "8",
      "requests.cpu": "32",
      "requests.memory": "256Gi",
      pods: "50",
    });
    const { find: findLess } = await deployNamespace({ quota: { gpus: 0 } });
    const less = findLess("kubernetes:core/v1:ResourceQuota", "vision-quota");
    assert.deepEqual(at(less, "spec.hard"), { "requests.nvidia.com/gpu": "0" });
  });

  it("gives containers that say nothing what our own are promised, and its limits", async () => {
    const limitsOf = async (args: Partial<NamespaceArgs>) =>
      at(
        (await deployNamespace(args)).find("kubernetes:core/v1:LimitRange", "vision-limits"),
        "spec.limits",
      );

    const defaultRequest = { cpu: "500m", memory: "1Gi" };
    assert.deepEqual(await limitsOf({}), [{ type: "Container", defaultRequest, default: {} }]);
    assert.deepEqual(await limitsOf({ limits: { memory: "8Gi" } }), [
      { type: "Container", defaultRequest, default: { memory: "8Gi" } },
    ]);
  });

  it("lets viewers look, and operators also restart, scale and enter, but neither read Secrets", async () => {
    const run = await deployNamespace({ operators: ["vision-ops"], viewers: ["user:ada"] });
    const { find } = run;

    const apiGroup = "rbac.authorization.k8s.io";
    const ops = { apiGroup, kind: "Group", name: "vision-ops" };
    const operators = find(`kubernetes:${apiGroup}/v1:RoleBinding`, "vision-operators");
    assert.deepEqual(at(operators, "subjects"), [ops]);
    assert.deepEqual(at(operators, "roleRef"), { apiGroup, kind: "Role", name: "operator" });
    const viewers = find(`kubernetes:${apiGroup}/v1:RoleBinding`, "vision-viewers");
    assert.deepEqual(at(viewers, "subjects"), [ops, { apiGroup, kind: "User", name: "ada" }]);
    assert.deepEqual(at(viewers, "roleRef"), { apiGroup, kind: "ClusterRole", name: "view" });
    const rules = at(find(`kubernetes:${apiGroup}/v1:Role`, "vision-operator"), "rules");
    assert.doesNotMatch(JSON.stringify(rules), /secrets|\*/);
    assert.deepEqual(homesOf(run), ["cluster"]);
  });

  it("is known once everything that guards it is there, and bare of that, too", async () => {
    const { result, find, resources } = await deployNamespace({ quota: { gpus: 1 } });

    const waits = await dependenciesOf(result.name);
    for (const guard of ["vision-limits", "vision-quota", "vision-closed", "vision-dns"]) {
      assert.ok(waits.has(resources.find(({ name }) => name === guard)?.resource), guard);
    }
    assert.deepEqual([...(await dependenciesOf(result.bare))], [find(type, "vision").resource]);
  });
});
