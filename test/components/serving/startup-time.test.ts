import assert from "node:assert/strict";
import { startupTime } from "../../../components/serving/startup-time";

describe("the time that a model has to start", () => {
  const start = { imageGiB: 0, weightsGiB: 0, weights: "hub", warmUp: 0 } as const;

  it("is a minute for a container that has nothing to fetch", () => {
    assert.equal(startupTime(start), 60);
  });

  it("is that and the transfer of image and weights, in whole minutes", () => {
    // 60 s, 11 GiB at 40 MiB/s are 281.6 s, 16 GiB at 50 MiB/s are 327.68 s, and 600 s: 1269.28 s.
    const large = { imageGiB: 11, weightsGiB: 16, weights: "hub", warmUp: 600 } as const;
    assert.equal(startupTime(large), 22 * 60);
  });

  it("is shorter where the weights come from a volume, and shortest from a bucket", () => {
    const of = (weights: "hub" | "folder" | "bucket") =>
      startupTime({ ...start, weightsGiB: 150, weights });
    assert.deepEqual([of("hub"), of("folder"), of("bucket")], [3180, 1620, 840]);
  });
});
