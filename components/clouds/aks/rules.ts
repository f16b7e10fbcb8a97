import { agentPoolName } from "./names";
import { migProfiles } from "../../../catalog/sharing";
import type { GpuName } from "../../../catalog/gpus";
import type { Problem } from "../../problem";
import type { ClusterRule, Rule } from "../rules/rule";

/** Regions without availability zones (docs/facts.md 4.2). One that is not here counts as having three. */
const regionsWithoutZones = new Set([
  ...["australiacentral", "australiacentral2", "australiasoutheast", "brazilsoutheast"],
  ...["canadaeast", "francesouth", "germanynorth", "jioindiacentral", "jioindiawest", "koreasouth"],
  ...["northcentralus", "norwaywest", "southafricawest", "southindia", "swedensouth"],
  ...["switzerlandwest", "uaecentral", "ukwest", "westcentralus", "westindia", "westus"],
]);

/** Whether a region has availability zones. */
export function hasZones(region: string): boolean {
  return !regionsWithoutZones.has(region);
}

/** GPUs that AKS cuts into MIG instances (AKS docs, gpu-multi-instance, read 2026-11-22). */
const gpusWithMig: readonly GpuName[] = ["A100", "A100-80", "H100", "H100-NVL", "H200"];

/** Most ranges that may reach the control plane, the NAT gateway's address among them. */
const mostRanges = 200;

/** Most nodes of an agent pool, and most agent pools of a cluster (AKS docs, quotas-skus-regions). */
const mostNodes = 1000;
const mostAgentPools = 100;

/** Largest disk of the system that AKS makes, in GiB. */
const largestDisk = 2048;

