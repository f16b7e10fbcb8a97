import type { CapacityRung, ManagedPool } from "../managed";
import { machines, type ManagedCloud } from "../../../catalog/machines";
import type { Problem } from "../../problem";
import type { PreflightCluster } from "./rule";
import { limits } from "./limits";
import { zoneProblems } from "./zones";

/** Kinds of capacity that only some clouds have; the others are everywhere. */
const onlyOn: Partial<Record<CapacityRung["kind"], ManagedCloud>> = {
  "flex-start": "gke",
  block: "eks",
};

/** What is wrong with the rungs of a pool, one by one and together. */
export function capacityProblems(
  cluster: PreflightCluster,
  name: string,
  pool: ManagedPool,
): Problem[] {
  const { capacity, nodes } = pool;
  if (capacity.length === 0) {
    return [
      {
        path: ["pools", name, "capacity"],
        problem: "no rung: nodes would come from nowhere",
        found: "[]",
        allowed: "at least one rung",
        fix: "write [on-demand], or remove the key",
      },
    ];
  }
  const each = capacity.flatMap((rung, place) => {
    const path = ["pools", name, "capacity", place];
    return [
      ...kindProblems(cluster, path, pool, rung),
      ...zonelessProblems(cluster, path, rung),
      ...("zone" in rung && rung.zone !== undefined
        ? placeProblems(cluster, path, pool, rung.zone)
        : []),
      ...repeated(capacity, path, place),
    ];
  });
  const lasting = capacity.some(({ kind }) => kind !== "spot" && kind !== "flex-start");
  if (nodes.min === 0 || lasting) return each;
  const min: Problem = {
    path: ["pools", name, "nodes", "min"],
    problem: "nodes that always run, from capacity that the cloud takes back",
    found: String(nodes.min),
    allowed: "any number; only on-demand, reserved and block keep it",
    fix: "add on-demand as the last rung of capacity, or lower min to 0",
    warning: true,
  };
  return [...each, min];
}

function kindProblems(
  { kind: cloud }: PreflightCluster,
  path: Problem["path"],
  { machine }: ManagedPool,
  rung: CapacityRung,
): Problem[] {
  const home = onlyOn[rung.kind];
  if (home !== undefined && home !== cloud) {
    return [
      {
        path,
        problem: `capacity of ${home}, which ${cloud} does not have`,
        found: shownRung(rung),
        allowed: ["on-demand", "spot", "{ reserved }"]
          .concat(cloud === "gke" ? ["flex-start"] : cloud === "eks" ? ["{ block }"] : [])
          .join(", "),
        fix: "remove this rung",
      },
    ];
  }
  const googles = (["project", "reservationBlock"] as const).filter(
    (key) => rung.kind === "reserved" && cloud !== "gke" && rung[key] !== undefined,
  );
  if (googles.length > 0) {
    return googles.map((key) => ({
      path: [...path, key],
      problem: `said of a reservation of ${cloud}, which knows it by its id alone`,
      found: shownRung(rung),
      allowed: "reserved and zone; project and reservationBlock are Google Cloud's",
      fix: `remove ${key}`,
    }));
  }
  const { soldOnlyAs } = machine;
  if (soldOnlyAs === undefined || soldOnlyAs.includes(rung.kind)) return [];
  const others = machines.filter(
    (one) =>
      one.cloud === cloud &&
      one.gpu === machine.gpu &&
      one.gpuFraction === 1 &&
      (one.soldOnlyAs?.includes(rung.kind) ?? true),
  );
  const other = others.map(({ name, gpusPerNode }) => `${name} (${gpusPerNode} GPUs)`).join(", ");
  return [
    {
      path,
      problem: `not how ${machine.name} is sold`,
      found: shownRung(rung),
      allowed: soldOnlyAs.map(asWritten).join(", "),
      fix: `write one of these${other ? `, or choose a machine that is sold like this: ${other}` : ""}`,
    },
  ];
}

/** A reservation that is known only together with its zone. */
function zonelessProblems(
  { kind }: PreflightCluster,
  path: Problem["path"],
  rung: CapacityRung,
): Problem[] {
  if (!limits[kind].reservationHasZone) return [];
  if (rung.kind !== "reserved" || rung.zone !== undefined) return [];
  return [
    {
      path,
      problem: "a reservation without its zone",
      found: JSON.stringify(rung.reservation),
      allowed: "the reservation and its zone",
      fix: `set zone to the one that ${rung.reservation} is in`,
    },
  ];
}

/** A zone that the reservation is in must be one that the pool's nodes may be in. */
function placeProblems(
  cluster: PreflightCluster,
  path: Problem["path"],
  pool: ManagedPool,
  zone: string,
): Problem[] {
  const at = [...path, "zone"];
  const outside = zoneProblems(cluster, at, [zone]).map((found) => ({ ...found, path: at }));
  const zones = pool.zones ?? cluster.zones;
  if (outside.length > 0 || zones === undefined || zones.includes(zone)) return outside;
  return [
    {
      path: at,
      problem: "not a zone of this pool",
      found: JSON.stringify(zone),
      allowed: zones.join(", "),
      fix: `add ${zone} to the zones of the pool, or name a reservation in one of them`,
    },
  ];
}

function repeated(
  capacity: readonly CapacityRung[],
  path: Problem["path"],
  place: number,
): Problem[] {
  const text = (rung?: CapacityRung) => rung && shownRung(rung);
  const first = capacity.findIndex((rung) => text(rung) === text(capacity[place]));
  if (first === place) return [];
  return [
    {
      path,
      problem: "rung given twice",
      found: text(capacity[place]) ?? "",
      allowed: "each rung once",
      fix: `remove it; capacity[${first}] is the same`,
    },
  ];
}

function asWritten(kind: CapacityRung["kind"]): string {
  return kind === "reserved" || kind === "block" ? `{ ${kind} }` : kind;
}

/** A rung as the stack file has it. */
export function shownRung(rung: CapacityRung): string {
  if (rung.kind !== "reserved" && rung.kind !== "block") return JSON.stringify(rung.kind);
  const { kind, reservation, ...place } = rung;
  return JSON.stringify({ [kind]: reservation, ...place });
}
