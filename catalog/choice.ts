import { fitOnCpus, podMemoryGiB, runsOnCpus } from "./cpu-fit";
import { roomOf } from "./cpu-nodes";
import { fit, type FitDemand, type FitTarget } from "./fit";
import type { Fit, FitResult, Misfit } from "./fit-result";
import {
  cpuMachines,
  machines,
  type GpuMachine,
  type Machine,
  type ManagedCloud,
} from "./machines";
import type { ModelShape } from "./model";

/** A pool that a model may be placed on. */
export interface CandidatePool extends FitTarget {
  /** Its name in the stack file. */
  name: string;
  /** Its machine, as the cloud calls it. @default not known */
  machine?: string;
  /** Price of one machine in USD per hour. @default not known */
  usdPerHour?: number;
  /** GiB of memory that one machine without GPUs leaves for pods. @default as much as the model needs */
  memoryGiB?: number;
}

/** A pool that a model fits on, and how. */
export interface Placement {
  pool: string;
  fit: Fit;
  /** USD per hour of what one replica takes: its part of the machines' GPUs or memory. @default no price is known */
  usdPerHour?: number;
}

/** A pool that is not taken: the model does not fit on it, or another is cheaper. */
export type Declined =
  | { pool: string; misfit: Misfit }
  /** `than` is the pool taken. */
  | { pool: string; dearer: Placement; than: string };

/** The cheapest placement among pools, and why the others are not taken. */
export interface Choice {
  /** Undefined: the model fits on no pool. */
  placement?: Placement;
  /** In the order of the pools. */
  declined: Declined[];
}

/** Where a model runs cheapest: pools without a price come last, those of them first on which it takes the least GPU memory. */
export function choose(
  model: ModelShape,
  demand: FitDemand,
  pools: readonly CandidatePool[],
): Choice {
  const results = pools.map((pool) => resultOn(model, demand, pool));
  const rankings = pools.map((pool, at) => {
    const found = results[at]?.fit;
    return found && ranking(pool, found);
  });
  const [best] = rankings.filter((one) => one !== undefined).sort(byCost);
  const declined = pools.flatMap(({ name: pool }, at): Declined[] => {
    const misfit = results[at]?.misfit;
    if (misfit) return [{ pool, misfit }];
    const dearer = rankings[at]?.placement;
    if (!dearer || !best || dearer === best.placement) return [];
    return [{ pool, dearer, than: best.placement.pool }];
  });
  return best ? { placement: best.placement, declined } : { declined };
}

/** GiB of weights up to which CPUs are fast enough: own choice. */
const mostOnCpusGiB = 4;

function resultOn(model: ModelShape, demand: FitDemand, pool: CandidatePool): FitResult {
  if (pool.gpusPerNode > 0) return fit(model, pool, demand);
  const { weightsGiB } = model;
  if (runsOnCpus(model) && weightsGiB > mostOnCpusGiB) {
    return { misfit: { reason: "slow-on-cpus", weightsGiB } };
  }
  return fitOnCpus(model, pool.memoryGiB, demand);
}

/** What decides the order of placements. */
interface Ranking {
  placement: Placement;
  /** GiB of GPU memory that one replica takes. */
  gpuGiB: number;
}

function ranking(pool: CandidatePool, found: Fit): Ranking {
  const { name, usdPerHour } = pool;
  const price = usdPerHour === undefined ? undefined : usdPerHour * machinesTaken(pool, found);
  const placement = {
    pool: name,
    fit: found,
    ...(price === undefined ? {} : { usdPerHour: price }),
  };
  return { placement, gpuGiB: found.gpus * found.nodes * pool.gpuMemoryGiB };
}

/** Machines that a replica takes, or the part of one: by GPUs, without GPUs by memory. */
function machinesTaken(pool: CandidatePool, found: Fit): number {
  if (pool.gpusPerNode > 0) return (found.gpus * found.nodes) / pool.gpusPerNode;
  return pool.memoryGiB ? podMemoryGiB(found) / pool.memoryGiB : 1;
}

