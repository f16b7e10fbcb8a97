import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { BatchJob } from "../../components/jobs/batch-job";
import { InferenceService } from "../../components/serving/inference-service";
import { handOverVariable, taken } from "../../rollouts/hand-over";
import { watchRollouts } from "../../rollouts/in-program";
import { aCluster, l4 } from "../support/clusters";
import { deploy } from "../support/deploy";
import { suiteFolder } from "../support/folder";

describe("what the program hands over to the command that watches", () => {
  const folder = suiteFolder();
  before(() => (process.env[handOverVariable] = folder));
  after(() => delete process.env[handOverVariable]);

  it("is the kubeconfig, for nobody else to read, and how long each service and each job that starts may wait for a node", async () => {
    assert.equal(taken(folder), undefined, "it has not come that far");
    await deploy(() => {
      const cluster = aCluster({ pools: { l4 } });
      const args = { cluster, namespace: "vision", image: "chat:v1" };
      const services = [
        new InferenceService("chat", { ...args, gpus: 1, pool: "l4", surgeWaitSeconds: 60 }),
        new InferenceService("front", args),
      ];
      const jobs = [
        new BatchJob("study", { ...args, timeout: 7200 }),
        // Its end is waited for.
        new BatchJob("evaluate", { ...args, timeout: 60 }),
      ];
      watchRollouts(
        cluster.kubeconfig,
        [...services, ...jobs].flatMap(({ rollout }) => rollout ?? []),
        [],
      );
      return {};
    });
    const found = taken(folder);
    assert.equal(typeof found?.kubeconfig, "string");
    assert.deepEqual(found?.workloads, [
      { kind: "Deployment", name: "chat", namespace: "vision", placement: 60 + 900 },
      { kind: "Deployment", name: "front", namespace: "vision", placement: 0 },
      { kind: "Job", name: "study", namespace: "vision", placement: 0 },
    ]);
    assert.equal(statSync(join(folder, "rollouts.json")).mode & 0o077, 0);
  });
});
