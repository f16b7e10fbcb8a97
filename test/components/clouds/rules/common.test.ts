import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CapacityType, ReservedCapacity } from "../../../../components/clouds/managed";
import { problemsOf } from "../../../../components/clouds/rules/rule";
import { commonRules, rulesOf, rulesPage } from "../../../../components/clouds/rules/rules";
import {
  aks,
  eks,
  flexStart,
  gke,
  machineOf,
  nodes,
  onDemand,
  slices,
  spot,
  testRules,
  type Case,
} from "./cases";

const each = [gke, eks, aks];
const day = (today: string, version: string) => ({ version, today });
const ranges = (many: number) => Array.from({ length: many }, (_, at) => `203.0.${at}.0/24`);
const tags = (many: number) =>
  Object.fromEntries(Array.from({ length: many }, (_, at) => [`tag${at}`, "x"]));
const mig = (profile: string) => ({ sharing: { kind: "mig", profile } as const });
const reserved = (zone?: string): ReservedCapacity => ({
  kind: "reserved",
  reservation: "r",
  zone,
});
const block: CapacityType = { kind: "block", reservation: "cb", zone: "us-east-1a" };
const a100 = "Standard_NC24ads_A100_v4";
const zonesOf = (many: string[]) => ({ zones: many });

const cases: Record<string, Case[]> = {
  "COMMON-01": [
    [gke({ version: "1.35" })],
    [gke({ channel: "stable" })],
    [gke({ version: "1.35", channel: "stable" }), "cluster.channel: never together"],
  ],
  "COMMON-02": [
    [eks(day("2026-10-02", "1.34"))],
    [eks(day("2026-11-22", "1.36"))],
    [eks(day("2026-10-03", "1.34")), "remark cluster.version: standard support ends on 2026-12-02"],
    [eks(day("2026-12-03", "1.34")), "remark cluster.version: in extended support"],
    [eks(day("2027-12-02", "1.34")), "remark cluster.version: in extended support"],
    [eks(day("2027-12-03", "1.34")), "cluster.version: out of support since 2027-12-02"],
    ...each.map((on): Case => [
      on(day("2026-11-22", "1.28")),
      "cluster.version: out of support for longer",
    ]),
    [gke(day("2026-10-01", "1.34")), "remark cluster.version: standard support ends"],
    [gke(day("2026-10-02", "1.34")), "cluster.version: out of support since 2026-10-01"],
  ],
  "COMMON-03": [
    [gke(zonesOf(["us-central1-a", "us-central1-f", "us-central1-ai1a"]))],
    [gke(zonesOf(["us-south1-ai1b"])), "cluster.zones.0: not a zone of us-central1"],
    [gke(zonesOf(["us-central1-a", "us-east1-b"])), "cluster.zones.1: not a zone of us-central1"],
    [gke(zonesOf(["us-central1-a", "us-central1-a"])), "cluster.zones.1: zone given twice"],
    [eks(zonesOf(["us-east-1a"]))],
    [eks(zonesOf(["us-east-1-a"])), "cluster.zones.0: not a zone of us-east-1"],
    [aks(zonesOf(["1", "3"]))],
    [aks(zonesOf(["eastus-1"])), "cluster.zones.0: not a zone of eastus"],
    [gke({}, { zones: ["us-central1-c"] })],
    [gke({}, { zones: ["us-central1"] }), "pools.l4.zones.0: not a zone of us-central1"],
    [gke({}, { capacity: [reserved("us-central1-a"), reserved()] })],
    [
      gke({}, { capacity: [spot, reserved("us-east1-b")] }),
      "pools.l4.capacity.1.zone: not a zone of us-central1",
    ],
  ],
  "COMMON-05": [
    [gke({}, { diskGiB: 100 })],
    [gke({}, { diskGiB: 99 }), "pools.l4.disk: too small"],
    [gke({}, { diskGiB: 65_536 })],
    [gke({}, { diskGiB: 65_537 }), "pools.l4.disk: larger than any"],
    [eks({}, { diskGiB: 59_000 })],
    [eks({}, { diskGiB: 60_000 }), "pools.l4.disk: larger than any"],
    [eks({ mode: "nodeGroups" }, { diskGiB: 60_000 })],
    [aks({}, { diskGiB: 2048 })],
    [aks({}, { diskGiB: 2049 }), "pools.l4.disk: larger than any"],
  ],
  "COMMON-06": [
    [gke({}, nodes(2, 2))],
    ...[nodes(3, 2), nodes(0, 0), nodes(0, 1.5), nodes(-1, 2)].map((range): Case => [
      gke({}, range),
      "pools.l4.nodes",
    ]),
  ],
  "COMMON-07": [
    [gke()],
    [
      gke({}, { machine: machineOf("eks", "g6.xlarge") }),
      "pools.l4.machine: a machine of eks, not of gke",
    ],
  ],
  "COMMON-08": [
    [gke({}, { on: "a2-ultragpu-1g" })],
    [gke({}, { on: "a3-edgegpu-8g" }), "remark pools.l4.machine: no list price"],
  ],
  "COMMON-09": [
    [gke({}, { on: "g4-standard-48" })],
    [gke({}, { on: "g4-standard-12" }), "remark pools.l4.machine: a part of a GPU, 24 GiB of it"],
  ],
  "COMMON-10": [
    [gke()],
    [gke({}, { sharing: slices })],
    [gke({}, { sharing: { ...slices, clients: 48 } })],
    ...[1, 2.5, 49].map((clients): Case => [
      gke({}, { sharing: { ...slices, clients } }),
      "pools.l4.sharing.timeSlicing: not a number of pods",
    ]),
    [gke({}, { on: "a2-highgpu-1g", ...mig("1g.5gb") })],
    [gke({}, mig("1g.5gb")), "pools.l4.sharing.mig: L4 has no MIG"],
    [
      gke({}, { on: "a2-highgpu-1g", ...mig("1g.12gb") }),
      "pools.l4.sharing.mig: not a profile of A100",
    ],
    [
      gke({}, { on: "a2-highgpu-1g", ...mig("1g.10gb") }),
      "pools.l4.sharing.mig: a profile that gke does not cut A100 into",
    ],
    [aks({}, { on: a100, ...mig("1g.10gb") })],
    [aks({}, { on: a100, ...mig("7g.80gb") })],
    [aks({}, { on: a100, ...mig("1g.20gb") }), "pools.l4.sharing.mig: a profile that aks"],
    [
      aks({}, { on: "Standard_NC144ds_xl_RTXPRO6000BSE_v6", ...mig("1g.24gb") }),
      "pools.l4.sharing.mig: a profile that aks does not cut RTX-PRO-6000 into",
    ],
    [
      gke({}, { on: "g4-standard-12", sharing: slices }),
      "pools.l4.sharing: g4-standard-12 has a part of a GPU",
    ],
  ],
  "COMMON-11": [
    [gke({}, { on: "a4-highgpu-8g" })],
    [gke({}, { on: "a4x-highgpu-4g" }), "remark pools.l4.machine: nodes with ARM processors"],
  ],
  "COMMON-12": [
    [gke({}, { capacity: [reserved("us-central1-a"), spot, onDemand, flexStart] })],
    [gke({}, { capacity: [] }), "pools.l4.capacity: no capacity type"],
    [gke({}, { capacity: [spot, onDemand, spot] }), "pools.l4.capacity.2: capacity type given"],
    [gke({}, { capacity: [reserved("us-central1-a"), reserved("us-central1-b")] })],
    [eks({}, { capacity: [block, { ...block, reservation: "cb2" }] })],
    [gke({}, { on: "a3-highgpu-1g", capacity: [spot, flexStart] })],
    [
      gke({}, { on: "a3-highgpu-1g", capacity: [spot, onDemand] }),
      "pools.l4.capacity.1: not how a3-highgpu-1g is sold",
    ],
  ],
  "COMMON-13": [
    [gke()],
    [gke({}, { network: "compact", zones: ["us-central1-a"] })],
    [gke({ zones: ["us-central1-a"] }, { network: "compact" })],
    [gke({}, { network: "compact", capacity: [reserved("us-central1-a")] })],
    [aks({}, { network: "compact" })],
    [aks({}, { network: "compact", zones: ["1"], capacity: [reserved(), spot] })],
    [
      aks({}, { network: "compact", capacity: [reserved("1"), spot] }),
      "pools.l4.zones: not one zone",
    ],
    [gke({}, { network: "compact" }), "pools.l4.zones: not one zone, which network compact"],
    [
      eks({}, { network: "fast", capacity: [block, onDemand] }),
      "pools.l4.zones: not one zone, which network fast",
    ],
    [
      gke(
        { zones: ["us-central1-a"] },
        { network: "compact", capacity: [reserved("us-central1-b"), onDemand] },
      ),
      "pools.l4.zones: not one zone",
    ],
    [aks({}, { network: "compact", zones: ["1", "2"] }), "pools.l4.zones: not one zone"],
  ],
  "COMMON-14": [
    [gke({ access: ["203.0.113.0/24", "198.51.100.7/32"] })],
    [gke({ access: ["203.0.113.7"] }), "cluster.access.0: not a range of addresses"],
    ...each.flatMap((on): Case[] => [
      [on({ access: ["203.0.113.0/24", "203.0.113.7/24"] }), "cluster.access.1: bits set behind"],
      [on({ access: ["203.0.113.0/24", "0.0.0.0/0"] }), "cluster.access.1: the whole internet"],
      [on({ access: ["2001:db8::/32"] }), "cluster.access.0: an IPv6 range"],
      [on({ access: ["::/0"] }), "cluster.access.0: an IPv6 range"],
      [on({ access: ["128.0.0.0/1"] })],
      [on({ access: ["203.0.113.0/24", "203.0.113.128/25"] })],
      [
        on({ access: ["203.0.113.0/24", "198.51.100.0/24", "203.0.113.0/24"] }),
        "cluster.access.2: range given twice",
      ],
    ]),
    [eks({ access: ranges(40) })],
    [eks({ access: ranges(41) }), "cluster.access: more ranges"],
    [aks({ access: ranges(199) })],
    [aks({ access: ranges(200) }), "cluster.access: more ranges"],
    [gke({ access: ranges(201) })],
  ],
  "COMMON-15": [
    [gke()],
    ...[gke, aks].flatMap((on) => [
      ...["a", "prod", "prod-2", "a".repeat(40)].map((clusterName): Case => [on({ clusterName })]),
      ...["", "Prod", "prod_1", "prod-", "1st", "-a", "a".repeat(41)].map((clusterName): Case => [
        on({ clusterName }),
        "clusterName: not a name of a cluster",
      ]),
    ]),
    ...["1st", "Prod-2", "a".repeat(60)].map((clusterName): Case => [eks({ clusterName })]),
    ...["", "-a", "prod_1", "a".repeat(61)].map((clusterName): Case => [
      eks({ clusterName }),
      "clusterName: not a name of a cluster",
    ]),
  ],
  "COMMON-16": [
    [gke({}, {}, "l4-eu")],
    [gke({}, {}, "4l"), "pools.4l: not a name of a pool"],
    [gke({}, {}, "x".repeat(31)), `pools.${"x".repeat(31)}: not a name of a pool`],
    [eks({}, {}, "x".repeat(40))],
    [eks({}, {}, "L4"), "pools.L4: not a name of a pool"],
    [eks({}, {}, "default"), "pools.default: a name that eks has itself"],
    [aks({}, {}, "default")],
  ],
  "COMMON-17": [
    [gke({ tags: { "cost-centre": "ml-42", über: "" } })],
    [gke({ tags: { CostCentre: "ml" } }), "tags.CostCentre: not a key of a label"],
    ...["ml ops", "ml-½", "ml-²"].map((team): Case => [
      gke({ tags: { team } }),
      "tags.team: not a value of a label",
    ]),
    [eks({ tags: { "cost-centre": "ml 42", "Kostenträger/eu": "" } })],
    [eks({ tags: { ["k".repeat(128)]: "v".repeat(256) } })],
    [eks({ tags: { ["k".repeat(129)]: "v" } }), `tags.${"k".repeat(129)}: not a key of a tag`],
    [eks({ tags: { key: "v".repeat(257) } }), "tags.key: not a value of a tag"],
    [eks({ tags: { "aws:owner": "ml" } }), "tags.aws:owner: a key that the cloud keeps"],
    [eks({ tags: { "who?": "ml" } }), "tags.who?: not a key of a tag"],
    [eks({ tags: { owner: "a,b" } }), "tags.owner: not a value of a tag"],
    [aks({ tags: { "acme.example:team": "chat vision" } })],
    [aks({ tags: { "acme.example/team": "ml" } }), "tags.acme.example/team: not a key of a tag"],
    [aks({ tags: { azureTeam: "ml" } }), "tags.azureTeam: a key that the cloud keeps"],
    [aks({ tags: { teams: "chat,vision" } }), "tags.teams: not a value of a tag"],
    [aks({ tags: tags(40) })],
    [aks({ tags: tags(41) }), "tags: too many tags"],
  ],
  "COMMON-19": [
    [
      gke(
        {},
        { zones: ["us-central1-a"], capacity: [reserved("us-central1-a"), spot, reserved()] },
      ),
    ],
    [gke({}, { capacity: [reserved("us-central1-b"), reserved()] })],
    [
      gke({}, { zones: ["us-central1-a"], capacity: [reserved("us-central1-b")] }),
      "pools.l4.capacity.0.zone: not a zone of this pool",
    ],
    [
      gke({ zones: ["us-central1-a"] }, { capacity: [reserved("us-central1-b")] }),
      "pools.l4.capacity.0.zone: not a zone of this pool",
    ],
  ],
  "COMMON-20": [
    [gke({}, { ...nodes(1, 2), capacity: [spot, onDemand] })],
    [gke({}, { ...nodes(0, 2), capacity: [spot] })],
    [
      gke({}, { ...nodes(1, 2), capacity: [spot, flexStart] }),
      "remark pools.l4.nodes.min: nodes that always run, from capacity",
    ],
  ],
};

