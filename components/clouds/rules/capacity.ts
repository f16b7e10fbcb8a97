import type { CapacityType, ManagedPool } from "../managed";
import { machines, type ManagedCloud } from "../../../catalog/machines";
import type { Problem } from "../../problem";
import type { PreflightCluster } from "./rule";
import { limits } from "./limits";
import { zoneProblems } from "./zones";

/** Kinds of capacity that only some clouds have; the others are everywhere. */
const onlyOn: Partial<Record<CapacityType["kind"], ManagedCloud>> = {
  "flex-start": "gke",
  block: "eks",
};

/** What is wrong with the capacity types of a pool, one by one and together. */
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
        problem: "no capacity type: nodes would come from nowhere",
        found: "[]",
        allowed: "at least one capacity type",
        fix: "write [on-demand], or remove the key",
      },
    ];
  }
  const each = capacity.flatMap((type, place) => {
    const path = ["pools", name, "capacity", place];
    return [
      ...kindProblems(cluster, path, pool, type),
      ...zonelessProblems(cluster, path, type),
      ...("zone" in type && type.zone !== undefined
        ? placeProblems(cluster, path, pool, type.zone)
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
    fix: "add on-demand as the last capacity type, or lower min to 0",
    warning: true,
  };
  return [...each, min];
}

function kindProblems(
  { kind: cloud }: PreflightCluster,
  path: Problem["path"],
  { machine }: ManagedPool,
  type: CapacityType,
): Problem[] {
  const home = onlyOn[type.kind];
  if (home !== undefined && home !== cloud) {
    return [
      {
        path,
        problem: `capacity of ${home}, which ${cloud} does not have`,
        found: shownCapacity(type),
        allowed: ["on-demand", "spot", "{ reserved }"]
          .concat(cloud === "gke" ? ["flex-start"] : cloud === "eks" ? ["{ block }"] : [])
          .join(", "),
        fix: "remove this capacity type",
      },
    ];
  }
  const googles = (["project", "reservationBlock"] as const).filter(
    (key) => type.kind === "reserved" && cloud !== "gke" && type[key] !== undefined,
  );
  if (googles.length > 0) {
    return googles.map((key) => ({
      path: [...path, key],
      problem: `said of a reservation of ${cloud}, which knows it by its id alone`,
      found: shownCapacity(type),
      allowed: "reserved and zone; project and reservationBlock are Google Cloud's",
      fix: `remove ${key}`,
    }));
  }
  const { soldOnlyAs } = machine;
  if (soldOnlyAs === undefined || soldOnlyAs.includes(type.kind)) return [];
  const others = machines.filter(
    (one) =>
      one.cloud === cloud &&
      one.gpu === machine.gpu &&
      one.gpuFraction === 1 &&
      (one.soldOnlyAs?.includes(type.kind) ?? true),
  );
  const other = others.map(({ name, gpusPerNode }) => `${name} (${gpusPerNode} GPUs)`).join(", ");
  return [
    {
      path,
      problem: `not how ${machine.name} is sold`,
      found: shownCapacity(type),
      allowed: soldOnlyAs.map(asWritten).join(", "),
      fix: `write one of these${other ? `, or choose a machine that is sold like this: ${other}` : ""}`,
    },
  ];
}

/** A reservation that is known only together with its zone. */
function zonelessProblems(
  { kind }: PreflightCluster,
  path: Problem["path"],
  type: CapacityType,
): Problem[] {
  if (!limits[kind].reservationHasZone) return [];
  if (type.kind !== "reserved" || type.zone !== undefined) return [];
  return [
    {
      path,
      problem: "a reservation without its zone",
      found: JSON.stringify(type.reservation),
      allowed: "the reservation and its zone",
      fix: `set zone to the one that ${type.reservation} is in`,
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
  capacity: readonly CapacityType[],
  path: Problem["path"],
  place: number,
): Problem[] {
  const text = (type?: CapacityType) => type && shownCapacity(type);
  const first = capacity.findIndex((type) => text(type) === text(capacity[place]));
  if (first === place) return [];
  return [
    {
      path,
      problem: "capacity type given twice",
      found: text(capacity[place]) ?? "",
      allowed: "each capacity type once",
      fix: `remove it; capacity[${first}] is the same`,
    },
  ];
}

function asWritten(kind: CapacityType["kind"]): string {
  return kind === "reserved" || kind === "block" ? `{ ${kind} }` : kind;
}

/** A capacity type as the stack file has it. */
export function shownCapacity(type: CapacityType): string {
  if (type.kind !== "reserved" && type.kind !== "block") return JSON.stringify(type.kind);
  const { kind, reservation, ...place } = type;
  return JSON.stringify({ [kind]: reservation, ...place });
}
