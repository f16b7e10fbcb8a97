import assert from "node:assert/strict";
import { join } from "node:path";
import { step } from "../../../process/progress";
import { localPulumiTools } from "../../../local/tool-list";
import { provide } from "../../../local/tools";
import type { Listed } from "../../support/clouds/programs/listed";
import { Sandbox } from "../../support/clouds/stand-ins";

const program = join(__dirname, "..", "..", "support", "clouds", "programs", "listed.ts");
const listed = (type: string, name: string, inputs: object = {}, dependsOn?: string[]): Listed => ({
  ...{ type, name, dependsOn },
  inputs: inputs as Record<string, unknown>,
});

const network = listed("gcp:compute/network:Network", "network", { name: "n" });
const subnetwork = listed("gcp:compute/subnetwork:Subnetwork", "subnetwork", {
  ...{ name: "s", network: "@network.selfLink" },
});
const router = listed("gcp:compute/router:Router", "router", { name: "r", network: "@network" });
const nat = listed("gcp:compute/routerNat:RouterNat", "nat", { name: "x", router: "@router.name" });
const cluster = listed("gcp:container/cluster:Cluster", "cluster", {
  ...{ name: "c", location: "us-central1", deletionProtection: false },
  ...{ network: "@network", subnetwork: "@subnetwork", resourceLabels: { team: "ml" } },
});
const poolInputs = { name: "p", cluster: "@cluster.name", location: "us-central1" };
const pool = listed("gcp:container/nodePool:NodePool", "pool", poolInputs, ["nat"]);
const all = [network, subnetwork, router, nat, cluster, pool];

describe("the stand-in clouds under the real engine", function () {
  this.slow(60_000);

  before("pulumi is there", async function () {
    this.timeout(45 * 60_000);
    await step("pulumi", (say) => provide(localPulumiTools, say));
  });

  async function sandbox(name: string, resources: Listed[]): Promise<Sandbox> {
    const made = new Sandbox({ name, program });
    made.settings({ resources });
    await made.init();
    return made;
  }
  /** What the clouds refused, as `name: why`. */
  const refused = (box: Sandbox, from = 0) =>
    box
      .operations(from)
      .filter(({ operation }) => operation === "refused")
      .map(({ name, why }) => `${name}: ${why}`)
      .sort();

  it("refuse to make what lacks what it needs, each with its reason, and make the rest", async () => {
    const box = await sandbox("creation", [
      network,
      subnetwork,
      cluster,
      listed("gcp:container/nodePool:NodePool", "pool-without-nat", poolInputs),
      listed("gcp:container/nodePool:NodePool", "pool-of-no-cluster", { name: "p", cluster: "no" }),
      listed("gcp:compute/subnetwork:Subnetwork", "subnetwork-elsewhere", {
        ...{ name: "e", network: "projects/p/global/networks/none" },
      }),
      listed("gcp:compute/network:Network", "network-again", { name: "n" }, ["network"]),
      listed("aws:eks/cluster:Cluster", "role-unknown", {
        ...{ name: "c", roleArn: "arn:aws:iam::111122223333:role/none" },
      }),
      listed("azure-native:network:VirtualNetwork", "no-group", {
        ...{ resourceGroupName: "none", virtualNetworkName: "v" },
      }),
    ]);
    const { code } = await box.up("--continue-on-error");
    assert.notEqual(code, 0);
    assert.deepEqual(refused(box), [
      "network-again: projects/stand-in-project/global/networks/n already exists",
      "no-group: azure-native:network:VirtualNetwork: resourceGroupName is none, and no azure-native:resources:ResourceGroup has that name",
      "pool-of-no-cluster: gcp:container/nodePool:NodePool: cluster is no, and no gcp:container/cluster:Cluster has that name",
      "pool-without-nat: gcp:container/nodePool:NodePool needs gcp:compute/routerNat:RouterNat: private nodes reach no registry without a NAT in their network",
      "role-unknown: aws:eks/cluster:Cluster refers to arn:aws:iam::111122223333:role/none, which does not exist",
      "subnetwork-elsewhere: gcp:compute/subnetwork:Subnetwork refers to projects/p/global/networks/none, which does not exist",
    ]);
    assert.deepEqual(
      box.things("gcp").map(({ name }) => name),
      ["network", "subnetwork", "cluster"],
    );
    assert.equal((await box.destroy()).code, 0);
    assert.deepEqual(box.things("gcp"), []);
  });

  it("know in a second process what the first has made, change in place or anew as the table says, and refuse to delete what is in use", async () => {
    const box = await sandbox("life", all);
    assert.equal((await box.up()).code, 0, "up");
    const again = await box.up();
    assert.deepEqual([...new Set(again.steps.map(({ op }) => op))], ["same"]);

    const relabelled = { ...cluster, inputs: { ...cluster.inputs, resourceLabels: { team: "x" } } };
    const larger = { ...pool, inputs: { ...poolInputs, nodeConfig: { machineType: "g2" } } };
    box.settings({ resources: [network, subnetwork, router, nat, relabelled, larger] });
    const changed = await box.up();
    assert.equal(changed.code, 0, changed.output);
    const done = changed.steps.filter(({ op }) => op !== "same").map((it) => `${it.op} ${it.name}`);
    assert.deepEqual(
      done.filter((it) => !/Stack|stand-ins/.test(it)),
      ["update cluster", "delete-replaced pool", "replace pool", "create-replacement pool"],
    );

    // The state forgets who depends on whom, as if the program had never said it.
    const protectedCluster = { ...relabelled.inputs, deletionProtection: true };
    box.settings({
      resources: [
        network,
        subnetwork,
        router,
        { ...cluster, inputs: protectedCluster },
        { ...larger, dependsOn: [] },
      ],
    });
    const from = box.operations().length;
    const natless = await box.up();
    assert.notEqual(natless.code, 0);
    assert.deepEqual(refused(box, from), [
      "nat: stand-in-project/us-central1/r/x is still needed by projects/stand-in-project/locations/us-central1/clusters/c/nodePools/p: private nodes reach no registry without a NAT in their network",
    ]);
    const kept = await box.destroy("--continue-on-error");
    assert.notEqual(kept.code, 0);
    assert.match(
      refused(box, from).join("\n"),
      /^cluster: .* is protected: deletionProtection is on$/m,
    );
    box.settings({ resources: [network, subnetwork, router, relabelled] });
    assert.equal((await box.up()).code, 0, "protection off");
    assert.equal((await box.destroy()).code, 0, "destroy");
    assert.deepEqual(box.things("gcp"), []);
  });

  it("fail on request, and go on with what a killed engine has begun", async () => {
    const box = await sandbox("killed", all);
    const type = "gcp:container/cluster:Cluster";
    box.control({ faults: [{ operation: "create", type, how: "fail", why: "quota exceeded" }] });
    const failed = await box.up();
    assert.notEqual(failed.code, 0);
    assert.match(failed.output, /quota exceeded/);

    await box.killAt({ operation: "create", type });
    await box.adopt();
    const taken = await box.up();
    assert.equal(taken.code, 0, taken.output);
    assert.deepEqual(box.things("gcp").length, all.length);
    assert.equal((await box.destroy()).code, 0);
    assert.deepEqual(box.things("gcp"), []);
  });
});
