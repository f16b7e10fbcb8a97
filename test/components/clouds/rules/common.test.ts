import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { machine, type ManagedCloud } from "../../../../catalog/machines";
import { commonRules } from "../../../../components/clouds/rules/common";
import { problemsOf, type PreflightCluster } from "../../../../components/clouds/rules/rule";
import { rulesOf } from "../../../../components/clouds/rules/rules";
import { allRules } from "../../../../components/clouds/rules/table";
import type {
  CapacityRung,
  ManagedPool,
  ReservedRung,
} from "../../../../components/clouds/managed";

const regions = { gke: "us-central1", eks: "us-east-1", aks: "eastus" };

interface Case {
  /** Number of the rule. */
  rule: string;
  /** @default "gke" */
  kind?: ManagedCloud;
  cluster?: Partial<PreflightCluster>;
  /** @default g2-standard-4 */
  machine?: [ManagedCloud, string];
  pool?: Partial<ManagedPool>;
  /** Path, what is wrong, and a mark for what is only remarked on; undefined: nothing. */
  says?: [path: string, what: RegExp, warning?: "remark"];
}

const onDemand: CapacityRung = { kind: "on-demand" };
const spot: CapacityRung = { kind: "spot" };
const flex: CapacityRung = { kind: "flex-start" };
const reserved = (zone?: string): ReservedRung => ({ kind: "reserved", reservation: "r", zone });
const block: CapacityRung = { kind: "block", reservation: "cb", zone: "us-east-1a" };
const day = (today: string, version: string) => ({ version, today });
const nodes = (min: number, max: number) => ({ nodes: { min, max } });
const mig = (profile: string) => ({ sharing: { kind: "mig" as const, profile } });
const slices = { sharing: { kind: "time-slicing" as const, clients: 2 } };

const v4: [ManagedCloud, string] = ["aks", "Standard_ND96asr_v4"];

