import assert from "node:assert/strict";
import { eksRules } from "../../../../components/clouds/eks/rules";
import { defaultZones } from "../../../../components/clouds/eks/zones";
import { problemsOf, type PreflightCluster } from "../../../../components/clouds/rules/rule";
import type { ManagedPool } from "../../../../components/clouds/managed";
import { eksMachine, eksPool } from "../../../support/eks";

interface Case {
  /** Number of the rule. */
  rule: string;
  cluster?: Partial<PreflightCluster>;
  pool?: Partial<ManagedPool>;
  /** Name of the pool. @default "l4" */
  name?: string;
  /** Path, what is wrong and value found; undefined: the rule has nothing against it. */
  refused?: [path: (string | number)[], what: RegExp, found: string];
}

const nodeGroups = { mode: "nodeGroups" } as const;
const onDemand = { kind: "on-demand" } as const;
const reservation = "cr-0123456789abcdef0";
const zone = "us-east-1b";
const reserved = { kind: "reserved", reservation, zone } as const;
const block = { kind: "block", reservation, zone } as const;
const mig = { kind: "mig", profile: "1g.10gb" } as const;
const timeSlicing = { kind: "time-slicing", clients: 4 } as const;
const h100 = eksMachine("p5.48xlarge");

const cases: Case[] = [
  { rule: "EKS-01", cluster: { access: ["203.0.113.0/24"] } },
  { rule: "EKS-01", cluster: { access: [] } },
  {
    rule: "EKS-01",
    cluster: { access: undefined },
    refused: [["cluster", "access"], /^missing: EKS has no endpoint that IAM protects/, "nothing"],
  },
  { rule: "EKS-02", cluster: { access: ["203.0.113.7/32", "172.15.0.0/16"] } },
  {
    rule: "EKS-02",
    cluster: { access: ["172.31.0.0/16"] },
    refused: [["cluster", "access", 0], /^a private range/, '"172.31.0.0/16"'],
  },
  { rule: "EKS-03", cluster: { version: "1.35" } },
  {
    rule: "EKS-03",
    cluster: { channel: "rapid" },
    refused: [["cluster", "channel"], /^EKS has no release channels$/, '"rapid"'],
  },
  { rule: "EKS-04", cluster: { region: "mx-central-1", ...nodeGroups } },
  {
    rule: "EKS-04",
    cluster: { region: "mx-central-1" },
    refused: [["cluster", "mode"], /^no Auto Mode in mx-central-1$/, '"auto"'],
  },
  { rule: "EKS-05", cluster: { zones: undefined } },
  { rule: "EKS-05", cluster: { zones: ["us-east-1a", "us-east-1f"] } },
  {
    rule: "EKS-05",
    cluster: { zones: ["us-east-1a"] },
    refused: [["cluster", "zones"], /^fewer than two zones/, "us-east-1a"],
  },
  {
    rule: "EKS-05",
    cluster: { region: "us-west-1" },
    refused: [["cluster", "zones"], /^fewer than two/, "nothing, and accounts differ in us-west-1"],
  },
  { rule: "EKS-06", cluster: { zones: ["us-east-1f"] }, pool: { zones: ["us-east-1a"] } },
  {
    rule: "EKS-06",
    cluster: { zones: ["us-east-1a", "us-east-1g"] },
    refused: [["cluster", "zones", 1], /^no addresses are kept/, '"us-east-1g"'],
  },
  {
    rule: "EKS-06",
    pool: { zones: ["us-east-1g"] },
    refused: [["pools", "l4", "zones", 0], /^no addresses are kept/, '"us-east-1g"'],
  },
  {
    rule: "EKS-06",
    pool: { capacity: [{ kind: "reserved", reservation, zone: "us-east-1g" }] },
    refused: [["pools", "l4", "capacity", 0, "zone"], /^no addresses are kept/, '"us-east-1g"'],
  },
  { rule: "EKS-07", pool: { machine: eksMachine("g6e.xlarge") } },
  {
    rule: "EKS-07",
    pool: { machine: eksMachine("g7.2xlarge") },
    refused: [["pools", "l4", "machine"], /^no image of EKS Auto Mode/, '"g7.2xlarge"'],
  },
  {
    rule: "EKS-07",
    cluster: nodeGroups,
    pool: { machine: eksMachine("g6f.xlarge") },
    refused: [["pools", "l4", "machine"], /^no image of EKS node groups/, '"g6f.xlarge"'],
  },
  { rule: "EKS-08", cluster: nodeGroups, pool: { sharing: timeSlicing } },
  {
    rule: "EKS-08",
    pool: { sharing: timeSlicing },
    refused: [["pools", "l4", "sharing"], /^Auto Mode cannot share a GPU$/, "timeSlicing: 4"],
  },
  {
    rule: "EKS-08",
    pool: { machine: h100, sharing: mig },
    refused: [["pools", "l4", "sharing"], /^Auto Mode cannot share a GPU$/, "mig: 1g.10gb"],
  },
  { rule: "EKS-09", cluster: nodeGroups, pool: { sharing: timeSlicing } },
  {
    rule: "EKS-09",
    cluster: nodeGroups,
    pool: { machine: h100, sharing: mig },
    refused: [["pools", "l4", "sharing", "mig"], /cuts GPUs$/, '"1g.10gb"'],
  },
  { rule: "EKS-11", pool: { capacity: [reserved, block] } },
  {
    rule: "EKS-11",
    pool: { capacity: [{ kind: "block", reservation: "block-1", zone }] },
    refused: [["pools", "l4", "capacity", 0, "block"], /^not the id of a capacity/, '"block-1"'],
  },
  { rule: "EKS-16", pool: { nodes: { min: 1, max: 4 }, capacity: [onDemand, block] } },
  {
    rule: "EKS-16",
    pool: { nodes: { min: 1, max: 4 }, capacity: [block, onDemand] },
    refused: [["pools", "l4", "nodes", "min"], /from a capacity block/, "1"],
  },
  { rule: "EKS-17", pool: { capacity: [reserved] } },
  { rule: "EKS-17", pool: { capacity: [block, onDemand], network: "compact" } },
  {
    rule: "EKS-17",
    pool: { capacity: [onDemand, reserved], network: "compact" },
    refused: [
      ["pools", "l4", "capacity", 1],
      /^nodes are as close .* the reservation was made/,
      `"${reservation}"`,
    ],
  },
  { rule: "EKS-18", pool: { network: "compact" } },
  { rule: "EKS-18", cluster: nodeGroups, pool: { machine: h100, network: "fast" } },
  {
    rule: "EKS-18",
    pool: { machine: h100, network: "fast" },
    refused: [["pools", "l4", "network"], /^no EFA on Auto Mode/, '"fast"'],
  },
  {
    rule: "EKS-18",
    cluster: nodeGroups,
    pool: { network: "fast" },
    refused: [["pools", "l4", "network"], /^g6.2xlarge has no EFA$/, '"fast"'],
  },
  {
    rule: "EKS-18",
    cluster: { ...nodeGroups, region: "cn-north-1" },
    pool: { machine: h100, network: "fast" },
    refused: [["pools", "l4", "network"], /^no EFA in cn-north-1/, '"fast"'],
  },
  {
    rule: "EKS-18",
    cluster: nodeGroups,
    pool: { machine: h100, network: "fast", sharing: timeSlicing },
    refused: [["pools", "l4", "network"], /where pods share GPUs$/, '"fast"'],
  },
  { rule: "EKS-20", cluster: { cidr: "172.31.0.0/16" } },
  ...["10.0.0.0/8", "10.0.1.0/16", "172.32.0.0/16", "11.0.0.0/16"].map((cidr): Case => ({
    rule: "EKS-20",
    cluster: { cidr },
    refused: [["cidr"], /^not a private range of \/16$/, `"${cidr}"`],
  })),
  { rule: "EKS-21", cluster: { ownNodes: { min: 2, max: 2 } } },
  {
    rule: "EKS-21",
    cluster: { ownNodes: { min: 1, max: 10 } },
    refused: [
      ["system", "nodes"],
      /^not a range of nodes for the cluster itself$/,
      "min 1, max 10",
    ],
  },
];

