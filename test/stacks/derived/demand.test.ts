import assert from "node:assert/strict";
import { podDemand } from "../../../stacks/derived/demand";

describe("what a pod with init containers asks for", () => {
  const entry = { gpus: 0, cpu: "1", memory: "1Gi", sidecars: { proxy: { cpu: "1" } }, logs: {} };
  const alone = podDemand(entry, false);
  for (const [what, initContainers, cpu] of [
    ["what its other containers do, where those ask for more", [{ cpu: "1500m" }], alone.cpu],
    ["what the largest asks for beside ours", [{ cpu: "8" }, { cpu: "4" }], alone.cpu + 6000],
  ] as const) {
    it(`is ${what}`, () => {
      assert.equal(podDemand({ ...entry, initContainers }, false).cpu, cpu);
    });
  }
});
