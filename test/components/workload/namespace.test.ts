import assert from "node:assert/strict";
import { ClusterOfStack } from "../../../components/cluster/shared";
import { Namespace, type NamespaceArgs } from "../../../components/workload/namespace";
import { aCluster } from "../../support/clusters";
import { at, deploy, valueOf } from "../../support/deploy";

const type = "kubernetes:core/v1:Namespace";
const deployNamespace = (args: Partial<NamespaceArgs> = {}) =>
  deploy(() => new Namespace("vision", { cluster: aCluster(), ...args }));

describe("a namespace", () => {
  it("refuses pods below the restricted Pod Security Standard unless told otherwise", async () => {
    const namespace = (await deployNamespace()).find(type, "vision");

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
  });

  it("lets images run as root where it says baseline, and still warns of them", async () => {
    const namespace = (await deployNamespace({ podSecurity: "baseline" })).find(type, "vision");

    const { labels } = at(namespace, "metadata") as { labels: Record<string, string> };
    assert.equal(labels["pod-security.kubernetes.io/enforce"], "baseline");
    assert.equal(labels["pod-security.kubernetes.io/warn"], "restricted");
  });

  it("carries the labels that every namespace needs on its cluster, and keeps its own", async () => {
    const namespaceLabels = { "example.com/inject": "enabled", app: "other" };
    const { find } = await deploy(() => {
      const cluster = new ClusterOfStack("cluster", {
        ...{ kubeconfig: "", pools: {}, loadBalancers: {}, namespaceLabels },
      });
      return new Namespace("vision", { cluster });
    });

    const { labels } = at(find(type, "vision"), "metadata") as { labels: Record<string, string> };
    assert.equal(labels["example.com/inject"], "enabled");
    assert.equal(labels.app, "vision");
  });

  it("tells its name", async () => {
    assert.equal(await valueOf((await deployNamespace()).result.name), "vision");
  });

  it("hands its provider to every child", async () => {
    const { find, result } = await deployNamespace();

    assert.match(find(type, "vision").provider, /pulumi:providers:kubernetes::cluster::/);
    assert.equal(find(type, "vision").options.parent, result);
  });

  it("is usable twice in one program", async () => {
    const { resources } = await deploy(() => {
      const cluster = aCluster();
      return [new Namespace("vision", { cluster }), new Namespace("chat", { cluster })];
    });

    assert.deepEqual(
      resources.filter((resource) => resource.type === type).map(({ name }) => name),
      ["vision", "chat"],
    );
  });
});
