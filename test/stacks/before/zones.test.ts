import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { zonesAsBefore } from "../../../stacks/before/zones";
import { buildEnvironment } from "../../../stacks/environment";
import { deployAks } from "../../support/aks";
import { deploy } from "../../support/deploy";
import { fromFile } from "../stack-files";
import { state } from "./state";

const managedCluster = "azure-native:containerservice:ManagedCluster";

/** A state with a cluster of AKS, whose list of pools holds what a refresh finds. */
const aksState = (availabilityZones: string[] | null | undefined, location = "eastus") =>
  state({
    [`AksCluster$${managedCluster}::cluster`]: {
      location,
      agentPoolProfiles: [
        { name: "l4o1x2y3", availabilityZones: ["2"] },
        { name: "system", availabilityZones },
      ],
    },
  });

const inFile = (cluster: object) =>
  fromFile({
    "Pulumi.prod.yaml": JSON.stringify({ config: { "gcp:project": "acme-ml", cluster } }),
  });

/** What is said of zones that an up is refused for. */
function refusal(zones: readonly string[] | undefined, before = state(), region = "eastus") {
  try {
    zonesAsBefore(inFile({ kind: "aks", region, zones }), before);
    return "";
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error));
    return error.message;
  }
}

describe("the zones of an AKS cluster of the last up", () => {
  it("do not change, as the pool of its own pods keeps them", () => {
    assert.equal(
      refusal(["1", "2"], aksState(["1", "2", "3"])),
      [
        "cluster.zones: AKS keeps the zones of the nodes for its own pods as long as the cluster lives; nothing was created or changed.",
        "    found:   1, 2",
        "    allowed: 1, 2, 3",
        '    do:      write zones: ["1", "2", "3"] for the cluster, and name others for the GPU pools alone; or make a second cluster in a stack of its own.',
      ].join("\n"),
    );
  });

  it("do not change by being left out, either", () => {
    const reason = refusal(undefined, aksState(["1"]));

    assert.match(reason, /found: +nothing, which means 1, 2, 3\n +allowed: 1\n/);
  });

  for (const none of [undefined, null, []]) {
    it(`are not given to one without: ${JSON.stringify(none)}`, () => {
      const reason = refusal(["1"], aksState(none));

      assert.match(reason, /found: +1\n +allowed: no zones\n +do: +name zones for the GPU pools/);
    });
  }

  for (const [what, zones, before] of [
    ["stay", ["1", "2"], aksState(["1", "2"])],
    ["are in the state twice", ["1", "2"], aksState(["1", "2", "2"])],
    ["are named in another order", ["3", "1", "2"], aksState(["1", "2", "3"])],
    ["are those that it gets where none are named", undefined, aksState(["3", "2", "1"])],
    ["are those of a region by its long name", ["1"], aksState(["1"], "East US")],
    ["are of another region, so of another cluster", ["1"], aksState(["2"], "westeurope")],
    ["were never given", ["1"], state()],
  ] as const) {
    it(`may be what they are where they ${what}`, () => {
      assert.equal(refusal(zones, before), "");
    });
  }

  it("may be none in a region without zones", () => {
    assert.equal(refusal(undefined, aksState(null, "westus"), "westus"), "");
  });

  it("stay none, where none are named, in a region that has some by now", async () => {
    const stack = inFile({ kind: "aks", region: "eastus" });
    assert.deepEqual(zonesAsBefore(stack, aksState(null)), { withoutZones: true });
    assert.deepEqual(zonesAsBefore(stack, aksState(["1", "2", "3"])), { withoutZones: false });
    assert.deepEqual(zonesAsBefore(stack, state()), { withoutZones: false });

    const { resources } = await deploy(() => {
      buildEnvironment(stack, undefined, { aks: { withoutZones: true } });
      return {};
    });
    const pools = resources.filter(({ type }) => /:(ManagedCluster|AgentPool)$/.test(type));
    assert.ok(pools.every(({ inputs }) => !JSON.stringify(inputs).includes("availabilityZones")));
    const disks = resources.find(({ name }) => name === "cluster-disk");
    assert.deepEqual(disks?.inputs.parameters, { skuName: "Premium_LRS" });
  });

  it("are no matter on other clouds", () => {
    const gke = inFile({ kind: "gke", region: "us-central1", zones: ["us-central1-a"] });

    assert.deepEqual(zonesAsBefore(gke, aksState(["2"], "us-central1")), { withoutZones: false });
  });

  it("are found in the state where the cluster puts them", async () => {
    const { resources } = await deployAks({ region: "eastus", zones: ["1"] });
    const [cluster] = resources.filter(({ type }) => type === managedCluster);
    assert.equal(cluster?.name, "cluster");
    const before = state({ [`AksCluster$${managedCluster}::cluster`]: cluster.inputs });

    assert.equal(refusal(["1"], before), "");
    assert.match(refusal(["2"], before), /allowed: 1\n/);
  });
});
