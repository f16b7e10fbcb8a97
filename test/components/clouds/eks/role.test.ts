import assert from "node:assert/strict";
import { trust } from "../../../../components/clouds/eks/role";

describe("a role on EKS", () => {
  it("is taken by pods together with the tags that pod identity passes", () => {
    assert.deepEqual(JSON.parse(trust("pods.eks.amazonaws.com")), {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "pods.eks.amazonaws.com" },
          Action: ["sts:AssumeRole", "sts:TagSession"],
        },
      ],
    });
  });
});
