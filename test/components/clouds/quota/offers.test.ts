import assert from "node:assert/strict";
import {
  offerProblems,
  wholeRegion,
  type Offers,
} from "../../../../components/clouds/quota/offers";
import { pathText } from "../../../../stacks/problems";
import { l4Pool } from "../../../support/gke";

type Cluster = Parameters<typeof offerProblems>[0];

/** Problems as `path: found | allowed | fix`. */
function found(
  cluster: Partial<Cluster>,
  pool: Parameters<typeof l4Pool>[0],
  offers: Offers,
): string[] {
  return offerProblems(
    { kind: "gke", region: "us-central1", ...cluster },
    { small: l4Pool(pool) },
    () => offers,
  ).map(
    ({ path, problem, found, allowed, fix }) =>
      `${pathText(path)}: ${problem} | ${found} | ${allowed} | ${fix}`,
  );
}

describe("zones in which a machine is not offered", () => {
  it("are told one by one, where the pool names them", () =>
    assert.deepEqual(
      found({}, { zones: ["us-central1-a", "us-central1-f", "us-central1-d"] }, ["us-central1-a"]),
      [
        'pools.small.zones[1]: g2-standard-12 is not offered | "us-central1-f" | us-central1-a | take one of ["us-central1-a"]',
        'pools.small.zones[2]: g2-standard-12 is not offered | "us-central1-d" | us-central1-a | take one of ["us-central1-a"]',
      ],
    ));

  it("are the cluster's, where the pool names none", () =>
    assert.deepEqual(found({ zones: ["us-central1-f"] }, {}, ["us-central1-a"]), [
      'cluster.zones[0]: g2-standard-12 is not offered | "us-central1-f" | us-central1-a | take one of ["us-central1-a"]',
    ]));

  it("are a reservation's", () =>
    assert.deepEqual(
      found(
        { zones: ["us-central1-f"] },
        { capacity: [{ kind: "reserved", reservation: "r", zone: "us-central1-b" }] },
        ["us-central1-a"],
      ),
      [
        'pools.small.capacity[0]: g2-standard-12 is not offered | "us-central1-b" | us-central1-a | take one of ["us-central1-a"]',
      ],
    ));

  it("are those that we take by default on EKS", () => {
    const eks = { kind: "eks", region: "us-east-1" } as const;
    assert.deepEqual(found(eks, {}, ["us-east-1d", "us-east-1f"]), [
      'pools.small: g2-standard-12 is not offered | no zones named, so us-east-1a, us-east-1b, us-east-1c | us-east-1d, us-east-1f | write zones: ["us-east-1d", "us-east-1f"] for the pool',
    ]);
    assert.deepEqual(found(eks, {}, ["us-east-1c"]), []);
  });

  it("are the whole region, where it has the machine nowhere", () =>
    assert.deepEqual(found({}, {}, []), [
      "pools.small: g2-standard-12 is not offered | no zones named | nothing in us-central1 | choose another machine, or another region",
    ]));

  it("are all that are named, where the region has none", () =>
    assert.deepEqual(found({ kind: "aks", region: "westus" }, { zones: ["1"] }, [wholeRegion]), [
      'pools.small.zones[0]: g2-standard-12 is not offered | "1" | region | name no zones: this region has none',
    ]));

  it("are none where every zone has it, or nobody could be asked", () => {
    const zones = ["us-central1-a", "us-central1-b"];
    assert.deepEqual(found({ zones }, {}, zones), []);
    assert.deepEqual(found({}, {}, [wholeRegion]), []);
    assert.deepEqual(found({ zones }, {}, "unasked"), []);
  });
});
