import assert from "node:assert/strict";
import { adoption, exportedState } from "../../cli/adoption";

const urn = (type: string, name: string) => `urn:pulumi:prod::gpu-serving::${type}::${name}`;
const group = {
  urn: urn("azure-native:resources:ResourceGroup", "cluster-group"),
  type: "azure-native:resources:ResourceGroup",
  id: "/subscriptions/s/resourceGroups/prod",
  inputs: { resourceGroupName: "prod" },
};
/** Inputs that the clouds' ids are made of. */
const inputs = {
  ...{ name: "n", project: "p", location: "l", cluster: "projects/p/locations/l/clusters/c" },
  ...{ clusterName: "c", nodeGroupName: "l4-spot-1", addonName: "coredns" },
  ...{ resourceGroupName: "prod", resourceName: "prod", agentPoolName: "l4s1" },
};
const eks = "aws:eks/cluster:Cluster";
const aks = "/providers/Microsoft.ContainerService/managedClusters/prod";

/** A state in which something of the type was being created when the engine was killed. */
function begun(type: string, its: object = inputs, operation = "creating") {
  const resource = { urn: urn(type, "cluster"), custom: true, id: "", type, inputs: its };
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
  for (const [type, id, its] of [
    ["gcp:container/cluster:Cluster", "projects/p/locations/l/clusters/n"],
    ["gcp:container/nodePool:NodePool", "projects/p/locations/l/clusters/c/nodePools/n"],
    [eks, "n"],
    ["aws:eks/nodeGroup:NodeGroup", "c:l4-spot-1"],
    ["aws:eks/addon:Addon", "c:coredns"],
    ["azure-native:containerservice:ManagedCluster", `${group.id}${aks}`],
    ["azure-native:containerservice/v20250101:ManagedCluster", `${group.id}${aks}`],
    ["azure-native:containerservice:AgentPool", `${group.id}${aks}/agentPools/l4s1`],
    ["kubernetes:apps/v1:Deployment", "ns/chat", { metadata: { name: "chat", namespace: "ns" } }],
    ["kubernetes:core/v1:Namespace", "models", { metadata: { name: "models" } }],
  ] as const) {
    it(`has the id that its cloud gives a ${type}`, () => {
      const { state, taken, unknown } = adoption(begun(type, its), {});

      assert.deepEqual(
        { taken, unknown },
        { taken: [{ urn: urn(type, "cluster"), id }], unknown: [] },
      );
      const made = { urn: urn(type, "cluster"), custom: true, type, inputs: its ?? inputs, id };
      assert.deepEqual(state, {
        version: 3,
        deployment: { manifest: { time: "2026-11-22" }, resources: [group, made] },
      });
    });
  }

  it("is asked for where the cloud makes the id up or an input is not known, and taken with the id that is given", () => {
    const nat = begun("aws:ec2/natGateway:NatGateway");
    const otherGroup = { ...inputs, resourceGroupName: "another" };
    const inAnother = begun("azure-native:containerservice:ManagedCluster", otherGroup);
    for (const state of [nat, inAnother, begun(eks, { name: 7 })]) {
      const { taken, unknown } = adoption(state, {});
      assert.deepEqual({ taken, unknown }, { taken: [], unknown: ["cluster"] });
    }
    const { taken, unknown } = adoption(nat, { cluster: "nat-1" });
    assert.deepEqual([taken.map(({ id }) => id), unknown], [["nat-1"], []]);
  });

  it("stays out of the state where it was not made after all, or was there before", () => {
    const notMade = adoption(begun(eks), { cluster: "none" });
    const others = ["updating", "deleting", "reading"].map((operation) =>
      adoption(begun(eks, inputs, operation), {}),
    );
    for (const { state, taken, unknown } of [notMade, ...others]) {
      assert.deepEqual({ taken, unknown }, { taken: [], unknown: [] });
      assert.deepEqual(state.deployment.resources, [group]);
    }
  });
});
