import assert from "node:assert/strict";
import { join } from "node:path";
import { embeddedSets } from "../../local/embedded";
import { checkout } from "../../local/folder";
import { usesSimulatedNodes } from "../../local/simulated-nodes";
import { readStackFile } from "../../stacks/config";

describe("simulated nodes", () => {
  const { cluster } = readStackFile(join(checkout, "Pulumi.dev.yaml"));
  const withPool = (select: Record<string, string>) => {
    assert.ok(cluster.kind === "existing");
    const { dev } = cluster.pools;
    assert.ok(dev);
    return { cluster: { ...cluster, pools: { dev, large: { ...dev, select } } } };
  };

  it("are wanted by a stack with a pool on them, which the stack of the first start has not", () => {
    assert.equal(usesSimulatedNodes({ cluster }), false);
    assert.equal(usesSimulatedNodes(withPool({ "gpu-serving/pool": "dev" })), false);
    assert.equal(usesSimulatedNodes(withPool({ "gpu-serving/pool": "simulated" })), true);
  });

  it("bring kwok, which the first start does not wait for", () => {
    const names = (simulated: boolean) => embeddedSets(simulated, true).map(({ name }) => name);
    assert.deepEqual(names(false).concat("kwok"), names(true));
  });
});