const cases: Case[] = [
  { rule: "COMMON-01", cluster: { version: "1.35" } },
  { rule: "COMMON-01", cluster: { channel: "stable" } },
  {
    rule: "COMMON-01",
    cluster: { version: "1.35", channel: "stable" },
    says: ["cluster.channel", /^never together/],
  },
  { rule: "COMMON-02", kind: "eks", cluster: day("2026-10-02", "1.34") },
  {
    rule: "COMMON-02",
    kind: "eks",
    cluster: day("2026-10-03", "1.34"),
    says: ["cluster.version", /^standard support ends on 2026-12-02$/, "remark"],
  },
  {
    rule: "COMMON-02",
    kind: "eks",
    cluster: day("2026-12-03", "1.34"),
    says: ["cluster.version", /^in extended support, which costs extra/, "remark"],
  },
  {
    rule: "COMMON-02",
    kind: "eks",
    cluster: day("2027-12-03", "1.34"),
    says: ["cluster.version", /^out of support since 2027-12-02$/],
  },
  { rule: "COMMON-02", kind: "eks", cluster: day("2026-11-22", "1.36") },
  ...(["gke", "eks", "aks"] as const).map((kind): Case => ({
    rule: "COMMON-02",
    kind,
    cluster: day("2026-11-22", "1.28"),
    says: ["cluster.version", /^out of support for longer than the table goes back$/],
  })),
  {
    rule: "COMMON-02",
    cluster: day("2026-10-01", "1.34"),
    says: ["cluster.version", /^standard support ends/, "remark"],
  },
  {
    rule: "COMMON-02",
    cluster: day("2026-10-02", "1.34"),
    says: ["cluster.version", /^out of support since 2026-10-01$/],
  },
  { rule: "COMMON-03", cluster: { zones: ["us-central1-a", "us-central1-f"] } },
  { rule: "COMMON-03", cluster: { zones: ["us-central1-ai1a", "us-central1-b"] } },
  {
    rule: "COMMON-03",
    cluster: { zones: ["us-south1-ai1b"] },
    says: ["cluster.zones.0", /^not a zone of us-central1$/],
  },
  {
    rule: "COMMON-03",
    cluster: { zones: ["us-central1-a", "us-east1-b"] },
    says: ["cluster.zones.1", /^not a zone of us-central1$/],
  },
  {
    rule: "COMMON-03",
    cluster: { zones: ["us-central1-a", "us-central1-a"] },
    says: ["cluster.zones.1", /^zone given twice$/],
  },
  { rule: "COMMON-03", kind: "eks", cluster: { zones: ["us-east-1a"] } },
  {
    rule: "COMMON-03",
    kind: "eks",
    cluster: { zones: ["us-east-1-a"] },
    says: ["cluster.zones.0", /^not a zone of us-east-1$/],
  },
  { rule: "COMMON-03", kind: "aks", cluster: { zones: ["1", "3"] } },
  {
    rule: "COMMON-03",
    kind: "aks",
    cluster: { zones: ["eastus-1"] },
    says: ["cluster.zones.0", /^not a zone of eastus$/],
  },
  { rule: "COMMON-04", pool: { zones: ["us-central1-c"] } },
  {
    rule: "COMMON-04",
    pool: { zones: ["us-central1"] },
    says: ["pools.l4.zones.0", /^not a zone of us-central1$/],
  },
  { rule: "COMMON-05", pool: { diskGiB: 100 } },
  { rule: "COMMON-05", pool: { diskGiB: 99 }, says: ["pools.l4.disk", /^too small/] },
  { rule: "COMMON-06", pool: nodes(2, 2) },
  { rule: "COMMON-06", pool: nodes(3, 2), says: ["pools.l4.nodes.min", /^greater than max$/] },
  { rule: "COMMON-07", machine: ["gke", "g2-standard-8"] },
  {
    rule: "COMMON-07",
    machine: ["eks", "g6.xlarge"],
    says: ["pools.l4.machine", /^a machine of eks, not of gke$/],
  },
  { rule: "COMMON-08", machine: ["gke", "a2-ultragpu-1g"] },
  {
    rule: "COMMON-08",
    machine: ["gke", "a3-edgegpu-8g"],
    says: ["pools.l4.machine", /^no list price/, "remark"],
  },
  { rule: "COMMON-09", machine: ["gke", "g4-standard-48"] },
  {
    rule: "COMMON-09",
    machine: ["gke", "g4-standard-12"],
    says: ["pools.l4.machine", /^a part of a GPU, 24 GiB of it/, "remark"],
  },
  { rule: "COMMON-10", pool: slices },
  { rule: "COMMON-10", machine: ["gke", "a2-highgpu-1g"], pool: mig("1g.5gb") },
  { rule: "COMMON-10", pool: mig("1g.5gb"), says: ["pools.l4.sharing.mig", /^L4 has no MIG$/] },
  {
    rule: "COMMON-10",
    machine: ["gke", "a2-highgpu-1g"],
    pool: mig("1g.12gb"),
    says: ["pools.l4.sharing.mig", /^not a profile of A100$/],
  },
  {
    rule: "COMMON-10",
    machine: ["gke", "g4-standard-12"],
    pool: slices,
    says: ["pools.l4.sharing", /cannot be shared further$/],
  },
  { rule: "COMMON-11", machine: ["gke", "a4-highgpu-8g"] },
  {
    rule: "COMMON-11",
    machine: ["gke", "a4x-highgpu-4g"],
    says: ["pools.l4.machine", /^nodes with ARM processors$/, "remark"],
  },
  { rule: "COMMON-12", pool: { capacity: [reserved("us-central1-a"), spot, onDemand, flex] } },
  { rule: "COMMON-12", pool: { capacity: [] }, says: ["pools.l4.capacity", /^no rung/] },
  {
    rule: "COMMON-12",
    pool: { capacity: [onDemand, block] },
    says: ["pools.l4.capacity.1", /^capacity of eks, which gke does not have$/],
  },
  {
    rule: "COMMON-12",
    kind: "aks",
    machine: ["aks", "Standard_NC4as_T4_v3"],
    pool: { capacity: [flex] },
    says: ["pools.l4.capacity.0", /^capacity of gke, which aks does not have$/],
  },
  {
    rule: "COMMON-12",
    pool: { capacity: [spot, onDemand, spot] },
    says: ["pools.l4.capacity.2", /^rung given twice$/],
  },
  { rule: "COMMON-12", machine: ["gke", "a3-highgpu-1g"], pool: { capacity: [spot, flex] } },
  {
    rule: "COMMON-12",
    machine: ["gke", "a3-highgpu-1g"],
    pool: { capacity: [spot, onDemand] },
    says: ["pools.l4.capacity.1", /^not how a3-highgpu-1g is sold$/],
  },
  {
    rule: "COMMON-12",
    pool: { capacity: [reserved("us-east1-b")] },
    says: ["pools.l4.capacity.0.zone", /^not a zone of us-central1$/],
  },
  {
    rule: "COMMON-12",
    pool: { zones: ["us-central1-a"], capacity: [reserved("us-central1-b")] },
    says: ["pools.l4.capacity.0.zone", /^not a zone of this pool$/],
  },
  {
    rule: "COMMON-12",
    cluster: { zones: ["us-central1-a"] },
    pool: { capacity: [reserved("us-central1-b")] },
    says: ["pools.l4.capacity.0.zone", /^not a zone of this pool$/],
  },
  { rule: "COMMON-12", pool: { ...nodes(1, 2), capacity: [spot, onDemand] } },
  {
    rule: "COMMON-12",
    pool: { ...nodes(1, 2), capacity: [spot] },
    says: ["pools.l4.nodes.min", /^nodes that always run, from capacity/, "remark"],
  },
  {
    rule: "COMMON-12",
    kind: "eks",
    machine: ["eks", "g6.xlarge"],
    pool: { capacity: [{ ...reserved("us-east-1a"), reservationBlock: "b" }] },
    says: ["pools.l4.capacity.0.reservationBlock", /^said of a reservation of eks/],
  },
  {
    rule: "COMMON-12",
    kind: "aks",
    machine: v4,
    pool: { capacity: [{ ...reserved("1"), project: "p" }] },
    says: ["pools.l4.capacity.0.project", /^said of a reservation of aks/],
  },
  { rule: "COMMON-13", pool: { network: undefined } },
  { rule: "COMMON-13", pool: { network: "compact", zones: ["us-central1-a"] } },
  { rule: "COMMON-13", cluster: { zones: ["us-central1-a"] }, pool: { network: "compact" } },
  { rule: "COMMON-13", pool: { network: "compact", capacity: [reserved("us-central1-a")] } },
  { rule: "COMMON-13", kind: "aks", machine: v4, pool: { network: "compact" } },
  {
    rule: "COMMON-13",
    pool: { network: "compact" },
    says: [
      "pools.l4.zones",
      /^not one zone, which network compact needs for all nodes of the pool$/,
    ],
  },
  {
    rule: "COMMON-13",
    kind: "eks",
    machine: ["eks", "p5.48xlarge"],
    pool: { network: "fast", capacity: [block, onDemand] },
    says: ["pools.l4.zones", /^not one zone, which network fast needs/],
  },
  {
    rule: "COMMON-13",
    cluster: { zones: ["us-central1-a"] },
    pool: { network: "compact", capacity: [reserved("us-central1-b"), onDemand] },
    says: ["pools.l4.zones", /^not one zone/],
  },
  {
    rule: "COMMON-13",
    kind: "aks",
    machine: v4,
    pool: { network: "compact", zones: ["1", "2"] },
    says: ["pools.l4.zones", /^not one zone/],
  },
  { rule: "COMMON-14", cluster: { access: ["203.0.113.0/24", "198.51.100.7/32"] } },
  ...(["gke", "eks", "aks"] as const).map((kind): Case => ({
    rule: "COMMON-14",
    kind,
    cluster: { access: ["203.0.113.0/24", "203.0.113.7/24"] },
    says: ["cluster.access.1", /^bits set behind the length of the range$/],
  })),
  {
    rule: "COMMON-14",
    cluster: { access: ["203.0.113.7"] },
    says: ["cluster.access.0", /^not a range of addresses$/],
  },
];

