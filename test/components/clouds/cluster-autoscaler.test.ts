import assert from "node:assert/strict";
import { Provider } from "@pulumi/kubernetes";
import { ClusterAutoscaler } from "../../../components/clouds/cluster-autoscaler";
import type { ClusterAutoscalerArgs } from "../../../components/clouds/cluster-autoscaler";
import { at, deploy } from "../../support/deploy";

function deployAutoscaler(args: Partial<ClusterAutoscalerArgs> = {}) {
  return deploy(() => {
    const provider = new Provider("cluster", { kubeconfig: "kubeconfig of the test" });
    return new ClusterAutoscaler(
      "scaler",
      {
        clusterName: "prod",
        region: "us-east-1",
        version: "1.35",
        order: [["spot"], ["on-demand", "reserved"], [".*"]],
        nodeSelector: { pool: "system" },
        maxNodes: 22,
        provisionTime: 600,
        ...args,
      },
      { provider },
    );
  });
}

const deployment = "kubernetes:apps/v1:Deployment";
const container = "spec.template.spec.containers[0]";

describe("the cluster autoscaler", () => {
  it("hands its provider to every child", async () => {
    const { resources } = await deployAutoscaler();

    assert.equal(resources.length, 9);
    for (const { type, provider } of resources.slice(1)) assert.match(provider, /cluster/, type);
  });

  it("is waited for until both its pods are of the new version", async () => {
    const { find } = await deployAutoscaler();
    const { "pulumi.com/waitFor": waitFor } = at(
      find(deployment, "scaler"),
      "metadata.annotations",
    ) as Record<string, string>;

    assert.match(waitFor ?? "", /updatedReplicas\}=2.*availableReplicas\}=2.*replicas\}=2/);
  });

  it("is of the version of its cluster", async () => {
    const image = async (version: string) =>
      at((await deployAutoscaler({ version })).find(deployment, "scaler"), `${container}.image`);

    assert.equal(await image("1.35"), "registry.k8s.io/autoscaling/cluster-autoscaler:v1.35.0");
    assert.equal(await image("1.36"), "registry.k8s.io/autoscaling/cluster-autoscaler:v1.36.1");
  });

  it("finds the groups of its cluster and no others, gives nodes up in time and knows the most", async () => {
    const { find } = await deployAutoscaler();
    const flags = at(find(deployment, "scaler"), `${container}.command`);

    assert.ok(Array.isArray(flags));
    for (const flag of [
      "--node-group-auto-discovery=asg:tag=k8s.io/cluster-autoscaler/enabled,k8s.io/cluster-autoscaler/prod",
      "--expander=priority",
      "--max-nodes-total=22",
      "--max-node-provision-time=600s",
      "--skip-nodes-with-local-storage=false",
    ]) {
      assert.ok(flags.includes(flag), flag);
    }
    assert.deepEqual(at(find(deployment, "scaler"), `${container}.env`), [
      { name: "AWS_REGION", value: "us-east-1" },
    ]);
  });

  it("tries groups in the given order, under the name it looks for", async () => {
    const { find } = await deployAutoscaler();
    const { inputs } = find("kubernetes:core/v1:ConfigMap", "scaler-order");

    assert.equal(at({ inputs }, "metadata.name"), "cluster-autoscaler-priority-expander");
    assert.equal(at({ inputs }, "metadata.namespace"), "kube-system");
    assert.equal(
      at({ inputs }, "data.priorities"),
      ["30:", "  - spot", "20:", "  - on-demand", "  - reserved", "10:", "  - .*", ""].join("\n"),
    );
  });

  it("may change nodes and evict pods, and write no object but its own", async () => {
    const { find } = await deployAutoscaler();
    const { rules } = find("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "scaler-cluster")
      .inputs as { rules: { resources: string[]; verbs: string[] }[] };
    const written = rules
      .filter(({ verbs }) => verbs.some((verb) => !["get", "list", "watch"].includes(verb)))
      .flatMap(({ resources }) => resources);

    assert.deepEqual(written, ["events", "endpoints", "pods/eviction", "pods/status", "nodes"]);
  });

  it("starts once it may do its work", async () => {
    const { find } = await deployAutoscaler();
    const { dependsOn } = find(deployment, "scaler").options;

    assert.equal(Array.isArray(dependsOn) && dependsOn.length, 3);
  });
});