/** What Azure would refuse after minutes, or never do; besides the rules that hold everywhere. */
export const aksRules: readonly (Rule | ClusterRule)[] = [
  {
    id: "AKS-01",
    about:
      "control-plane access for too many ranges, IPv6, the whole internet, or from the middle of a range",
    facts: "4.1",
    checkCluster: ({ access = [] }) => {
      const path = ["cluster", "access"];
      const each = access.flatMap((range, at) => rangeProblem([...path, at], range));
      if (access.length < mostRanges) return each;
      const many: Problem = {
        path,
        problem: "too many ranges",
        found: `${access.length} ranges`,
        allowed: `${mostRanges - 1} at most: the NAT gateway's address is another one`,
        fix: "join neighbouring ranges, or leave access out: Entra guards the endpoint",
      };
      return [many, ...each];
    },
  },
  {
    id: "AKS-02",
    about: "zones of the cluster in a region without them",
    facts: "4.2",
    checkCluster: ({ region, zones }) =>
      zones && !hasZones(region) ? zonelessProblem(["cluster", "zones"], region, zones) : undefined,
  },
  {
    id: "AKS-03",
    about: "zones of a pool in a region without them",
    facts: "4.2",
    check: ({ region }, name, { zones, capacity }) => {
      if (hasZones(region)) return undefined;
      const path = ["pools", name];
      const ofRungs = capacity.flatMap((rung, at) =>
        "zone" in rung && rung.zone
          ? [zonelessProblem([...path, "capacity", at, "zone"], region, [rung.zone])]
          : [],
      );
      return zones ? [zonelessProblem([...path, "zones"], region, zones), ...ofRungs] : ofRungs;
    },
  },
  {
    id: "AKS-04",
    about: "a reservation that is no group's id",
    facts: "4.3",
    check: (_, name, { capacity }) =>
      capacity.flatMap((rung, at) =>
        rung.kind !== "reserved" || reservationGroup.test(rung.reservation)
          ? []
          : [
              {
                path: ["pools", name, "capacity", at, "reserved"],
                problem: "not the id of a capacity reservation group",
                found: JSON.stringify(rung.reservation),
                allowed:
                  "/subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Compute/capacityReservationGroups/<name>",
                fix: "take it from `az capacity reservation group show --query id`; the group, not a reservation in it",
              },
            ],
      ),
  },
  {
    id: "AKS-05",
    about: "a MIG profile that AKS does not cut",
    facts: "4.4, 5.3",
    check: (_, name, { machine: { gpu }, sharing }) => {
      // Profiles that no AKS cluster has are the common rules' business.
      if (sharing?.kind !== "mig" || !migProfiles(gpu).includes(sharing.profile)) return undefined;
      const offered = aksProfiles(gpu);
      if (offered.includes(sharing.profile)) return undefined;
      return {
        path: ["pools", name, "sharing", "mig"],
        problem: offered.length > 0 ? "not a profile of AKS" : `AKS does not cut ${gpu}`,
        found: JSON.stringify(sharing.profile),
        allowed: offered.join(", ") || `MIG on ${gpusWithMig.join(", ")}; timeSlicing on ${gpu}`,
        fix: offered.length > 0 ? "choose one of these" : "write { timeSlicing: 4 } instead",
      };
    },
  },
  {
    id: "AKS-06",
    about: "a disk larger than AKS makes",
    facts: "4.5",
    check: (_, name, { diskGiB = 0 }) =>
      diskGiB <= largestDisk
        ? undefined
        : {
            path: ["pools", name, "disk"],
            problem: "larger than AKS makes the disk of a node",
            found: `${diskGiB}Gi`,
            allowed: `${largestDisk}Gi at most`,
            fix: "keep the weights on a volume instead",
          },
  },
  {
    id: "AKS-07",
    about: "more nodes than a pool can have",
    facts: "4.6",
    check: (_, name, { nodes: { max } }) =>
      max <= mostNodes
        ? undefined
        : {
            path: ["pools", name, "nodes", "max"],
            problem: "more nodes than an agent pool can have",
            found: String(max),
            allowed: `${mostNodes} at most`,
            fix: `lower it, or add a second pool`,
          },
  },
  {
    id: "AKS-08",
    about: "more agent pools than a cluster can have",
    facts: "4.6",
    checkCluster: (_, pools) => {
      const own = 2;
      const rungs = Object.values(pools).reduce((sum, { capacity }) => sum + capacity.length, own);
      if (rungs <= mostAgentPools) return undefined;
      return {
        path: ["pools"],
        problem: "more agent pools than a cluster can have: one for each rung, and two of our own",
        found: String(rungs),
        allowed: `${mostAgentPools} at most`,
        fix: "remove pools or rungs",
      };
    },
  },
  {
    id: "AKS-09",
    about: "two pools whose 12 letters are the same",
    facts: "4.7",
    checkCluster: ({ zones }, pools) => {
      const names = new Map<string, string>();
      return Object.entries(pools).flatMap(([name, pool]): Problem[] =>
        pool.capacity.flatMap((rung, at) => {
          const short = agentPoolName(
            name,
            { ...pool, zones: pool.zones ?? (zones && [...zones]) },
            rung,
          );
          const other = names.get(short) ?? name;
          names.set(short, other);
          if (other === name) return [];
          return [
            {
              path: ["pools", name, "capacity", at],
              problem: `AKS's 12 letters make the same name of it as of pool ${other}`,
              found: short,
              allowed: "a name of its own",
              fix: "rename one of the two pools",
            },
          ];
        }),
      );
    },
  },
  {
    id: "AKS-10",
    about: "tags that Azure or its disks do not take, or too many",
    facts: "4.8",
    checkCluster: ({ tags = {} }) => [
      ...Object.entries(tags).flatMap(([key, value]) => tagProblem(key, value)),
      ...(Object.keys(tags).length <= mostTags
        ? []
        : [
            {
              path: ["tags"],
              problem: "too many tags",
              found: `${Object.keys(tags).length} tags`,
              allowed: `${mostTags} at most: AKS adds some of its own, and Azure takes 50`,
              fix: "remove some",
            },
          ]),
    ],
  },
  {
    id: "AKS-11",
    about: "a reservation for nodes without a zone, where the region has zones",
    facts: "4.12",
    check: ({ region, zones: clusterZones }, name, { zones = clusterZones, capacity }) => {
      if (zones || !hasZones(region)) return undefined;
      return capacity.flatMap((rung, at) =>
        rung.kind !== "reserved" || rung.zone
          ? []
          : [
              {
                path: ["pools", name, "capacity", at, "zone"],
                problem: "a reservation for nodes without a zone",
                found: "no zone, for the rung, the pool or the cluster",
                allowed: "the zone of the reservation; none only where it was made without one",
                fix: "look for it with `az capacity reservation list`, and write it as zone beside reserved",
                // The id does not tell whether the group has zones, and a group without takes only nodes without.
                warning: true,
              },
            ],
      );
    },
  },
  {
    id: "AKS-12",
    about: "a reservation for nodes that are to be close to each other",
    facts: "4.14",
    check: (_, name, { capacity, network }) => {
      if (network === undefined) return undefined;
      return capacity.flatMap((rung, at) =>
        rung.kind !== "reserved"
          ? []
          : [
              {
                path: ["pools", name, "capacity", at],
                problem: `no reservation takes nodes of a proximity placement group, which network: ${network} makes`,
                found: JSON.stringify(rung.reservation),
                allowed: "on-demand, spot",
                fix: "remove network, or the rung",
              },
            ],
      );
    },
  },
  {
    id: "AKS-13",
    about: "a network for training, which needs NVIDIA's network operator",
    facts: "4.15",
    check: (_, name, { network }) =>
      network === "fast"
        ? {
            path: ["pools", name, "network"],
            problem:
              "InfiniBand needs NVIDIA's network operator, which this program does not install",
            found: JSON.stringify(network),
            allowed: "compact",
            fix: "write compact, or make such a pool yourself, and describe its cluster as kind: existing with interconnect",
          }
        : undefined,
  },
];