describe("preflight of EKS", () => {
  for (const { rule, cluster, pool, name = "l4", refused } of cases) {
    const given = JSON.stringify({ name, ...cluster, ...pool }, (key, value: unknown) =>
      key === "machine" ? (value as { name: string }).name : value,
    );
    it(`${rule} ${refused ? "refuses" : "accepts"} ${given}`, () => {
      const its = eksRules.filter(({ id }) => id === rule);
      const found = problemsOf(
        its,
        { kind: "eks", region: "us-east-1", access: ["203.0.113.0/24"], ...cluster },
        { [name]: eksPool(pool) },
      );

      assert.equal(its.length, 1);
      assert.equal(found.length, refused ? 1 : 0);
      if (!refused) return;
      const [path, what, value] = refused;
      assert.deepEqual(found[0]?.path, path);
      assert.match(found[0]?.problem ?? "", what);
      assert.equal(found[0]?.found, value);
    });
  }

  it("has a case for and a case against each rule, and no number twice", () => {
    const ids = eksRules.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) {
      const its = cases.filter(({ rule }) => rule === id);
      assert.ok(
        its.some(({ refused }) => refused),
        `${id} refuses nothing`,
      );
      assert.ok(
        its.some(({ refused }) => !refused),
        `${id} accepts nothing`,
      );
    }
  });

  it("knows the zones of a region, where every account has the same", () => {
    assert.deepEqual(defaultZones("eu-west-1"), ["eu-west-1a", "eu-west-1b", "eu-west-1c"]);
    assert.deepEqual(defaultZones("ca-central-1")[2], "ca-central-1d");
    assert.deepEqual(defaultZones("us-west-1"), []);
  });
});
