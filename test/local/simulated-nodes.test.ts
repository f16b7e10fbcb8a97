import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { embeddedSets } from "../../local/embedded";
import { usesSimulatedNodes } from "../../local/simulated-nodes";
import { checkout } from "../../local/folder";

const on = (pool: string) => ({ large: { select: { "gpu-serving/pool": pool } } });

describe("the simulated nodes of the local cluster", () => {
  it("are waited for by stacks that have a pool on them", () => {
    assert.equal(usesSimulatedNodes({}), false);
    assert.equal(usesSimulatedNodes(on("dev")), false);
    assert.equal(usesSimulatedNodes(on("simulated")), true);
  });

  it("bring kwok, which the first start does not wait for", () => {
    const names = (simulated: boolean) => embeddedSets(simulated, true).map(({ name }) => name);
    assert.deepEqual(names(false).concat("kwok"), names(true));
  });

  it("carry the label that these pools select", () => {
    const nodes = readFileSync(join(checkout, "local", "cluster", "nodes.yaml"), "utf8");
    assert.match(nodes, /gpu-serving\/pool: simulated/);
  });
});
