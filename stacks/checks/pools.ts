import { offeredGpus, type Sharing } from "../../catalog/sharing";
import type { ManagedCloud } from "../../catalog/machines";
import type { CapacityType, ManagedPool } from "../../components/clouds/managed";
import { describedPool } from "../cluster-schema";
import { shown, type Fault } from "../faults";
import { isMap, valueAt } from "../lookup";
import { managedPool } from "../managed-pool-schema";
import { stackFileOfExisting, stackFileOfManaged, type ManagedPoolFields } from "../schema";
import { machineOf } from "./machines";
import type { Pools } from "./placement";
import { salvageAll, type Salvaged } from "./salvage";

/** The pools of a stack file, read as the kind of its cluster asks. */
export interface DeclaredPools {
  /** Form of the whole stack file. */
  form: typeof stackFileOfExisting | typeof stackFileOfManaged;
  /** What services can be placed on; undefined where another stack knows. */
  placeable: Pools | undefined;
  /** Pools that we make, as far as they can be read. */
  managed: Record<string, ManagedPool>;
  /** What is wrong with which form or machine they have. */
  faults: Fault[];
}

/** Reads the pools of a stack file. */
export function declaredPools(file: string, sections: Record<string, unknown>): DeclaredPools {
  const { cluster, pools } = sections;
  const cloud = cloudOf(cluster);
  if (cloud) return managedPools(file, cloud, pools);
  if (kindOf(cluster) === undefined && looksManaged(pools)) {
    // The cluster has its own fault, and its pools are not measured by the wrong form.
    return { form: stackFileOfManaged, placeable: undefined, managed: {}, faults: [] };
  }
  if (valueAt(cluster, ["stack"]) !== undefined) return poolsElsewhere(file, pools);
  const placeable = salvageAll(describedPool.partial(), pools);
  const faults = pluginFaults(file, cluster, pools);
  return { form: stackFileOfExisting, placeable, managed: {}, faults };
}

/** A device plugin that no node would run. */
function pluginFaults(file: string, cluster: unknown, pools: unknown): Fault[] {
  if (valueAt(cluster, ["devicePlugin"]) !== true || pools !== undefined) return [];
  return [
    {
      file,
      at: ["cluster", "devicePlugin"],
      what: "no node to put it on: it runs on the nodes of the pools, and there are none",
      found: shown(true),
      allowed: "true beside at least one pool",
      remedy: "describe the GPU nodes under pools, or remove devicePlugin",
    },
  ];
}

/** The cloud of a cluster that we make. */
export function cloudOf(cluster: unknown): ManagedCloud | undefined {
  const kind = valueAt(cluster, ["kind"]);
  return kind === "gke" || kind === "eks" || kind === "aks" ? kind : undefined;
}

function kindOf(cluster: unknown): string | undefined {
  return valueAt(cluster, ["kind"]) === "existing" ? "existing" : cloudOf(cluster);
}

function looksManaged(pools: unknown): boolean {
  const keys = isMap(pools)
    ? Object.values(pools).flatMap((one) => (isMap(one) ? Object.keys(one) : []))
    : [];
  return !keys.includes("select") && keys.some((key) => !(key in describedPool.shape));
}

function poolsElsewhere(file: string, pools: unknown): DeclaredPools {
  const declared = isMap(pools) ? Object.keys(pools) : [];
  const fault: Fault = {
    file,
    at: ["pools"],
    what: "not here: the pools come with the cluster of the other stack",
    found: declared.join(", "),
    allowed: "nothing, with cluster.stack",
    remedy: "remove pools; services name the pools of the other stack",
  };
  return {
    form: stackFileOfExisting,
    placeable: undefined,
    managed: {},
    faults: declared.length > 0 ? [fault] : [],
  };
}

function managedPools(file: string, cloud: ManagedCloud, pools: unknown): DeclaredPools {
  const placeable: Pools = new Map();
  const managed: Record<string, ManagedPool> = {};
  const faults: Fault[] = [];
  for (const [name, salvaged] of salvageAll(managedPool.partial(), pools)) {
    const { fields, broken } = salvaged;
    const clear = ["gpu", "machine", "gpusPerNode"].every((key) => !broken.has(key));
    const machine = clear ? machineOf(cloud, fields) : undefined;
    if (machine && "key" in machine) {
      const { key, ...words } = machine;
      faults.push({ file, at: ["pools", name, key], ...words });
    }
    const found = machine && !("key" in machine) ? machine : undefined;
    const offered =
      found && !broken.has("sharing") ? offeredGpus(found, sharing(fields)) : undefined;
    placeable.set(name, {
      fields: { ...offered, nodes: fields.nodes },
      broken: new Set([...broken, ...(offered ? [] : ["gpusPerNode"])]),
    });
    const pool = found ? managedPoolOf(found, salvaged) : undefined;
    if (pool) managed[name] = pool;
  }
  return { form: stackFileOfManaged, placeable, managed, faults };
}

function managedPoolOf(
  machine: ManagedPool["machine"],
  { fields, broken }: Salvaged<Partial<ManagedPoolFields>>,
): ManagedPool | undefined {
  const { nodes, zones, disk, capacity = ["on-demand"] } = fields;
  const unclear = Object.keys(managedPool.shape).some((key) => broken.has(key));
  if (unclear || !nodes) return undefined;
  return {
    machine,
    nodes,
    ...(zones && { zones }),
    ...(disk !== undefined && { diskGiB: disk }),
    capacity: capacity.map(rungOf),
    ...(fields.sharing && { sharing: sharing(fields) }),
    ...(fields.network && { network: fields.network }),
  };
}

function rungOf(rung: ManagedPoolFields["capacity"][number]): CapacityType {
  if (typeof rung === "string") return { kind: rung };
  if ("block" in rung) return { kind: "block", reservation: rung.block, zone: rung.zone };
  return {
    kind: "reserved",
    reservation: rung.reserved,
    ...(rung.zone !== undefined && { zone: rung.zone }),
    ...(rung.project !== undefined && { project: rung.project }),
    ...(rung.reservationBlock !== undefined && { reservationBlock: rung.reservationBlock }),
  };
}

function sharing({ sharing }: Partial<ManagedPoolFields>): Sharing | undefined {
  if (sharing?.timeSlicing !== undefined) {
    return { kind: "time-slicing", clients: sharing.timeSlicing };
  }
  return sharing?.mig === undefined ? undefined : { kind: "mig", profile: sharing.mig };
}
