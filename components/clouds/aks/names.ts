import { createHash } from "node:crypto";
import { systemMachines } from "../../../catalog/cpu-nodes";
import { longestClusterName, nodeDiskGiB, type CapacityType, type ManagedPool } from "../managed";
import { regionZones } from "./own-nodes";

/** Name in Azure of a cluster and its parts, where none is given: resource groups have names of their own in a subscription. */
export function defaultClusterName(project: string, stack: string, name: string): string {
  const wanted = `${project}-${stack}-${name}`;
  const plain = wanted
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  if (plain === wanted && plain.length <= longestClusterName) return plain;
  const start = plain.slice(0, longestClusterName - 7).replace(/-$/, "");
  return `${start}-${digest(wanted, 6)}`;
}

/** Name of the identity of one service account: its namespace and name, which the underscore keeps apart. */
export function identityName(namespace: string, serviceAccount: string): string {
  const name = `${namespace}_${serviceAccount.replaceAll(".", "_")}`;
  return name.length <= 120 ? name : `${name.slice(0, 113)}_${digest(name, 6)}`;
}

/**
 * Name of the agent pool of one capacity type: 12 lower-case letters and digits at most. It holds a hash of all that Azure fixes
 * when the pool is made, so that another machine or disk is another pool, made before the old one goes.
 */
export function agentPoolName(poolName: string, pool: ManagedPool, type: CapacityType): string {
  const fixed = [
    poolName,
    capacityKey(type),
    pool.machine.name.toLowerCase(),
    nodeDiskGiB(pool),
    capacityZones(pool, type)?.join() ?? "",
    pool.sharing?.kind === "mig" ? pool.sharing.profile : "",
    ...(pool.network ? ["proximity"] : []),
  ];
  const stem = poolName.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const start = /^[a-z]/.test(stem) ? stem : `p${stem}`;
  return `${start.slice(0, 6)}${type.kind.slice(0, 1)}${digest(fixed.join("\n"), 5)}`;
}

/** Name of the pool of nodes without GPUs; it holds its zones and machine, which Azure fixes when the pool is made. */
export function plainPoolName(zones: readonly string[] | undefined, machine: string): string {
  const place = zones === undefined || zones.join() === regionZones.join() ? [] : [zones.join()];
  const fixed = [...place, ...(machine === systemMachines.aks.name ? [] : [machine])];
  return fixed.length === 0 ? "plain" : `plain${digest(fixed.join("\n"), 5)}`;
}

/** What tells the capacity types of one pool apart: their kind, and of reservations which. */
export function capacityKey(type: CapacityType): string {
  return "reservation" in type
    ? `${type.kind}-${digest(type.reservation.toLowerCase(), 5)}`
    : type.kind;
}

/** Zones of a capacity type's nodes; undefined: wherever Azure has them. */
export function capacityZones(pool: ManagedPool, type: CapacityType): string[] | undefined {
  return "zone" in type && type.zone ? [type.zone] : pool.zones;
}

/** A GUID that the same parts always give, as ARM's `guid` function does. */
export function guid(...parts: string[]): string {
  const hex = createHash("sha256").update(parts.join("\n").toLowerCase()).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

function digest(text: string, length: number): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return BigInt(`0x${hex}`).toString(36).slice(-length);
}
