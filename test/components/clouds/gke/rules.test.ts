import assert from "node:assert/strict";
import { gkeRules } from "../../../../components/clouds/gke/rules";
import { problemsOf, type PreflightCluster } from "../../../../components/clouds/rules/rule";
import type { ManagedPool } from "../../../../components/clouds/managed";
import { gkeMachine, l4Pool } from "../../../support/gke";

interface Case {
  /** Number of the rule. */
  rule: string;
  cluster?: Partial<PreflightCluster>;
  pool?: Partial<ManagedPool>;
  /** Name of the pool. @default "l4" */
  name?: string;
  /** Path, what is wrong and value found; undefined: the rule has nothing against it. */
  refused?: [path: (string | number)[], what: RegExp, found: string];
  /** Whether it is told only, and not refused. @default false */
  told?: true;
}

const n1 = { ...gkeMachine("n1-standard-8"), gpusPerNode: 4 };
const unknown = { ...gkeMachine("g2-standard-4"), name: "g2-standard-5" };
const spot = { kind: "spot" } as const;
const onDemand = { kind: "on-demand" } as const;
const flexStart = { kind: "flex-start" } as const;
const reserved = { kind: "reserved", reservation: "r1", zone: "us-central1-a" } as const;
const nodes = (min: number, max: number) => ({ min, max });

const cases: Case[] = [
  { rule: "GKE-01", cluster: { region: "us-central1" } },
  { rule: "GKE-01", cluster: { region: "northamerica-northeast2" } },
  {
    rule: "GKE-01",
    cluster: { region: "us-central1-a" },
    refused: [["cluster", "region"], /^not a region$/, '"us-central1-a"'],
  },
  { rule: "GKE-05", pool: { machine: gkeMachine("n1-standard-8") } },
  {
    rule: "GKE-05",
    pool: { machine: n1 },
    refused: [
      ["pools", "l4", "gpusPerNode"],
      /^not a number of GPUs that n1-standard-8 takes$/,
      "4",
    ],
  },
  {
    rule: "GKE-05",
    pool: { machine: unknown },
    refused: [["pools", "l4", "machine"], /^not a GPU machine of Google Cloud$/, '"g2-standard-5"'],
  },
  { rule: "GKE-07", pool: { capacity: [flexStart], nodes: nodes(0, 4) } },
  { rule: "GKE-07", pool: { capacity: [flexStart, onDemand], nodes: nodes(3, 4) } },
  {
    rule: "GKE-07",
    pool: { capacity: [flexStart], nodes: nodes(3, 4) },
    refused: [["pools", "l4", "nodes", "min"], /from flex-start alone$/, "3"],
  },
  { rule: "GKE-08", pool: { capacity: [onDemand], nodes: nodes(3, 3) } },
  { rule: "GKE-08", pool: { capacity: [spot, onDemand], nodes: nodes(2, 3) } },
  {
    rule: "GKE-08",
    pool: { capacity: [spot, onDemand], nodes: nodes(3, 3) },
    refused: [["pools", "l4", "nodes"], /^a fixed number/, "min 3, max 3, and 2 kinds of capacity"],
  },
  { rule: "GKE-09", pool: { nodes: nodes(1, 3) } },
  { rule: "GKE-09", pool: { nodes: nodes(1, 1), zones: ["us-central1-a"] } },
  { rule: "GKE-09", cluster: { zones: ["us-central1-a"] }, pool: { nodes: nodes(1, 1) } },
  {
    rule: "GKE-09",
    pool: {
      nodes: nodes(1, 1),
      capacity: [{ kind: "reserved", reservation: "r1", zone: "us-central1-a" }],
    },
  },
  {
    rule: "GKE-09",
    pool: { nodes: nodes(1, 2) },
    refused: [["pools", "l4", "nodes", "min"], /^does not fit/, "1 in 3 zones, of at most 2"],
  },
  { rule: "GKE-10", pool: { sharing: { kind: "time-slicing", clients: 48 } } },
  {
    rule: "GKE-10",
    pool: { sharing: { kind: "time-slicing", clients: 49 } },
    refused: [["pools", "l4", "sharing", "timeSlicing"], /^not a number of pods/, "49"],
  },
  {
    rule: "GKE-10",
    pool: { sharing: { kind: "time-slicing", clients: 1 } },
    refused: [["pools", "l4", "sharing", "timeSlicing"], /^not a number of pods/, "1"],
  },
  { rule: "GKE-13", pool: { zones: ["us-central1-a"] } },
  { rule: "GKE-13", cluster: { zones: ["us-central1-a"] } },
  {
    rule: "GKE-13",
    pool: { capacity: [{ kind: "reserved", reservation: "r1", zone: "us-central1-a" }] },
  },
  {
    rule: "GKE-13",
    pool: { capacity: [spot] },
    refused: [["pools", "l4", "zones"], /^no zones: .* has no L4$/, "nothing"],
    told: true,
  },
  { rule: "GKE-14", pool: { network: "compact" } },
  { rule: "GKE-14", pool: { machine: gkeMachine("a3-megagpu-8g"), network: "compact" } },
  { rule: "GKE-14", pool: { machine: gkeMachine("a4-highgpu-8g") } },
  {
    rule: "GKE-14",
    pool: { machine: gkeMachine("a4-highgpu-8g"), network: "compact" },
    refused: [["pools", "l4", "network"], /^GKE places nodes with B200 .* no policy$/, '"compact"'],
  },
  { rule: "GKE-16", pool: { network: "compact", capacity: [spot, onDemand] } },
  { rule: "GKE-16", pool: { capacity: [flexStart, reserved] } },
  {
    rule: "GKE-16",
    pool: { network: "compact", capacity: [spot, flexStart] },
    refused: [["pools", "l4", "capacity", 1], /^GKE places flex-start nodes of no/, '"flex-start"'],
  },
  {
    rule: "GKE-16",
    pool: { network: "compact", capacity: [reserved] },
    refused: [
      ["pools", "l4", "capacity", 0],
      /^a reservation takes nodes of its own/,
      '"reserved"',
    ],
  },
  { rule: "GKE-17", pool: { capacity: [reserved] } },
  {
    rule: "GKE-17",
    pool: { capacity: [{ ...reserved, project: "shared", reservationBlock: "r1-block-1" }] },
  },
  {
    rule: "GKE-17",
    pool: { capacity: [spot, { ...reserved, reservation: "projects/shared/reservations/r1" }] },
    refused: [
      ["pools", "l4", "capacity", 1],
      /^not the name of a reservation$/,
      '"projects/shared/reservations/r1"',
    ],
  },
  {
    rule: "GKE-17",
    pool: { capacity: [{ ...reserved, reservationBlock: "r1/block" }] },
    refused: [
      ["pools", "l4", "capacity", 0, "reservationBlock"],
      /^not the name of a block$/,
      '"r1/block"',
    ],
  },
  { rule: "GKE-18", pool: { capacity: [onDemand] } },
  { rule: "GKE-18", pool: { machine: gkeMachine("a4-highgpu-8g"), capacity: [spot, flexStart] } },
  {
    rule: "GKE-18",
    pool: { machine: gkeMachine("a3-ultragpu-8g"), capacity: [spot, onDemand] },
    refused: [["pools", "l4", "capacity", 1], /^Google lists reservations/, '"on-demand"'],
    told: true,
  },
  { rule: "GKE-19", cluster: { zones: ["us-central1-a"] }, pool: { zones: ["us-central1-ai1a"] } },
  {
    rule: "GKE-19",
    cluster: { zones: ["us-central1-a", "us-central1-ai1a"] },
    refused: [["cluster", "zones", 1], /^an AI zone/, '"us-central1-ai1a"'],
    told: true,
  },
];