describe("the rules of every cloud", () => {
  testRules(commonRules, cases);

  it("and of each cloud are on the page of rules, with a number of their own", () => {
    const page = rulesPage();
    for (const cloud of ["gke", "eks", "aks"] as const) {
      const ids = rulesOf(cloud).map(({ id }) => id);
      assert.deepEqual([...new Set(ids)], ids);
      for (const id of ids) {
        assert.match(id, new RegExp(`^(COMMON|${cloud.toUpperCase()})-\\d\\d$`));
        assert.equal(page.split(`| ${id} |`).length, 2, id);
      }
    }
  });

  it("and of each cloud stand on facts that are written down, with where they are from", () => {
    const page = readFileSync(join(__dirname, "../../../../docs/facts.md"), "utf8");
    const lines = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
    const from = new Map(lines.map(([, number = "", , source = ""]) => [number, source]));

    for (const { id, facts } of (["gke", "eks", "aks"] as const).flatMap(rulesOf)) {
      for (const fact of facts.split(", ")) assert.ok(from.get(fact), `${id}: ${fact}`);
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
      [{ id: "TEST-01", about: "", facts: "", cluster: () => all }],
      { kind: "gke", region: "us-central1" },
      {},
    ).map(({ problem }) => problem);

  it("name each value once, by the first rule that has something against it", () => {
    assert.deepEqual(told(problem(["a"], "first"), problem(["a"], "second")), ["first"]);
    const type = ["pools", "l4", "capacity", 0];
    assert.deepEqual(told(problem([...type, "zone"], "closely"), problem(type, "roughly")), [
      "closely",
    ]);
    const zones = ["pools", "l4", "zones"];
    assert.deepEqual(told(problem([...zones, 0], "one"), problem(zones, "all")), ["one"]);
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