function poolOf({ machine: key = ["gke", "g2-standard-4"], pool }: Case): ManagedPool {
  const found = machine(...key);
  if (!found) throw new Error(`the catalog has no machine ${key.join(" ")}`);
  return { machine: found, nodes: { min: 0, max: 2 }, capacity: [onDemand], ...pool };
}

describe("the preflight rules of every cloud", () => {
  for (const [place, one] of cases.entries()) {
    const { rule, kind = "gke", says } = one;
    it(`${rule} ${says ? (says[2] ?? "refusal") : "acceptance"} (${place + 1})`, () => {
      const rules = commonRules.filter(({ id }) => id === rule);
      const cluster = { kind, region: regions[kind], today: "2026-11-22", ...one.cluster };
      const found = problemsOf(rules, cluster, { l4: poolOf(one) });

      assert.deepEqual(
        found.map(({ path, warning }) => [path.join("."), warning ? "remark" : undefined]),
        says ? [[says[0], says[2]]] : [],
      );
      if (says) assert.match(found[0]?.problem ?? "", says[1]);
      for (const { found: value, allowed, fix } of found) {
        assert.ok(value.length > 0 && allowed.length > 0 && fix.length > 0);
      }
    });
  }

  it("are all seen refusing or remarking, and accepting", () => {
    for (const { id } of commonRules) {
      const own = cases.filter(({ rule }) => rule === id);
      assert.ok(own.some(({ says }) => says !== undefined) && own.some(({ says }) => !says), id);
    }
  });

  it("are those that the page of rules has, numbered through for each cloud", () => {
    for (const cloud of ["gke", "eks", "aks"] as const) {
      for (const [prefix, rules] of [
        ["COMMON", commonRules],
        [cloud.toUpperCase(), rulesOf(cloud).slice(commonRules.length)],
      ] as const) {
        assert.deepEqual(
          rules.map(({ id }) => id),
          rules.map((_, at) => `${prefix}-${String(at + 1).padStart(2, "0")}`),
        );
      }
      for (const rule of rulesOf(cloud)) assert.ok(allRules.includes(rule), rule.id);
    }
  });

  it("each stand on facts that are written down, with where they are from", () => {
    const page = readFileSync(join(__dirname, "../../../../docs/facts.md"), "utf8");
    const lines = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
    const from = new Map(lines.map(([, number = "", , source = ""]) => [number, source]));

    for (const { id, facts, about } of allRules) {
      for (const fact of facts.split(", ")) assert.ok(from.get(fact), `${id}: ${fact}`);
      assert.match(about, /^[a-zA-Z]/, id);
    }
  });
});

