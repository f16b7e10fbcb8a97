import assert from "node:assert/strict";
import { capacityZones, subnetZones, zoneAddresses } from "../../../../components/clouds/eks/zones";
import { eksPool } from "../../../support/eks";

const reservation = "cr-0123456789abcdef0";

describe("zones on EKS", () => {
  it("have subnets where the cluster, a pool or a reservation is, each once", () => {
    const pools = {
      l4: eksPool({ zones: ["us-east-1d"] }),
      h100: eksPool({ capacity: [{ kind: "block", reservation, zone: "us-east-1c" }] }),
    };

    assert.deepEqual(subnetZones(["us-east-1b", "us-east-1d"], pools), [
      "us-east-1b",
      "us-east-1c",
      "us-east-1d",
    ]);
  });

  it("have addresses by their letter, whatever other zones there are", () => {
    assert.deepEqual(zoneAddresses("10.7.0.0/16", "us-east-1a"), {
      private: "10.7.0.0/19",
      public: "10.7.192.0/24",
    });
    assert.deepEqual(zoneAddresses("10.7.0.0/16", "us-east-1f"), {
      private: "10.7.160.0/19",
      public: "10.7.197.0/24",
    });
  });

  it("are a reservation's own where a capacity type has one", () => {
    const reserved = { kind: "reserved", reservation, zone: "us-east-1c" } as const;

    assert.deepEqual(capacityZones(reserved, ["us-east-1a"]), ["us-east-1c"]);
    assert.deepEqual(capacityZones({ kind: "spot" }, ["us-east-1a"]), ["us-east-1a"]);
  });
});
