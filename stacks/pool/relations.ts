import { offeredGpus, type Sharing } from "../../catalog/sharing";
import type { ManagedCloud } from "../../catalog/machines";
import type { CapacityType, ManagedPool } from "../../components/clouds/managed";
import type { ParsedStack } from "../parse";
import type { FileProblem } from "../problems";
import type { ManagedPoolFields } from "../schema";
import { machineOf } from "./machines";
import type { PoolSizes } from "./placement";

/** The pools of a stack, as far as there are such machines. */
export interface ResolvedPools {
  /** What entries can be placed on; undefined where another stack knows. */
  sizes?: PoolSizes;
  /** Pools that we make, by name. */
  managed: Record<string, ManagedPool>;
  /** What is wrong with them. */
  problems: FileProblem[];
}

/** The pools of a stack file, with their machines. */
export function resolvePools(file: string, parsed: ParsedStack): ResolvedPools {
  const { cluster, described, made } = parsed;
  if (cluster.kind !== "existing") return managedPools(file, cluster.kind, made);
  const problems = describedProblems(file, parsed);
  if (cluster.stack !== undefined) return { managed: {}, problems };
  const sizes = Object.fromEntries(
    Object.entries(described).map(([name, { gpusPerNode, nodes }]) => [
      name,
      { gpusPerNode, gpusPerPod: gpusPerNode, maxNodes: nodes.max },
    ]),
  );
  return { sizes, managed: {}, problems };
}

function describedProblems(file: string, { cluster, described }: ParsedStack): FileProblem[] {
  if (cluster.kind !== "existing") return [];
  const names = Object.keys(described);
  if (cluster.stack !== undefined && names.length > 0) {
    return [
      {
        ...{ file, path: ["pools"], found: names.join(", ") },
        problem: "not here: the pools come with the cluster of the other stack",
        allowed: "nothing, with cluster.stack",
        fix: "remove pools; services name the pools of the other stack",
      },
    ];
  }
  if (!cluster.devicePlugin || names.length > 0) return [];
  return [
    {
      ...{ file, path: ["cluster", "devicePlugin"] },
      problem: "no node to put it on: it runs on the nodes of the pools, and there are none",
      allowed: "true beside at least one pool",
      fix: "describe the GPU nodes under pools, or remove devicePlugin",
    },
  ];
}

function managedPools(
  file: string,
  cloud: ManagedCloud,
  made: Readonly<Record<string, ManagedPoolFields>>,
): ResolvedPools {
  const sizes: PoolSizes = {};
  const managed: Record<string, ManagedPool> = {};
  const problems: FileProblem[] = [];
  for (const [name, fields] of Object.entries(made)) {
    const machine = machineOf(cloud, fields);
    sizes[name] = undefined;
    if ("problem" in machine) {
      problems.push({ ...machine, file, path: ["pools", name, ...machine.path] });
      continue;
    }
    managed[name] = managedPool(machine, fields);
    const offered = offeredGpus(machine, sharing(fields));
    sizes[name] = offered && { ...offered, maxNodes: fields.nodes.max };
  }
  return { sizes, managed, problems };
}

function managedPool(machine: ManagedPool["machine"], fields: ManagedPoolFields): ManagedPool {
  const { nodes, zones, disk, capacity, network } = fields;
  return {
    machine,
    nodes,
    ...(zones && { zones }),
    ...(disk !== undefined && { diskGiB: disk }),
    capacity: capacity.map(capacityType),
    ...(fields.sharing && { sharing: sharing(fields) }),
    ...(network && { network }),
  };
}

function capacityType(of: ManagedPoolFields["capacity"][number]): CapacityType {
  if (typeof of === "string") return { kind: of };
  if ("block" in of) return { kind: "block", reservation: of.block, zone: of.zone };
  return {
    kind: "reserved",
    reservation: of.reserved,
    ...(of.zone !== undefined && { zone: of.zone }),
    ...(of.project !== undefined && { project: of.project }),
    ...(of.reservationBlock !== undefined && { reservationBlock: of.reservationBlock }),
  };
}

function sharing({ sharing }: ManagedPoolFields): Sharing | undefined {
  if (sharing?.timeSlicing !== undefined) {
    return { kind: "time-slicing", clients: sharing.timeSlicing };
  }
  return sharing?.mig === undefined ? undefined : { kind: "mig", profile: sharing.mig };
}
