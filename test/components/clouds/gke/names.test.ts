import assert from "node:assert/strict";
import { gkeLimits } from "../../../../components/clouds/gke/rules";
import { defaultClusterName, shortName } from "../../../../components/clouds/gke/names";

describe("names on Google Cloud", () => {
  it("stay as they are while they are short enough", () => {
    assert.equal(shortName("prod-nodes", 30), "prod-nodes");
  });

  it("stay different where they differ only in what is cut off", () => {
    const [one, two] = ["a", "b"].map((end) => shortName(`${"x".repeat(40)}-${end}`, 30));

    assert.equal(one?.length, 30);
    assert.notEqual(one, two);
  });

  it("do not end in a double hyphen where they are cut", () => {
    assert.match(shortName(`${"x".repeat(22)}-${"y".repeat(20)}`, 30), /^x{22}-[0-9a-f]{6}$/);
  });

  it("come from the stack and the component, in letters that Google Cloud takes", () => {
    assert.equal(defaultClusterName("prod-gke", "cluster"), "prod-gke-cluster");
    assert.equal(defaultClusterName("Dev_2.Eu", "cluster"), "dev-2-eu-cluster");
    assert.equal(defaultClusterName("2nd", "cluster"), "nd-cluster");
    for (const stack of ["prod", "_", "9", "s".repeat(100)]) {
      const clusterName = defaultClusterName(stack, "cluster");
      assert.match(clusterName, gkeLimits.clusterName.form, stack);
      assert.ok(clusterName.length <= gkeLimits.clusterName.longest, stack);
    }
  });
});
