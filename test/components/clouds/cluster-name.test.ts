import assert from "node:assert/strict";
import { clusterNameFaults } from "../../../components/clouds/cluster-name";

describe("the name of a cluster on GKE or AKS", () => {
  it("is 1 to 40 lower-case letters, digits and hyphens", () => {
    for (const name of ["a", "prod", "prod-2", "a".repeat(40)]) {
      assert.deepEqual(clusterNameFaults(name), [], name);
    }
  });

  it("is refused where a cloud would refuse it", () => {
    for (const name of ["", "Prod", "prod_1", "prod-", "1st", "-a", "a".repeat(41)]) {
      assert.deepEqual(
        clusterNameFaults(name).map(({ path, found }) => ({ path, found })),
        [{ path: ["clusterName"], found: JSON.stringify(name) }],
        name,
      );
    }
  });
});
