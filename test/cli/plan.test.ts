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

  describe("where a service leaves its autoscaler", () => {
    const of = "urn:pulumi:prod::gpu-serving::gpu-serving:index:InferenceService$";
    const scaledObject = "kubernetes:keda.sh/v1alpha1:ScaledObject";
    const hpa = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
    const scaler = (type: string, spec: object, op = "delete") => ({
      ...{ op, urn: `${of}${type}::chat-scaler` },
      oldState: { type, custom: true, inputs: { spec } },
    });
    const deployment = (replicas: number, op = "update", name = "chat") => {
      const type = "kubernetes:apps/v1:Deployment";
      const inputs = { spec: { replicas } };
      const state = { type, custom: true, inputs };
      return { op, urn: `${of}${type}::${name}`, oldState: state, newState: state };
    };
    const range = { minReplicaCount: 2, maxReplicaCount: 6 };

    it("is refused as long as the autoscaler would set the number back, in steps that are not", () => {
      assert.equal(
        planOf(deployment(1), scaler(scaledObject, range)).refusal,
        [
          "prod: services.chat cannot go from its autoscaler (2 to 6 replicas) to 1 at once; nothing was created or changed.",
          "    why: the autoscaler goes after the Deployment has changed, and sets the number back until then",
          "    do:  write replicas: { min: 1, max: 1 } and apply, then replicas: 1",
        ].join("\n"),
      );
      const cpu = { minReplicas: 1, maxReplicas: 1 };
      assert.match(
        planOf(deployment(0), scaler(hpa, cpu)).refusal ?? "",
        /do: {2}write replicas: \{ min: 1, max: 1 \} and apply, then replicas: 1 and apply, then replicas: 0$/,
      );
    });

    it("goes on where the autoscaler has that number alone, stays, or goes with its service", () => {
      const fixed = { minReplicas: 2, maxReplicas: 2 };
      for (const steps of [
        [deployment(2), scaler(hpa, fixed)],
        [deployment(2), scaler(scaledObject, range, "update")],
        [deployment(2, "delete"), scaler(scaledObject, range)],
        [deployment(2, "update", "other"), scaler(scaledObject, range)],
      ]) {
        assert.equal(planOf(...steps).refusal, undefined);
      }
    });
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
