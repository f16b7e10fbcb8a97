import assert from "node:assert/strict";
import { aksRules } from "../../../../components/clouds/aks/rules";
import { problemsOf, type PreflightCluster } from "../../../../components/clouds/rules/rule";
import type { ManagedPool } from "../../../../components/clouds/managed";
import { reservationGroup, t4Pool } from "../../../support/aks";

interface Case {
  /** Number of the rule. */
  id: string;
  /** What is refused, as a sentence's end. */
  refuses: string;
  /** Whether it is told only, and not refused. @default false */
  told?: true;
  cluster?: Partial<PreflightCluster>;
  pools?: Record<string, ManagedPool>;
  /** Path and beginning of the problem. */
  found: string;
  /** The nearest to it that is accepted. */
  accepts: { cluster?: Partial<PreflightCluster>; pools?: Record<string, ManagedPool> };
}

const reserved = (reservation: string, zone?: string) =>
  t4Pool({ capacity: [{ kind: "reserved", reservation, zone }] });
const rungs = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`pool-${at}`, t4Pool()]));

const cases: Case[] = [
  {
    id: "AKS-02",
    refuses: "zones in a region without",
    cluster: { region: "westus", zones: ["1"] },
    found: "cluster.zones: westus has no availability zones",
    accepts: { cluster: { region: "westus2", zones: ["1"] } },
  },
  {
    id: "AKS-03",
    refuses: "a pool's zones in a region without",
    cluster: { region: "westus" },
    pools: { t4: t4Pool({ zones: ["1"] }) },
    found: "pools.t4.zones: westus has no availability zones",
    accepts: { cluster: { region: "westus" }, pools: { t4: t4Pool() } },
  },
  {
    id: "AKS-03",
    refuses: "a reservation's zone in a region without",
    cluster: { region: "westus" },
    pools: { t4: reserved(reservationGroup, "1") },
    found: "pools.t4.capacity.0.zone: westus has no availability zones",
    accepts: { cluster: { region: "westus" }, pools: { t4: reserved(reservationGroup) } },
  },
  {
    id: "AKS-04",
    refuses: "a reservation by its bare name",
    pools: { t4: reserved("t4-reservation", "1") },
    found: "pools.t4.capacity.0.reserved: not the id of a capacity reservation group",
    accepts: { pools: { t4: reserved(reservationGroup, "1") } },
  },
  {
    id: "AKS-04",
    refuses: "one reservation of a group",
    pools: { t4: reserved(`${reservationGroup}/capacityReservations/one`, "1") },
    found: "pools.t4.capacity.0.reserved: not the id of a capacity reservation group",
    accepts: { pools: { t4: reserved(reservationGroup.toLowerCase(), "1") } },
  },
  {
    id: "AKS-07",
    refuses: "more nodes than an agent pool can have",
    pools: { t4: t4Pool({ nodes: { min: 0, max: 1001 } }) },
    found: "pools.t4.nodes.max: more nodes",
    accepts: { pools: { t4: t4Pool({ nodes: { min: 0, max: 1000 } }) } },
  },
  {
    id: "AKS-08",
    refuses: "more agent pools than a cluster can have",
    pools: rungs(99),
    found: "pools: more agent pools",
    accepts: { pools: rungs(98) },
  },
  {
    id: "AKS-09",
    refuses: "two pools whose short names fall together",
    // Found by trying numbers: these two have the same hash.
    pools: { "vision-8522": t4Pool(), "vision-18961": t4Pool() },
    found: "pools.vision-18961.capacity.0: AKS's 12 letters",
    accepts: { pools: { "vision-8522": t4Pool(), "vision-18962": t4Pool() } },
  },
  {
    id: "AKS-11",
    refuses: "a reservation whose nodes have no zone in a region with zones",
    told: true,
    pools: { t4: reserved(reservationGroup) },
    found: "pools.t4.capacity.0.zone: a reservation for nodes without a zone",
    accepts: { pools: { t4: reserved(reservationGroup, "2") } },
  },
  {
    id: "AKS-11",
    refuses: "a reservation behind another capacity type",
    told: true,
    pools: {
      t4: t4Pool({
        capacity: [{ kind: "spot" }, { kind: "reserved", reservation: reservationGroup }],
      }),
    },
    found: "pools.t4.capacity.1.zone: a reservation for nodes without a zone",
    accepts: { cluster: { zones: ["1"] }, pools: { t4: reserved(reservationGroup) } },
  },
  {
    id: "AKS-11",
    refuses: "a reservation in a pool that leaves its zones to Azure",
    told: true,
    pools: { t4: reserved(reservationGroup) },
    found: "pools.t4.capacity.0.zone: a reservation for nodes without a zone",
    accepts: { pools: { t4: { ...reserved(reservationGroup), zones: ["3"] } } },
  },
  {
    id: "AKS-12",
    refuses: "a reservation for nodes that are to be close to each other",
    pools: { t4: { ...reserved(reservationGroup, "1"), network: "compact" } },
    found: "pools.t4.capacity.0: no reservation takes nodes of a proximity placement group",
    accepts: { pools: { t4: t4Pool({ network: "compact" }) } },
  },
];

function ask(given: Case["accepts"]) {
  return problemsOf(
    aksRules,
    { kind: "aks", region: "eastus", ...given.cluster },
    given.pools ?? { t4: t4Pool() },
  );
}

describe("the rules of AKS", () => {
  it("have numbers of their own", () => {
    const ids = aksRules.map(({ id }) => id);

    assert.deepEqual([...new Set(ids)], ids);
    for (const id of ids) assert.match(id, /^AKS-\d\d$/);
  });

  it("are all shown below", () => {
    assert.deepEqual(
      [...new Set(cases.map(({ id }) => id))].sort(),
      aksRules.map(({ id }) => id),
    );
  });

  for (const { id, refuses, told, found, accepts, ...given } of cases) {
    it(`${id} ${told ? "remarks on" : "refuses"} ${refuses}`, () => {
      const [problem, ...others] = ask(given);

      assert.ok(problem, "nothing was found");
      assert.deepEqual(others, []);
      assert.equal(problem.warning, told);
      assert.ok(
        `${problem.path.join(".")}: ${problem.problem}`.startsWith(found),
        `${problem.path.join(".")}: ${problem.problem}`,
      );
      assert.notEqual(problem.found, "");
      assert.notEqual(problem.allowed, "");
      assert.notEqual(problem.fix, "");
    });

    it(`${id} accepts what is nearest to that: ${refuses}`, () => {
      assert.deepEqual(ask(accepts), []);
    });
  }
});
