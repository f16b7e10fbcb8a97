import assert from "node:assert/strict";
import { readPlan, summary } from "../../cli/plan";
import { output } from "./recorded";

const provider = "pulumi:providers:kubernetes";
const step = (op: string, type: string, old: object = {}) => ({
  op,
  urn: `urn:pulumi:prod::gpu-serving::gpu-serving:index:Cluster$${type}::cluster`,
  oldState: { type, custom: true, inputs: old },
  newState: { type, custom: true, inputs: { clusterIdentifier: "uid" } },
});
const read = (stdout: string, stderr = "") => readPlan("prod", { code: 0, stdout, stderr });
const planOf = (...steps: object[]) => read(JSON.stringify({ steps }));

describe("the plan of an update", () => {
  it("is refused where it replaces the provider of a cluster that stays, in words with what to do", () => {
    const { refusal = "" } = planOf(
      step("create-replacement", provider),
      step("replace", provider),
    );
    assert.match(
      refusal,
      /^prod: this update would delete every object on the cluster and make it anew/,
    );
    assert.match(refusal, /do: {2}put the old kubeconfig back and run npm run apply -- prod/);
  });

  it("is refused also where the inputs of others have a form of their own", () => {
    const odd = { ...step("update", "a:b:C"), oldState: { type: "a:b:C", inputs: ["a list"] } };
    assert.ok(planOf(odd, step("replace", provider)).refusal);
  });

  it("is refused where the identity was empty", () => {
    assert.ok(planOf(step("replace", provider, { clusterIdentifier: "" })).refusal);
  });

  it("goes on where the cluster is replaced with it", () => {
    for (const type of [
      "gcp:container/cluster:Cluster",
      "aws:eks/cluster:Cluster",
      "azure-native:containerservice:ManagedCluster",
    ]) {
      assert.equal(planOf(step("replace", type), step("replace", provider)).refusal, undefined);
    }
  });

  it("goes on where the provider is updated, made, or replaced for another identity of the cluster", () => {
    const known = step("replace", provider, { clusterIdentifier: "old" });
    for (const one of [step("update", provider), step("create", provider), known]) {
      assert.equal(planOf(one).refusal, undefined);
    }
  });

  it("is refused with the program's own errors", () => {
    assert.ok(read(output("faulty")).refusal);
    assert.match(read("", "error: no stack named 'prod'").refusal ?? "", /no stack named/);
  });

  it("is told in a line for each kind of step", () => {
    const { preview, refusal } = read(output("replaced"));
    assert.equal(refusal, undefined);
    const lines = summary(preview);
    assert.ok(
      lines.some((line) => /^ {2}\d+ to create: /.test(line)),
      lines.join("\n"),
    );
    assert.deepEqual(summary(read(output("unchanged")).preview), ["  no change"]);
  });
});
