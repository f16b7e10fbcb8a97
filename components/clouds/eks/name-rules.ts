import type { Problem } from "../../problem";
import type { ManagedPool } from "../managed";
import type { PreflightCluster } from "../rules/rule";
import { namedNodePools } from "./node-pool-names";

/** Pools of Auto Mode whose NodeClass has the name of another pool's: nodes of a reservation have one of their own, `l4-reserved`. */
export function nodeClassProblems(
  { mode = "auto" }: PreflightCluster,
  pools: Readonly<Record<string, ManagedPool>>,
): Problem[] {
  if (mode !== "auto") return [];
  const classes = Object.entries(pools).flatMap(([pool, config]) =>
    namedNodePools(pool, config).map(({ nodeClass }) => ({ pool, nodeClass })),
  );
  return Object.keys(pools).flatMap((name): Problem[] => {
    const same = classes.filter(({ nodeClass }) => nodeClass === name);
    const other = same.find(({ pool }) => pool !== name);
    if (other === undefined || same.every(({ pool }) => pool !== name)) return [];
    return [
      {
        path: ["pools", name],
        problem: `a name that pool ${other.pool} gives the NodeClass of its reservation`,
        found: JSON.stringify(name),
        allowed: "a NodeClass of its own for each pool",
        fix: "rename one of the two pools",
      },
    ];
  });
}

/** Administrators and viewers whom EKS would know twice, or who would be one resource of Pulumi's, which has their name without path and account. */
export function principalProblems({ admins = [], viewers = [] }: PreflightCluster): Problem[] {
  const known = [
    ...admins.map((arn, at) => ({ key: "admins", at, arn })),
    ...viewers.map((arn, at) => ({ key: "viewers", at, arn })),
  ];
  return known.flatMap(({ key, at, arn }, place): Problem[] => {
    const before = known.slice(0, place);
    const same = before.find((other) => other.arn === arn);
    const namesake = before.find((other) => other.key === key && nameIn(other.arn) === nameIn(arn));
    const other = same ?? namesake;
    if (other === undefined) return [];
    const of = { path: ["cluster", key, at], found: JSON.stringify(arn) };
    const first = `cluster.${other.key}[${other.at}]`;
    return [
      same
        ? {
            ...of,
            problem: "given twice, and EKS lets an identity in once",
            allowed: "each identity once, in admins or in viewers",
            fix: `remove it; ${first} is the same`,
          }
        : {
            ...of,
            problem: `the name of ${first}, in another account or path`,
            allowed: "names that differ behind the last /",
            fix: "give one of the two a name of its own",
          },
    ];
  });
}

function nameIn(arn: string): string | undefined {
  return arn.split("/").pop();
}
