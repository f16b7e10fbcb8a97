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

  describe("in place of something that is there", () => {
    const nodes = "aws:eks/nodeGroup:NodeGroup";
    const last = {
      urn: urn("aws:eks/addon:Addon", "last"),
      type: "aws:eks/addon:Addon",
      id: "c:x",
    };
    const made = {
      urn: urn(nodes, "cluster"),
      custom: true,
      type: nodes,
      inputs,
      id: "c:l4-spot-1",
    };
    const adopted = (...there: object[]) => {
      const { deployment, ...rest } = begun(nodes);
      const resources = [group, ...there, last];
      const state = exportedState.parse({ ...rest, deployment: { ...deployment, resources } });
      const { taken, changed, state: after } = adoption(state, {});
      return { taken, changed, resources: after.deployment.resources };
    };
    const taken = [{ urn: made.urn, id: made.id }];

    it("leaves that to be deleted, as when the engine ends the step", () => {
      const old = { ...made, id: "c:l4-spot-0" };
      assert.deepEqual(adopted(old), {
        ...{ taken, changed: [] },
        resources: [group, made, { ...old, delete: true }, last],
      });
    });

    it("drops what was deleted first", () => {
      const old = { ...made, pendingReplacement: true };
      assert.deepEqual(adopted(old), { taken, changed: [], resources: [group, made, last] });
    });

    it("leaves alone what is to be deleted already", () => {
      const old = { ...made, id: "c:l4-spot-0", delete: true };
      assert.deepEqual(adopted(old), { taken, changed: [], resources: [group, old, last, made] });
    });

    it("is that itself where the id is the same, which is read back and never deleted", () => {
      assert.deepEqual(adopted(made), {
        ...{ taken: [], changed: [{ urn: made.urn }] },
        resources: [group, made, last],
      });
    });
  });

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
