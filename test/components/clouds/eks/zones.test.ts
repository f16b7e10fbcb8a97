import assert from "node:assert/strict";
import { fitted } from "../../../../components/clouds/eks/names";
import { subnetZones, zoneAddresses } from "../../../../components/clouds/eks/zones";
import { eksPool } from "../../../support/eks";

describe("zones on EKS", () => {
  it("have subnets where the cluster, a pool or a reservation is, each once", () => {
    const pools = {
      l4: eksPool({ zones: ["us-east-1d"] }),
      h100: eksPool({
        capacity: [{ kind: "block", reservation: "cr-0123456789abcdef0", zone: "us-east-1c" }],
      }),
    };

    assert.deepEqual(
      subnetZones(["us-east-1b", "us-east-1d"], pools),
      ["b", "c", "d"].map((letter) => `us-east-1${letter}`),
    );
  });

  it("have addresses by their letter, whatever other zones there are", () => {
    assert.deepEqual(
      ["us-east-1a", "us-east-1f"].map((zone) => zoneAddresses("10.7.0.0/16", zone)),
      [
        { private: "10.7.0.0/19", public: "10.7.192.0/24" },
        { private: "10.7.160.0/19", public: "10.7.197.0/24" },
      ],
    );
  });
});

describe("names on EKS", () => {
  it("are cut with a hash where they are too long, so that two stay two", () => {
    const [one, two] = ["a", "b"].map((end) => fitted(`${"x".repeat(64)}${end}`, 64));

    assert.equal(fitted("x".repeat(64), 64), "x".repeat(64));
    assert.equal(one?.length, 64);
    assert.notEqual(one, two);
  });
});
