import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceService } from "../../components/serving/inference-service";
import { give, handOverVariable, taken } from "../../rollouts/hand-over";
import { watchRollouts } from "../../rollouts/in-program";
import { aCluster, l4 } from "../support/clusters";
import { deploy } from "../support/deploy";

describe("what the program hands over to the command that watches", () => {
  const folder = mkdtempSync(join(tmpdir(), "gpu-serving-hand-over-"));
  before(() => (process.env[handOverVariable] = folder));
  after(() => {
    delete process.env[handOverVariable];
    rmSync(folder, { recursive: true });
  });

  it("is nothing as long as it has not come that far", () => {
    assert.equal(taken(folder), undefined);
  });

  it("is the kubeconfig, for nobody else to read, and how long each service may wait for a node", async () => {
    await deploy(() => {
      const cluster = aCluster({ pools: { l4 } });
      const args = { cluster, namespace: "vision", image: "chat:v1" };
      const services = [
        new InferenceService("chat", { ...args, gpus: 1, pool: "l4", spareWait: 60 }),
        new InferenceService("front", args),
      ];
      watchRollouts(
        cluster.kubeconfig,
        services.map(({ rollout }) => rollout),
        [],
      );
      return {};
    });
    const found = taken(folder);
    assert.equal(typeof found?.kubeconfig, "string");
    assert.deepEqual(found?.services, [
      { name: "chat", namespace: "vision", placement: 60 + 900 },
      { name: "front", namespace: "vision", placement: 0 },
    ]);
    assert.equal(statSync(join(folder, "rollouts.json")).mode & 0o077, 0);
  });

  it("is read as it was given", () => {
    const what = { kubeconfig: "k", services: [{ name: "a", namespace: "b", placement: 1 }] };
    give(folder, what);
    assert.deepEqual(taken(folder), what);
  });
});