/** What one rule has against a cluster with one pool. */
function asked({ rule, cluster, pool, name = "l4" }: Case) {
  const rules = gkeRules.filter(({ id }) => id === rule);
  assert.equal(rules.length, 1);
  const whole = { kind: "gke" as const, region: "us-central1", ...cluster };
  return problemsOf(rules, whole, { [name]: l4Pool(pool) });
}

describe("the rules of GKE", () => {
  for (const one of cases) {
    const { rule, cluster, pool, name, refused, told } = one;
    const given = JSON.stringify({ name, ...cluster, ...pool }, (key, value: unknown) =>
      key === "machine" ? (value as { name: string }).name : value,
    );
    it(`${rule} ${told ? "tells of" : refused ? "refuses" : "takes"} ${given}`, () => {
      const found = asked(one);

      assert.equal(found.length, refused ? 1 : 0);
      if (!refused) return;
      const [problem] = found;
      assert.deepEqual(problem?.path, refused[0]);
      assert.match(problem?.problem ?? "", refused[1]);
      assert.equal(problem?.found, refused[2]);
      assert.ok(problem?.allowed && problem.fix);
      assert.equal(problem?.warning, told);
    });
  }

  it("say how the parts of a reservation's path are written", () => {
    const path = "projects/shared/reservations/r1/reservationBlocks/b1";
    const pool = { capacity: [{ ...reserved, reservation: path }] };

    assert.equal(
      asked({ rule: "GKE-17", pool })[0]?.fix,
      "write { reserved: r1, project: shared, reservationBlock: b1, zone: us-central1-a }",
    );
  });

  it("each have a case on both sides", () => {
    for (const { id } of gkeRules) {
      const sides = new Set(
        cases.filter(({ rule }) => rule === id).map(({ refused }) => !!refused),
      );
      assert.equal(sides.size, 2, id);
    }
  });

  it("ask nothing of what other rules ask: a pool of another cloud's machine is not theirs", () => {
    const machine = { ...gkeMachine("g2-standard-4"), cloud: "eks" as const, name: "g6.xlarge" };

    assert.deepEqual(asked({ rule: "GKE-05", pool: { machine } }), []);
  });
});
