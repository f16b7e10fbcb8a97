import { range } from "../../../catalog/cidr";
import type { Problem } from "../../problem";
import { clouds } from "../clouds";
import type { PreflightCluster, Rule } from "./rule";
import { versionProblem } from "./versions";
import { systemNodes } from "../system-pool";
import { insteadOf } from "../machine";
import { zoneProblems } from "./zones";

/** Rules of every cloud about its cluster. */
export const clusterRules: readonly Rule[] = [
  {
    id: "COMMON-01",
    about: "a version together with a channel",
    facts: "2.1, 3.1",
    cluster: ({ version, channel }) =>
      version === undefined || channel === undefined
        ? undefined
        : {
            path: ["cluster", "channel"],
            problem: "never together with version",
            found: JSON.stringify(channel),
            allowed: "version or channel, one of both",
            fix: `remove version to follow the channel, or remove channel to stay on ${version}`,
          },
  },
  {
    id: "COMMON-02",
    about: "a version whose support is over or runs out",
    facts: "3.1",
    cluster: versionProblem,
  },
  {
    id: "COMMON-03",
    about: "zones outside the region, or given twice",
    facts: "2.2, 4.2",
    cluster: (cluster) => zoneProblems(cluster, ["cluster", "zones"], cluster.zones),
    pool: ({ zones }, cluster) => zoneProblems(cluster, ["zones"], zones),
    capacity: (type, _, cluster) =>
      "zone" in type && type.zone !== undefined
        ? zoneProblems(cluster, [], [type.zone]).map((found) => ({ ...found, path: ["zone"] }))
        : undefined,
  },
  {
    id: "COMMON-14",
    about:
      "control-plane access for what is no range, IPv6 or the whole internet, for a range given twice, or for too many ranges",
    facts: "2.3, 3.2, 3.29, 4.1",
    cluster: accessProblems,
  },
  {
    id: "COMMON-15",
    about: "a cluster's name that its cloud does not take",
    facts: "2.5, 3.45, 4.31",
    cluster: ({ kind, clusterName }) => {
      const { form, longest, allowed } = clouds[kind].limits.clusterName;
      if (clusterName === undefined || (form.test(clusterName) && clusterName.length <= longest)) {
        return undefined;
      }
      return {
        path: ["clusterName"],
        problem: "not a name of a cluster",
        found: JSON.stringify(clusterName),
        allowed,
        fix: "set clusterName, or shorten the name of the stack",
      };
    },
  },
  {
    id: "COMMON-17",
    about: "tags that the cloud or its disks do not take, or too many",
    facts: "2.4, 3.12, 4.8",
    cluster: tagProblems,
  },
  {
    id: "COMMON-21",
    about:
      "nodes of the cluster itself of which none could be replaced, or a machine of another cloud",
    facts: "1.1, 3.14",
    cluster: systemProblems,
  },
  {
    id: "COMMON-22",
    about: "ARM processors for all pods that name no pool",
    facts: "1.4",
    cluster: ({ system }) =>
      system?.machine?.arch !== "arm64"
        ? undefined
        : {
            path: ["cluster", "system", "machine"],
            problem: "nodes with ARM processors, for all pods that name no pool",
            found: JSON.stringify(system.machine.name),
            allowed: "any machine; most images are built for amd64 alone",
            fix: "check that each image that a service or job without a pool names has a variant for linux/arm64; build makes one",
            warning: true,
          },
  },
];

const usable = "IPv4 ranges that are not the whole internet, such as 203.0.113.0/24";

function accessProblems({ kind, access = [] }: PreflightCluster): Problem[] {
  const path = ["cluster", "access"];
  const { accessRanges, narrower } = clouds[kind].limits;
  const each = access.flatMap((text, at): Problem[] => {
    const first = access.indexOf(text);
    const wrong = rangeProblem(text, narrower) ?? (first < at ? givenTwice(first) : undefined);
    return wrong ? [{ path: [...path, at], found: JSON.stringify(text), ...wrong }] : [];
  });
  if (accessRanges === undefined || access.length <= accessRanges.most) return each;
  const { allowed, fix } = accessRanges;
  const found = `${access.length} ranges`;
  return [
    { path, problem: "more ranges than the control plane takes", found, allowed, fix },
    ...each,
  ];
}

const givenTwice = (first: number) => ({
  problem: "range given twice",
  allowed: "each range once",
  fix: `remove it; [${first}] is the same`,
});

/** What is wrong with a range that may reach the control plane. */
function rangeProblem(
  text: string,
  narrower: string,
): Pick<Problem, "problem" | "allowed" | "fix"> | undefined {
  const parsed = range(text);
  if (!parsed || parsed.hostBits) {
    return {
      problem: parsed ? "bits set behind the length of the range" : "not a range of addresses",
      allowed: "ranges such as 203.0.113.0/24, with no bit set behind the length",
      fix: `write ${parsed ? `"${parsed.canonical}"` : 'it like "203.0.113.0/24"'}`,
    };
  }
  if (parsed.family === 6) {
    return {
      problem: "an IPv6 range, which the control plane of an IPv4 cluster does not take",
      allowed: usable,
      fix: "give the addresses under which you reach the internet by IPv4",
    };
  }
  if (parsed.length > 0) return undefined;
  return { problem: "the whole internet", allowed: usable, fix: narrower };
}

function systemProblems({ kind, system: { machine, nodes } = {} }: PreflightCluster): Problem[] {
  const least = systemNodes[kind].min;
  const range =
    nodes === undefined ||
    (Number.isInteger(nodes.min) && nodes.min >= least && nodes.max >= nodes.min);
  return [
    ...(range
      ? []
      : [
          {
            path: ["cluster", "system", "nodes"],
            problem: "not a range of nodes for the cluster itself",
            found: `min ${nodes.min}, max ${nodes.max}`,
            allowed: `min from ${least}${least > 1 ? ", so that one can be replaced" : ""}, and max from min`,
            fix: "correct min and max, or remove the key for the default",
          },
        ]),
    ...(machine === undefined || machine.cloud === kind
      ? []
      : [
          {
            path: ["cluster", "system", "machine"],
            problem: `a machine of ${machine.cloud}, not of ${kind}`,
            found: JSON.stringify(machine.name),
            allowed: `a machine of ${kind} without GPUs`,
            fix: insteadOf(machine, kind),
          },
        ]),
  ];
}

function tagProblems({ kind, tags = {} }: PreflightCluster): Problem[] {
  const {
    called,
    key: isKey,
    value: isValue,
    reserved,
    allowed,
    fix,
    most,
  } = clouds[kind].limits.tags;
  const each = Object.entries(tags).flatMap(([key, value]): Problem[] => {
    const at = { path: ["tags", key], found: JSON.stringify(key), allowed, fix };
    if (reserved?.test(key)) return [{ ...at, problem: "a key that the cloud keeps for itself" }];
    if (!isKey(key)) return [{ ...at, problem: `not a key of a ${called}` }];
    if (isValue(value)) return [];
    return [{ ...at, problem: `not a value of a ${called}`, found: JSON.stringify(value) }];
  });
  const many = Object.keys(tags).length;
  if (most === undefined || many <= most.many) return each;
  const found = `${many} tags`;
  return [
    ...each,
    { path: ["tags"], problem: "too many tags", found, allowed: most.allowed, fix: "remove some" },
  ];
}