function byCost(a: Ranking, b: Ranking): number {
  const price = ({ placement }: Ranking) => placement.usdPerHour ?? Infinity;
  return (
    compare(price(a), price(b)) ||
    compare(a.gpuGiB, b.gpuGiB) ||
    compare(a.placement.fit.gpus, b.placement.fit.gpus) ||
    compare(a.placement.pool, b.placement.pool)
  );
}

/** Not a difference: that of two infinities is no number. */
function compare<T extends number | string>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Machines of one kind that hold a model. */
export interface SuitableMachines {
  machine: Machine;
  fit: Fit;
  /** Machines that one replica takes. */
  count: number;
  /** USD per hour of all of them, on demand. @default no list price */
  usdPerHour?: number;
}

/** The most machines that a replica is given where no single one holds the model, and what their network must carry in Gbit/s. */
const [mostMachines, fastGbps] = [4, 400];

/** The three cheapest kinds of machines of a cloud that hold a model, those without a list price last; several together only where no single one holds it. */
export function machinesFor(
  model: ModelShape,
  demand: FitDemand,
  cloud: ManagedCloud,
): SuitableMachines[] {
  const single = [
    ...gpuMachinesFor(model, { ...demand, nodes: 1 }, cloud, () => true),
    ...cpuMachinesFor(model, demand, cloud),
  ];
  const { nodes = mostMachines } = demand;
  const found =
    single.length > 0 ? single : gpuMachinesFor(model, { ...demand, nodes }, cloud, hasFastNetwork);
  return found.sort(byPrice).filter(isFirstOfItsKind).slice(0, 3);
}

/** Whether no cheaper machine in the list gives as many GPUs of the same kind, or none either. */
function isFirstOfItsKind(one: SuitableMachines, at: number, all: SuitableMachines[]): boolean {
  const isAlike = ({ machine, fit: { gpus }, count }: SuitableMachines) =>
    machine.gpu === one.machine.gpu && gpus === one.fit.gpus && count === one.count;
  return all.findIndex(isAlike) === at;
}

function byPrice(a: SuitableMachines, b: SuitableMachines): number {
  return (
    compare(a.usdPerHour ?? Infinity, b.usdPerHour ?? Infinity) ||
    compare(a.count, b.count) ||
    compare(a.fit.gpus, b.fit.gpus) ||
    compare(a.machine.name, b.machine.name) ||
    compare(a.machine.gpusPerNode, b.machine.gpusPerNode)
  );
}

function gpuMachinesFor(
  model: ModelShape,
  demand: FitDemand,
  cloud: ManagedCloud,
  isUsable: (one: GpuMachine) => boolean,
): SuitableMachines[] {
  return machines
    .filter((one) => one.cloud === cloud && one.gpuFraction === 1 && !hasNoImage(one))
    .filter(isUsable)
    .flatMap((machine) => {
      const { fit: found } = fit(model, machine, demand);
      return found ? [suitable(machine, found)] : [];
    });
}

/** Whether machines of that kind can serve one model together: layers pass their results on over the network. */
function hasFastNetwork({ net = "" }: GpuMachine): boolean {
  return /InfiniBand|RoCE|GPUDirect/.test(net) || Number.parseInt(net) >= fastGbps;
}

/** Whether the cloud has no node image with the driver that the GPU needs (docs/facts.md 16.15). */
function hasNoImage({ cloud, gpu }: GpuMachine): boolean {
  return cloud === "eks" && gpu === "RTX-PRO-4500";
}

function cpuMachinesFor(
  model: ModelShape,
  demand: FitDemand,
  cloud: ManagedCloud,
): SuitableMachines[] {
  if (model.weightsGiB > mostOnCpusGiB || !runsOnCpus(model) || demand.gpus) return [];
  return cpuMachines
    .filter((one) => one.cloud === cloud && one.arch === "amd64")
    .flatMap((machine) => {
      const { fit: found } = fitOnCpus(model, roomOf(cloud, machine).memoryMiB / 1024, demand);
      return found ? [suitable(machine, found)] : [];
    });
}

function suitable(machine: Machine, found: Fit): SuitableMachines {
  const { usdPerHour } = machine;
  const price = usdPerHour === undefined ? {} : { usdPerHour: usdPerHour * found.nodes };
  return { machine, fit: found, count: found.nodes, ...price };
}