describe("the problems of several rules", () => {
  const problem = (path: (string | number)[], what: string, warning?: boolean) => ({
    ...{ path, problem: what, warning },
    ...{ found: "x", allowed: "y", fix: "z" },
  });
  const told = (...all: ReturnType<typeof problem>[]) =>
    problemsOf(
      [{ id: "TEST-01", about: "", facts: "", checkCluster: () => all }],
      { kind: "gke", region: "us-central1" },
      {},
    ).map(({ problem }) => problem);

  it("name each value once, by the first rule that has something against it", () => {
    assert.deepEqual(told(problem(["a"], "first"), problem(["a"], "second")), ["first"]);
    const rung = ["pools", "l4", "capacity", 0];
    assert.deepEqual(told(problem([...rung, "zone"], "closely"), problem(rung, "roughly")), [
      "closely",
    ]);
  });

  it("keep what is about several keys of one pool", () => {
    const pool = ["pools", "l4"];
    const [machine, disk] = [problem([...pool, "machine"], "a"), problem([...pool, "disk"], "b")];
    assert.deepEqual(told(machine, disk, problem(pool, "c")), ["a", "b", "c"]);
  });

  it("never hide a refusal behind a remark", () => {
    assert.deepEqual(told(problem(["a"], "remark", true), problem(["a"], "refusal")), ["refusal"]);
  });
});
