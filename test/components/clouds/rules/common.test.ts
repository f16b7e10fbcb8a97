import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { machine, type ManagedCloud } from "../../../../catalog/machines";
import { commonRules } from "../../../../components/clouds/rules/common";
import { problemsOf, type PreflightCluster } from "../../../../components/clouds/rules/rule";
import { rulesOf } from "../../../../components/clouds/rules/rules";
import { allRules } from "../../../../components/clouds/rules/table";
import type {
  CapacityType,
  ManagedPool,
  ReservedCapacity,
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
  /** Name of the pool. @default "l4" */
  name?: string;
  /** Path, what is wrong, and a mark for what is only remarked on; undefined: nothing. */
  says?: [path: string, what: RegExp, warning?: "remark"];
}

const onDemand: CapacityType = { kind: "on-demand" };
const spot: CapacityType = { kind: "spot" };
const flex: CapacityType = { kind: "flex-start" };
const reserved = (zone?: string): ReservedCapacity => ({
  kind: "reserved",
  reservation: "r",
  zone,
});
const block: CapacityType = { kind: "block", reservation: "cb", zone: "us-east-1a" };
const day = (today: string, version: string) => ({ version, today });
const nodes = (min: number, max: number) => ({ nodes: { min, max } });
const mig = (profile: string) => ({ sharing: { kind: "mig" as const, profile } });
const slices = { sharing: { kind: "time-slicing" as const, clients: 2 } };

