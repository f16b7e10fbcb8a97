import assert from "node:assert/strict";
import { readPlan, summary } from "../../cli/plan";
import { output } from "./recorded";

const provider = "pulumi:providers:kubernetes";
const step = (op: string, type: string, old: unknown = {}) => ({
  op,
  urn: `urn:pulumi:prod::gpu-serving::gpu-serving:index:Cluster$${type}::cluster`,
  oldState: { type, custom: true, inputs: old },
  newState: { type, custom: true, inputs: { clusterIdentifier: "uid" } },
});
const read = (stdout: string) => readPlan("prod", { code: 0, stdout, stderr: "" });
const planOf = (...steps: object[]) => read(JSON.stringify({ steps }));

describe("the plan of an update", () => {
  it("is refused where it replaces the provider of a cluster that stays, in words with what to do", () => {
    assert.match(
      planOf(step("replace", provider)).refusal ?? "",
      /^prod: this update would delete every object [^]* put the old kubeconfig back /,
    );
    for (const steps of [
      [step("create-replacement", provider)],
      [step("replace", provider, { clusterIdentifier: "" })],
      // Others have inputs in a form of their own.
      [step("update", "a:b:C", ["a list"]), step("replace", provider)],
    ]) {
      assert.ok(planOf(...steps).refusal);
    }
  });

  it("goes on where the cluster is replaced with it", () => {
    for (const type of [
      "gcp:container/cluster:Cluster",
      "aws:eks/cluster:Cluster",
      "azure-native:containerservice:ManagedCluster",
      "azure-native:containerservice/v20250101:ManagedCluster",
    ]) {
      assert.equal(planOf(step("replace", type), step("replace", provider)).refusal, undefined);
    }
  });

  it("goes on where the provider is updated, made, or replaced for another identity of the cluster, or another resource is", () => {
    const known = step("replace", provider, { clusterIdentifier: "old" });
    const others = [step("update", provider), step("create", provider), step("replace", "a:b:C")];
    for (const one of [known, ...others]) assert.equal(planOf(one).refusal, undefined);
  });

  it("is refused with the program's own errors", () =>
    assert.match(read(output("faulty")).refusal ?? "", /^2 faults in 1 file/));

  it("is told in a line for each kind of step, of which five are named", () => {
    const made = Array.from({ length: 6 }, () => step("create", "a:b:C"));
    const { preview } = planOf(...made, step("delete", "a:b:D"));
    const names = Array.from({ length: 5 }, () => "C cluster").join(", ");
    assert.deepEqual(summary(preview), [
      `  6 to create: ${names} and 1 more`,
      "  1 to delete: D cluster",
    ]);
    assert.deepEqual(summary(read(output("unchanged")).preview), ["  no change"]);
  });
});
