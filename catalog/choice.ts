import { fitOnCpus, isSlowOnCpus, podMemoryGiB } from "./cpu-fit";
import { fit, type FitDemand, type FitTarget } from "./fit";
import type { Fit, FitResult, Misfit } from "./fit-result";
import type { ModelShape } from "./model";
import { compare } from "./suitable-machines";

export { machinesFor, type SuitableMachines } from "./suitable-machines";

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

function resultOn(model: ModelShape, demand: FitDemand, pool: CandidatePool): FitResult {
  if (pool.gpusPerNode > 0) return fit(model, pool, demand);
  const { weightsGiB } = model;
  if (isSlowOnCpus(model)) {
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
