import { range } from "../../../catalog/cidr";
import type { Problem } from "../../problem";
import { limits } from "./limits";
import type { PreflightCluster } from "./rule";

/** What is wrong with the ranges that may reach the control plane. */
export function accessProblems({ kind, access = [] }: PreflightCluster): Problem[] {
  const path = ["cluster", "access"];
  const { accessRanges, narrower } = limits[kind];
  const each = access.flatMap((text, at) => rangeProblems([...path, at], text, narrower));
  if (accessRanges === undefined || access.length <= accessRanges.most) return each;
  const { allowed, fix } = accessRanges;
  const found = `${access.length} ranges`;
  return [
    { path, problem: "more ranges than the control plane takes", found, allowed, fix },
    ...each,
  ];
}

function rangeProblems(path: Problem["path"], text: string, narrower: string): Problem[] {
  const at = { path, found: JSON.stringify(text) };
  const parsed = range(text);
  if (parsed?.family === 6) {
    return [
      {
        ...at,
        problem: "an IPv6 range, which the control plane of an IPv4 cluster does not take",
        allowed: "IPv4 ranges that are not the whole internet, such as 203.0.113.0/24",
        fix: "give the addresses under which you reach the internet by IPv4",
      },
    ];
  }
  if (parsed?.length === 0) {
    return [
      {
        ...at,
        problem: "the whole internet",
        allowed: "IPv4 ranges that are not the whole internet, such as 203.0.113.0/24",
        fix: narrower,
      },
    ];
  }
  if (parsed && !parsed.hostBits) return [];
  return [
    {
      ...at,
      problem: parsed ? "bits set behind the length of the range" : "not a range of addresses",
      allowed: "ranges such as 203.0.113.0/24, with no bit set behind the length",
      fix: parsed ? `write "${parsed.canonical}"` : 'write it like "203.0.113.0/24"',
    },
  ];
}
