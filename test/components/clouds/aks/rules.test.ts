import assert from "node:assert/strict";
import { aksRules } from "../../../../components/clouds/aks/rules";
import { problemsOf, type PreflightCluster } from "../../../../components/clouds/rules/rule";
import type { ManagedPool } from "../../../../components/clouds/managed";
import { aksMachine, reservationGroup, t4Pool } from "../../../support/aks";

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

const a100 = aksMachine("Standard_NC24ads_A100_v4");
const rtx = aksMachine("Standard_NC144ds_xl_RTXPRO6000BSE_v6");
const ranges = (count: number) => Array.from({ length: count }, (_, at) => `203.0.${at}.0/24`);
const tagsOf = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`tag${at}`, "x"]));
const reserved = (reservation: string, zone?: string) =>
  t4Pool({ capacity: [{ kind: "reserved", reservation, zone }] });
const mig = (machine: ManagedPool["machine"], profile: string) =>
  t4Pool({ machine, sharing: { kind: "mig", profile } });
const rungs = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`pool-${at}`, t4Pool()]));

const cases: Case[] = [
  {
    id: "AKS-01",
    refuses: "an IPv6 range",
    cluster: { access: ["2001:db8::/32"] },
    found: "cluster.access.0: an IPv6 range",
    accepts: { cluster: { access: ["203.0.113.7/32"] } },
  },
  {
    id: "AKS-01",
    refuses: "the whole internet",
    cluster: { access: ["203.0.113.0/24", "0.0.0.0/0"] },
    found: "cluster.access.1: the whole internet",
    accepts: { cluster: { access: ["128.0.0.0/1"] } },
  },
  {
    id: "AKS-01",
    refuses: "a range that begins in its middle",
    cluster: { access: ["203.0.113.90/29"] },
    found: "cluster.access.0: not the first address of its range",
    accepts: { cluster: { access: ["203.0.113.88/29"] } },
  },
  {
    id: "AKS-01",
    refuses: "more ranges than AKS takes beside the NAT gateway's",
    cluster: { access: ranges(200) },
    found: "cluster.access: too many ranges",
    accepts: { cluster: { access: ranges(199) } },
  },
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
    id: "AKS-05",
    refuses: "a profile that NVIDIA has and AKS has not",
    pools: { a100: mig(a100, "1g.20gb") },
    found: "pools.a100.sharing.mig: not a profile of AKS",
    accepts: { pools: { a100: mig(a100, "1g.10gb") } },
  },
  {
    id: "AKS-05",
    refuses: "MIG on a GPU that AKS does not cut",
    pools: { rtx: mig(rtx, "1g.24gb") },
    found: "pools.rtx.sharing.mig: AKS does not cut RTX-PRO-6000",
    accepts: { pools: { a100: mig(a100, "7g.80gb") } },
  },
  {
    id: "AKS-06",
    refuses: "a disk larger than AKS makes",
    pools: { t4: t4Pool({ diskGiB: 2049 }) },
    found: "pools.t4.disk: larger",
    accepts: { pools: { t4: t4Pool({ diskGiB: 2048 }) } },
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
    id: "AKS-10",
    refuses: "a tag's name with a character that Azure does not take",
    cluster: { tags: { "acme.example/team": "ml" } },
    found: "tags.acme.example/team: not a name",
    accepts: { cluster: { tags: { "acme.example:team": "ml" } } },
  },
  {
    id: "AKS-10",
    refuses: "a tag's value that the disk driver would cut in two",
    cluster: { tags: { teams: "chat,vision" } },
    found: "tags.teams: not a value",
    accepts: { cluster: { tags: { teams: "chat vision" } } },
  },
  {
    id: "AKS-10",
    refuses: "more tags than Azure takes beside those of AKS",
    cluster: { tags: tagsOf(41) },
    found: "tags: too many tags",
    accepts: { cluster: { tags: tagsOf(40) } },
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
    refuses: "a reservation behind another rung",
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
  {
    id: "AKS-13",
    refuses: "the network that needs an operator",
    pools: { t4: t4Pool({ network: "fast" }) },
    found: "pools.t4.network: InfiniBand needs NVIDIA's network operator",
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