const reservationGroup =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Compute\/capacityReservationGroups\/[^/]+$/i;

const mostTags = 40;

function rangeProblem(path: Problem["path"], range: string): Problem[] {
  const at = {
    path,
    found: JSON.stringify(range),
    allowed: "an IPv4 range that begins at its first address, such as 203.0.113.0/24",
  };
  if (range.includes(":")) {
    return [
      { ...at, problem: "an IPv6 range, which AKS does not take", fix: "give the IPv4 range" },
    ];
  }
  const [address = "", length = "32"] = range.split("/");
  if (length === "0") {
    const fix = "name your own ranges, or leave access out: Entra guards the endpoint";
    return [{ ...at, problem: "the whole internet", fix }];
  }
  const first = firstAddress(address, Number(length));
  if (first === address) return [];
  return [
    { ...at, problem: "not the first address of its range", fix: `write ${first}/${length}` },
  ];
}

function firstAddress(address: string, length: number): string {
  const number = address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const size = 2 ** (32 - length);
  const first = Math.floor(number / size) * size;
  return [24, 16, 8, 0].map((bits) => Math.floor(first / 2 ** bits) % 256).join(".");
}

function zonelessProblem(path: Problem["path"], region: string, zones: readonly string[]): Problem {
  return {
    path,
    problem: `${region} has no availability zones`,
    found: zones.join(", "),
    allowed: "no zones in this region",
    fix: "remove the key, or choose a region with zones",
  };
}

/** Profiles that AKS makes of a GPU: of those with the same compute slices the one with the least memory. */
function aksProfiles(gpu: GpuName): string[] {
  if (!gpusWithMig.includes(gpu)) return [];
  const slices = (profile: string) => profile.split(".")[0];
  return migProfiles(gpu).filter(
    (profile, at, all) => all.findIndex((other) => slices(other) === slices(profile)) === at,
  );
}

function tagProblem(key: string, value: string): Problem[] {
  const path = ["tags", key];
  const fix = "choose another text";
  if (/[<>%&\\?/,=]/.test(key) || key.length > 512 || /^(microsoft|azure|windows)/i.test(key)) {
    return [
      {
        path,
        problem: "not a name that Azure takes for a tag",
        found: JSON.stringify(key),
        allowed:
          "up to 512 characters without < > % & \\ ? / , = that do not begin with microsoft, azure or windows",
        fix,
      },
    ];
  }
  if (!/[,=]/.test(value) && value.length <= 256) return [];
  return [
    {
      path,
      problem: "not a value that a disk can have as a tag",
      found: JSON.stringify(value),
      allowed: "up to 256 characters without , and =",
      fix,
    },
  ];
}
