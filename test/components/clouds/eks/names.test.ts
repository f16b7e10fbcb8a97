import assert from "node:assert/strict";
import { fitted, partition } from "../../../../components/clouds/eks/names";

describe("names on EKS", () => {
  it("are cut with a hash where they are too long, so that two stay two", () => {
    assert.equal(fitted("short", 64), "short");
    const [one, two] = ["a", "b"].map((end) => fitted(`${"x".repeat(70)}${end}`, 64));
    assert.equal(one?.length, 64);
    assert.notEqual(one, two);
  });

  it("know the part of AWS that a region is in", () => {
    assert.deepEqual(["us-east-1", "cn-north-1", "us-gov-west-1"].map(partition), [
      "aws",
      "aws-cn",
      "aws-us-gov",
    ]);
  });
});
