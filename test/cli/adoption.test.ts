import assert from "node:assert/strict";
import { adoption, exportedState } from "../../cli/adoption";

const urn = (type: string, name: string) => `urn:pulumi:prod::gpu-serving::${type}::${name}`;
const group = {
  urn: urn("azure-native:resources:ResourceGroup", "cluster-group"),
  type: "azure-native:resources:ResourceGroup",
  id: "/subscriptions/s/resourceGroups/prod",
  inputs: { resourceGroupName: "prod" },
};

/** A state in which something of the type was being created when the engine was killed. */
function begun(type: string, inputs: Record<string, unknown>, operation = "creating") {
  const resource = { urn: urn(`a:Cluster$${type}`, "cluster"), custom: true, id: "", type, inputs };
  return exportedState.parse({
    version: 3,
    deployment: {
      manifest: { time: "2026-11-22" },
      resources: [group],
      pending_operations: [{ type: operation, resource }],
    },
  });
}

describe("what a killed up had begun", () => {
  for (const [type, inputs, id] of [
    [
      "gcp:container/cluster:Cluster",
      { project: "acme-ml", location: "us-central1", name: "prod-cluster" },
      "projects/acme-ml/locations/us-central1/clusters/prod-cluster",
    ],
    [
      "gcp:container/nodePool:NodePool",
      {
        project: "p",
        location: "l",
        name: "l4-spot",
        cluster: "projects/p/locations/l/clusters/c",
      },
      "projects/p/locations/l/clusters/c/nodePools/l4-spot",
    ],
    ["aws:eks/cluster:Cluster", { name: "prod-cluster" }, "prod-cluster"],
    [
      "aws:eks/nodeGroup:NodeGroup",
      { clusterName: "c", nodeGroupName: "l4-spot-1" },
      "c:l4-spot-1",
    ],
    ["aws:eks/addon:Addon", { clusterName: "c", addonName: "coredns" }, "c:coredns"],
    [
      "azure-native:containerservice:ManagedCluster",
      { resourceGroupName: "prod", resourceName: "prod" },
      "/subscriptions/s/resourceGroups/prod/providers/Microsoft.ContainerService/managedClusters/prod",
    ],
    [
      "azure-native:containerservice:AgentPool",
      { resourceGroupName: "prod", resourceName: "prod", agentPoolName: "l4s12345" },
      "/subscriptions/s/resourceGroups/prod/providers/Microsoft.ContainerService/managedClusters/prod/agentPools/l4s12345",
    ],
    [
      "kubernetes:apps/v1:Deployment",
      { metadata: { name: "chat", namespace: "models" } },
      "models/chat",
    ],
    ["kubernetes:core/v1:Namespace", { metadata: { name: "models" } }, "models"],
  ] as const) {
    it(`has the id that its cloud gives a ${type.split(":").slice(-1).join()} of ${type.split(":")[0]}`, () => {
      const { state, taken, unknown } = adoption(begun(type, inputs), {});

      assert.deepEqual(unknown, []);
      assert.deepEqual(taken, [{ urn: urn(`a:Cluster$${type}`, "cluster"), id }]);
      assert.deepEqual(state.deployment.resources.at(-1), {
        ...{ urn: urn(`a:Cluster$${type}`, "cluster"), custom: true, type, inputs, id },
      });
    });
  }

  it("is asked for where the cloud makes the id up, and taken with the id that is given", () => {
    const nat = begun("aws:ec2/natGateway:NatGateway", { subnetId: "s" });

    assert.deepEqual(adoption(nat, {}).unknown, ["cluster"]);
    assert.deepEqual(adoption(nat, {}).taken, []);
    const { taken, unknown } = adoption(nat, { cluster: "nat-1" });
    assert.deepEqual([taken.map(({ id }) => id), unknown], [["nat-1"], []]);
  });

  it("stays out of the state where it was not made after all", () => {
    const cluster = begun("aws:eks/cluster:Cluster", { name: "prod-cluster" });
    const { state, taken, unknown } = adoption(cluster, { cluster: "none" });

    assert.deepEqual([taken, unknown], [[], []]);
    assert.deepEqual(state.deployment.resources, [group]);
  });

  it("is asked for where the resource group is not in the state", () => {
    const inputs = { resourceGroupName: "another", resourceName: "prod" };
    const { unknown } = adoption(begun("azure-native:containerservice:ManagedCluster", inputs), {});

    assert.deepEqual(unknown, ["cluster"]);
  });

  it("was there before where it was being changed or deleted", () => {
    for (const operation of ["updating", "deleting", "reading"]) {
      const { taken, unknown } = adoption(
        begun("aws:eks/cluster:Cluster", { name: "c" }, operation),
        {},
      );
      assert.deepEqual([taken, unknown], [[], []], operation);
    }
  });

  it("leaves the rest of the state as it is, and nothing pending", () => {
    const { state } = adoption(begun("aws:eks/cluster:Cluster", { name: "c" }), {});

    assert.deepEqual(Object.keys(state), ["version", "deployment"]);
    assert.deepEqual(Object.keys(state.deployment).sort(), ["manifest", "resources"]);
    assert.deepEqual(state.deployment.resources[0], group);
  });
});
