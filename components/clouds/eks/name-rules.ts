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