const l4: [ManagedCloud, string] = ["eks", "g6.xlarge"];
const t4: [ManagedCloud, string] = ["aks", "Standard_NC4as_T4_v3"];
const a100: [ManagedCloud, string] = ["aks", "Standard_NC24ads_A100_v4"];
const rtx: [ManagedCloud, string] = ["aks", "Standard_NC144ds_xl_RTXPRO6000BSE_v6"];
const nodeGroups = { mode: "nodeGroups" as const };
const ranges = (many: number) => Array.from({ length: many }, (_, at) => `203.0.${at}.0/24`);
const tagsOf = (many: number) =>
  Object.fromEntries(Array.from({ length: many }, (_, at) => [`tag${at}`, "x"]));
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
  { rule: "COMMON-05", pool: { diskGiB: 65_536 } },
  { rule: "COMMON-05", pool: { diskGiB: 65_537 }, says: ["pools.l4.disk", /^larger than any/] },
  { rule: "COMMON-05", kind: "eks", machine: l4, pool: { diskGiB: 59_000 } },
  {
    rule: "COMMON-05",
    kind: "eks",
    machine: l4,
    pool: { diskGiB: 60_000 },
    says: ["pools.l4.disk", /^larger than any/],
  },
  { rule: "COMMON-05", kind: "eks", cluster: nodeGroups, machine: l4, pool: { diskGiB: 60_000 } },
  { rule: "COMMON-05", kind: "aks", machine: t4, pool: { diskGiB: 2048 } },
  {
    rule: "COMMON-05",
    kind: "aks",
    machine: t4,
    pool: { diskGiB: 2049 },
    says: ["pools.l4.disk", /^larger than any/],
  },
  { rule: "COMMON-06", pool: nodes(2, 2) },
  { rule: "COMMON-06", pool: nodes(3, 2), says: ["pools.l4.nodes.min", /^greater than max$/] },
  ...[nodes(0, 0), nodes(0, 1.5), nodes(-1, 2)].map((pool): Case => ({
    rule: "COMMON-06",
    pool,
    says: ["pools.l4.nodes", /^not a range of nodes$/],
  })),
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
    machine: ["gke", "a2-highgpu-1g"],
    pool: mig("1g.10gb"),
    says: ["pools.l4.sharing.mig", /^a profile that gke does not cut A100 into$/],
  },
  { rule: "COMMON-10", kind: "aks", machine: a100, pool: mig("1g.10gb") },
  { rule: "COMMON-10", kind: "aks", machine: a100, pool: mig("7g.80gb") },
  {
    rule: "COMMON-10",
    kind: "aks",
    machine: a100,
    pool: mig("1g.20gb"),
    says: ["pools.l4.sharing.mig", /^a profile that aks does not cut A100-80 into$/],
  },
  {
    rule: "COMMON-10",
    kind: "aks",
    machine: rtx,
    pool: mig("1g.24gb"),
    says: ["pools.l4.sharing.mig", /^a profile that aks does not cut RTX-PRO-6000 into$/],
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
  { rule: "COMMON-12", pool: { capacity: [] }, says: ["pools.l4.capacity", /^no capacity type/] },
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
    says: ["pools.l4.capacity.2", /^capacity type given twice$/],
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
  ...(["gke", "eks"] as const).map((kind): Case => ({
    rule: "COMMON-12",
    kind,
    machine: kind === "eks" ? l4 : undefined,
    pool: { capacity: [spot, reserved()] },
    says: ["pools.l4.capacity.1", /^a reservation without its zone$/],
  })),
  { rule: "COMMON-12", kind: "aks", machine: t4, pool: { capacity: [reserved()] } },
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
  ...(["gke", "eks", "aks"] as const).flatMap((kind): Case[] => [
    {
      rule: "COMMON-14",
      kind,
      cluster: { access: ["203.0.113.0/24", "0.0.0.0/0"] },
      says: ["cluster.access.1", /^the whole internet$/],
    },
    {
      rule: "COMMON-14",
      kind,
      cluster: { access: ["2001:db8::/32"] },
      says: ["cluster.access.0", /^an IPv6 range/],
    },
    {
      rule: "COMMON-14",
      kind,
      cluster: { access: ["::/0"] },
      says: ["cluster.access.0", /^an IPv6 range/],
    },
    { rule: "COMMON-14", kind, cluster: { access: ["128.0.0.0/1"] } },
  ]),
  ...(
    [
      ["eks", 40],
      ["aks", 199],
    ] as const
  ).flatMap(([kind, most]): Case[] => [
    { rule: "COMMON-14", kind, cluster: { access: ranges(most) } },
    {
      rule: "COMMON-14",
      kind,
      cluster: { access: ranges(most + 1) },
      says: ["cluster.access", /^more ranges than the control plane takes$/],
    },
  ]),
  { rule: "COMMON-14", cluster: { access: ranges(201) } },
  ...(["gke", "aks"] as const).flatMap((kind): Case[] => [
    ...["a", "prod", "prod-2", "a".repeat(40)].map((clusterName): Case => ({
      rule: "COMMON-15",
      kind,
      cluster: { clusterName },
    })),
    ...["", "Prod", "prod_1", "prod-", "1st", "-a", "a".repeat(41)].map((clusterName): Case => ({
      rule: "COMMON-15",
      kind,
      cluster: { clusterName },
      says: ["clusterName", /^not a name of a cluster$/],
    })),
  ]),
  ...["1st", "Prod-2", "a".repeat(60)].map((clusterName): Case => ({
    rule: "COMMON-15",
    kind: "eks",
    cluster: { clusterName },
  })),
  ...["", "-a", "prod_1", "a".repeat(61)].map((clusterName): Case => ({
    rule: "COMMON-15",
    kind: "eks",
    cluster: { clusterName },
    says: ["clusterName", /^not a name of a cluster$/],
  })),
  { rule: "COMMON-16", name: "l4-eu" },
  ...["4l", "x".repeat(31)].map((name): Case => ({
    rule: "COMMON-16",
    name,
    says: [`pools.${name}`, /^not a name of a pool$/],
  })),
  { rule: "COMMON-16", kind: "eks", machine: l4, name: "x".repeat(40) },
  {
    rule: "COMMON-16",
    kind: "eks",
    machine: l4,
    name: "L4",
    says: ["pools.L4", /^not a name of a pool$/],
  },
  {
    rule: "COMMON-16",
    kind: "eks",
    machine: l4,
    name: "default",
    says: ["pools.default", /^a name that eks has itself$/],
  },
  { rule: "COMMON-17", cluster: { tags: { "cost-centre": "ml-42", über: "" } } },
  ...["CostCentre", "Team"].map((key): Case => ({
    rule: "COMMON-17",
    cluster: { tags: { [key]: "ml" } },
    says: [`tags.${key}`, /^not a key of a label$/],
  })),
  ...["ml ops", "ml-½", "ml-²"].map((team): Case => ({
    rule: "COMMON-17",
    cluster: { tags: { team } },
    says: ["tags.team", /^not a value of a label$/],
  })),
  {
    rule: "COMMON-17",
    kind: "eks",
    cluster: { tags: { "cost-centre": "ml 42", "Kostenträger/eu": "" } },
  },
  {
    rule: "COMMON-17",
    kind: "eks",
    cluster: { tags: { "aws:owner": "ml" } },
    says: ["tags.aws:owner", /^a key that the cloud keeps for itself$/],
  },
  {
    rule: "COMMON-17",
    kind: "eks",
    cluster: { tags: { "who?": "ml" } },
    says: ["tags.who?", /^not a key of a tag$/],
  },
  {
    rule: "COMMON-17",
    kind: "eks",
    cluster: { tags: { owner: "a,b" } },
    says: ["tags.owner", /^not a value of a tag$/],
  },
  { rule: "COMMON-17", kind: "aks", cluster: { tags: { "acme.example:team": "chat vision" } } },
  {
    rule: "COMMON-17",
    kind: "aks",
    cluster: { tags: { "acme.example/team": "ml" } },
    says: ["tags.acme.example/team", /^not a key of a tag$/],
  },
  {
    rule: "COMMON-17",
    kind: "aks",
    cluster: { tags: { azureTeam: "ml" } },
    says: ["tags.azureTeam", /^a key that the cloud keeps for itself$/],
  },
  {
    rule: "COMMON-17",
    kind: "aks",
    cluster: { tags: { teams: "chat,vision" } },
    says: ["tags.teams", /^not a value of a tag$/],
  },
  { rule: "COMMON-17", kind: "aks", cluster: { tags: tagsOf(40) } },
  {
    rule: "COMMON-17",
    kind: "aks",
    cluster: { tags: tagsOf(41) },
    says: ["tags", /^too many tags$/],
  },
  ...(["gke", "aks"] as const).flatMap((kind): Case[] => [
    { rule: "COMMON-18", kind, pool: { network: "compact" } },
    {
      rule: "COMMON-18",
      kind,
      pool: { network: "fast" },
      says: ["pools.l4.network", kind === "gke" ? /^GPUDirect needs a VPC/ : /^InfiniBand needs/],
    },
  ]),
  { rule: "COMMON-18", kind: "eks", machine: l4, pool: { network: "fast" } },
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
      const found = problemsOf(rules, cluster, { [one.name ?? "l4"]: poolOf(one) });

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

  it("are those that the page of rules has, each with a number of its own and of its cloud", () => {
    const ids = allRules.map(({ id }) => id);
    assert.deepEqual([...new Set(ids)], ids);
    for (const cloud of ["gke", "eks", "aks"] as const) {
      const own = new RegExp(`^(COMMON|${cloud.toUpperCase()})-\\d\\d$`);
      for (const rule of rulesOf(cloud)) {
        assert.match(rule.id, own);
        assert.ok(allRules.includes(rule), rule.id);
      }
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
