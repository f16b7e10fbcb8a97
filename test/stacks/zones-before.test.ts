import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { stateBefore } from "../../stacks/state-before";
import { otherZones, zonesAsBefore } from "../../stacks/zones-before";
import { buildEnvironment } from "../../stacks/environment";
import { deployAks } from "../support/aks";
import { deploy } from "../support/deploy";
import { fromFile } from "./stack-files";

/** A state with a cluster of AKS, whose list of pools holds what a refresh finds. */
const state = (availabilityZones: string[] | null | undefined, location = "eastus") =>
  stateBefore({
    name: "prod",
    outputs: {
      "urn:pulumi:prod::gpu-serving::gpu-serving:index:AksCluster$azure-native:containerservice:ManagedCluster::cluster":
        {
          type: "azure-native:containerservice:ManagedCluster",
          outputs: {
            location,
            agentPoolProfiles: [
              { name: "l4o1x2y3", availabilityZones: ["2"] },
              { name: "system", availabilityZones },
            ],
          },
        },
    },
  });

describe("the zones of an AKS cluster of the last up", () => {
  it("do not change, as the pool of its own pods keeps them", () => {
    assert.equal(
      otherZones({ region: "eastus", zones: ["1", "2"] }, state(["1", "2", "3"])),
      [
        "cluster.zones: AKS keeps the zones of the nodes for its own pods as long as the cluster lives; nothing was changed.",
        "    found:   1, 2",
        "    allowed: 1, 2, 3",
        '    do:      write zones: ["1", "2", "3"] for the cluster, and name others for the GPU pools alone; or make a second cluster in a stack of its own.',
      ].join("\n"),
    );
  });

  it("do not change by being left out, either", () => {
    const reason = otherZones({ region: "eastus" }, state(["1"])) ?? "";

    assert.match(reason, /found: +nothing, which means 1, 2, 3\n +allowed: 1\n/);
    assert.match(reason, /write zones: \["1"\] for the cluster/);
  });

  for (const none of [undefined, null, []]) {
    it(`are not given to one without: ${JSON.stringify(none)}`, () => {
      const reason = otherZones({ region: "eastus", zones: ["1"] }, state(none)) ?? "";

      assert.match(
        reason,
        /found: +1\n +allowed: no zones\n +do: +name zones for the GPU pools alone;/,
      );
    });
  }

  for (const [what, zones, before] of [
    ["stay", ["1", "2"], state(["1", "2"])],
    ["are named twice", ["1", "2", "1"], state(["1", "2", "2"])],
    ["are named in another order", ["3", "1", "2"], state(["1", "2", "3"])],
    ["are those that it gets where none are named", undefined, state(["3", "2", "1"])],
    ["are those of a region by its long name", ["1"], state(["1"], "East US")],
    ["are of another region, so of another cluster", ["1"], state(["2"], "westeurope")],
    ["were never given", ["1"], stateBefore({ name: "prod", outputs: {} })],
  ] as const) {
    it(`may be what they are where they ${what}`, () => {
      assert.equal(otherZones({ region: "eastus", zones }, before), undefined);
    });
  }

  it("may be none in a region without zones", () => {
    assert.equal(otherZones({ region: "westus" }, state(null, "westus")), undefined);
  });

  it("stay none, where none are named, in a region that has some by now", async () => {
    const stack = fromFile({
      "Pulumi.prod.yaml": "config: { cluster: { kind: aks, region: eastus } }",
    });
    assert.deepEqual(zonesAsBefore(stack, state(null)), { withoutZones: true });
    assert.deepEqual(zonesAsBefore(stack, state(["1", "2", "3"])), { withoutZones: false });
    const never = stateBefore({ name: "prod", outputs: {} });
    assert.deepEqual(zonesAsBefore(stack, never), { withoutZones: false });

    const { resources } = await deploy(() => {
      buildEnvironment(stack, undefined, { withoutZones: true });
      return {};
    });
    const zones = resources
      .filter(({ type }) => /:(ManagedCluster|AgentPool)$/.test(type))
      .map(({ inputs }) => JSON.stringify(inputs))
      .filter((text) => text.includes("availabilityZones"));
    assert.deepEqual(zones, []);
    const disks = resources.find(({ name }) => name === "cluster-disk");
    assert.deepEqual(disks?.inputs.parameters, { skuName: "Premium_LRS" });
  });

  it("can be pasted from what the refusal says", () => {
    const reason = otherZones({ region: "eastus", zones: ["1"] }, state(["1", "2"])) ?? "";
    const zones = /write (zones: \[.*?\])/.exec(reason)?.[1];
    const pasted = fromFile({
      "Pulumi.prod.yaml": `config: { cluster: { kind: aks, region: eastus, ${zones} } }`,
    });
    assert.doesNotThrow(() => zonesAsBefore(pasted, state(["1", "2"])));
  });

  it("are refused as a fault of the configuration, and those of other clouds are not", () => {
    const stack = (cluster: object) =>
      fromFile({
        "Pulumi.prod.yaml": JSON.stringify({ config: { "gcp:project": "acme-ml", cluster } }),
      });
    const aks = stack({ kind: "aks", region: "eastus", zones: ["1"] });
    const gke = stack({ kind: "gke", region: "us-central1", zones: ["us-central1-a"] });

    assert.throws(
      () => zonesAsBefore(aks, state(["2"])),
      (error) => pulumi.RunError.isInstance(error),
    );
    assert.doesNotThrow(() => zonesAsBefore(gke, state(["2"])));
  });

  it("are found in the state where the cluster puts them", async () => {
    const { resources } = await deployAks({ region: "eastus", zones: ["1"] });
    const [cluster] = resources.filter(({ type }) => type.endsWith(":ManagedCluster"));
    const before = stateBefore({
      name: "prod",
      outputs: {
        [`urn:pulumi:prod::gpu-serving::gpu-serving:index:AksCluster$${cluster?.type}::${cluster?.name}`]:
          { outputs: cluster?.inputs },
      },
    });

    assert.equal(otherZones({ region: "eastus", zones: ["1"] }, before), undefined);
    assert.match(otherZones({ region: "eastus", zones: ["2"] }, before) ?? "", /allowed: 1\n/);
  });
});
