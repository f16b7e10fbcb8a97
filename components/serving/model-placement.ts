import {
  choose,
  machinesFor,
  type CandidatePool,
  type Declined,
  type Placement,
} from "../../catalog/choice";
import { fitOnCpus, isSlowOnCpus, runsOnCpus } from "../../catalog/cpu-fit";
import type { FitDemand } from "../../catalog/fit";
import { gpusFor } from "../../catalog/suitable-gpus";
import type { ManagedCloud } from "../../catalog/machines";
import type { ModelShape } from "../../catalog/model";
import type { PlacedPool } from "../cluster/cluster";
import type { Problem } from "../problem";
import { adapterRoom } from "./engines/adapter-room";
import type { Engine } from "./engines/engine";
import { defaultEngine, engines } from "./engines/engines";
import { machinesText, misfitText } from "./misfit-text";
import type { ModelArgs, PlacedModel } from "./model-server";
import { mostNodes } from "./multi-node/group";

/** A pool as a model sees it. */
export type ModelPool = Pick<
  PlacedPool,
  | "gpu"
  | "gpuMemoryGiB"
  | "gpusPerNode"
  | "gpusPerPod"
  | "shares"
  | "room"
  | "maxNodes"
  | "resource"
> &
  Pick<CandidatePool, "machine" | "usdPerHour">;

/** What of a service decides where its model goes. */
export interface Wanted extends Pick<
  ModelArgs,
  | "engine"
  | "contextTokens"
  | "concurrency"
  | "cacheType"
  | "nodesPerReplica"
  | "adapters"
  | "engineArgs"
> {
  shape: ModelShape;
  /** GPUs of one replica; 0: CPUs. @default as few as will do, on CPUs where no pool has GPUs */
  gpus?: number;
  /** Pool that it is to run on. @default the cheapest on which it fits */
  pool?: string;
  /** Whether the entry brings the image of the engine. @default false: those of the engines are for NVIDIA's GPUs */
  ownImage?: boolean;
}

/** What decides where a model goes, of all that is said of its service; `ownImage`: whether that has an image of its own. */
export function wantedOf(shape: ModelShape, said: Omit<Wanted, "shape">): Wanted {
  const { engine, contextTokens, concurrency, cacheType, nodesPerReplica } = said;
  const { adapters, engineArgs, gpus, pool, ownImage } = said;
  return {
    ...{ shape, engine, contextTokens, concurrency, cacheType, nodesPerReplica },
    ...{ adapters, engineArgs, gpus, pool, ownImage },
  };
}

/** A model with the pool that it was placed on, and what a replica costs there. */
export interface PlacedInPool extends PlacedModel {
  /** Name of the pool. @default nodes of no pool */
  name?: string;
  /** Machine of the pool. @default not known */
  machine?: string;
  /** USD per hour of the machines that a replica takes, or of its part of one. @default no price is known */
  usdPerHour?: number;
}

/** Where a model goes and why nowhere else, or what keeps it from any place. */
export type ModelPlacement =
  | { placed: PlacedInPool; declined: Declined[]; problems?: undefined }
  | { problems: Problem[]; placed?: undefined };

/** Finds the place of a model among pools; `cloud` is where machines can be had, if the cluster is ours. */
export function placeModel(
  wanted: Wanted,
  pools: Readonly<Record<string, ModelPool>>,
  cloud?: ManagedCloud,
): ModelPlacement {
  const { shape, pool: named, gpus, contextTokens, concurrency, cacheType } = wanted;
  const candidates = Object.entries(pools)
    .filter(([name, pool]) => (named === undefined ? pool.gpusPerNode > 0 : name === named))
    .map(([name, pool]) => candidate(name, pool));
  const demand: FitDemand = {
    ...{ contextTokens, concurrency, cacheType, nodes: wanted.nodesPerReplica },
    adapters: adaptersOf(wanted),
    ...(gpus !== undefined && gpus > 0 && { gpus }),
  };
  const withGpus = candidates.filter(({ gpusPerNode }) => gpusPerNode > 0);
  const isThere = named === undefined || candidates.length > 0;
  const onCpus = gpus === 0 || (gpus === undefined && isThere && withGpus.length === 0);
  if (onCpus && runsOnCpus(shape)) return onOwnNodes(wanted, demand, pools, cloud);
  if (gpus === 0) return { problems: [gpusProblem(wanted)] };
  if (withGpus.length === 0) return { problems: [noPoolProblem(wanted, demand, cloud)] };
  const others = withGpus.flatMap(({ name }) => [
    ...(wanted.ownImage ? [] : ofOthers(name, pools[name])),
    ...ofUnknownShares(name, pools[name]),
  ]);
  const usable = withGpus.filter(({ name }) => others.every(({ pool }) => pool !== name));
  const { placement, declined: misfits } = choose(shape, demand, usable);
  const declined = [...misfits, ...others];
  if (!placement) {
    const more = withOtherGpus(wanted, demand, usable);
    if (more) return { problems: [gpuCountProblem(wanted, demand, declined, more)] };
    const across = acrossNodes(wanted, demand, usable);
    return { problems: [misfitProblem(wanted, demand, declined, cloud, across)] };
  }
  const { pool: name, fit, usdPerHour } = placement;
  const engine = wanted.engine ?? defaultEngine(shape, true);
  const { machine } = pools[name] ?? {};
  return { placed: { shape, engine, fit, pool: pools[name], name, machine, usdPerHour }, declined };
}

/** LoRA adapters that the engine keeps room for, as many and of the rank that the entry passes. */
function adaptersOf(wanted: Wanted): FitDemand["adapters"] {
  const { shape, engine = defaultEngine(shape, true), adapters = {}, engineArgs } = wanted;
  const said = Object.keys(adapters).length;
  return said === 0 ? undefined : adapterRoom(engines[engine], said, engineArgs);
}

/** A pool whose GPUs are not NVIDIA's, for which the engines' own images are. */
function ofOthers(name: string, { resource = "nvidia.com/gpu" }: Partial<ModelPool> = {}) {
  if (resource.startsWith("nvidia.com/")) return [];
  return [{ pool: name, misfit: { reason: "resource", resource } as const }];
}

/** A pool whose pods share GPUs, of which nobody says how many share one: each engine would take the memory of a whole one. */
function ofUnknownShares(name: string, pool: Partial<ModelPool> = {}): Declined[] {
  const { resource = "", gpusPerNode = 1, gpusPerPod, shares } = pool;
  const isShared = resource.endsWith(".shared") || (gpusPerPod === 1 && gpusPerNode > 1);
  if (shares !== undefined || !isShared) return [];
  return [{ pool: name, misfit: { reason: "unknown-shares" } }];
}

function candidate(name: string, pool: ModelPool): CandidatePool {
  const { gpu, gpuMemoryGiB = 0, gpusPerNode, gpusPerPod, room, maxNodes } = pool;
  const { machine, usdPerHour, shares } = pool;
  return {
    ...{ name, gpu, gpuMemoryGiB, gpusPerNode, gpusPerPod, machine, usdPerHour, shares, maxNodes },
    ...(room && { memoryGiB: room.memoryMiB / 1024 }),
  };
}

/** A model on CPUs: of the pool that is named, or of nodes of no pool. */
function onOwnNodes(
  wanted: Wanted,
  demand: FitDemand,
  pools: Readonly<Record<string, ModelPool>>,
  cloud?: ManagedCloud,
): ModelPlacement {
  const { shape, pool: name, gpus } = wanted;
  const pool = name === undefined ? undefined : pools[name];
  if (gpus === undefined && isSlowOnCpus(shape)) {
    const misfit = { reason: "slow-on-cpus", weightsGiB: shape.weightsGiB } as const;
    return { problems: [misfitProblem(wanted, demand, [{ pool: name ?? "", misfit }], cloud)] };
  }
  const memoryGiB = pool?.room && pool.room.memoryMiB / 1024;
  const { fit, misfit } = fitOnCpus(shape, memoryGiB, demand);
  if (misfit) {
    return { problems: [misfitProblem(wanted, demand, [{ pool: name ?? "", misfit }], cloud)] };
  }
  const engine = wanted.engine ?? defaultEngine(shape, false);
  const { machine } = pool ?? {};
  return { placed: { shape, engine, fit, ...(pool && { pool, name, machine }) }, declined: [] };
}

/** A model that needs GPUs, for which none are asked for. */
function gpusProblem({ shape: { name } }: Wanted): Problem {
  return {
    ...{ path: ["gpus"], found: "0" },
    problem: `${name} runs on GPUs alone`,
    allowed:
      "1 or more, or a model that runs on CPUs: one in the format GGUF, of embeddings, or a classifier or reranker",
    fix: "remove gpus: the model gets as many as it takes",
  };
}

/** A model that needs GPUs, where there are none. */
function noPoolProblem(wanted: Wanted, demand: FitDemand, cloud?: ManagedCloud): Problem {
  return {
    ...{ path: ["model"], found: JSON.stringify(wanted.shape.name) },
    problem: "runs on GPUs alone, and there is no pool that has them",
    allowed: "a pool with GPUs under pools, or a model that llama.cpp runs on CPUs (GGUF)",
    fix: `declare a pool with GPUs${machinesText(machinesOf(wanted, demand, cloud))}`,
  };
}

/** The placement of a model that fits on these very pools with another number of GPUs. */
function withOtherGpus(
  { shape }: Wanted,
  { gpus, ...demand }: FitDemand,
  pools: readonly CandidatePool[],
): Placement | undefined {
  return gpus === undefined ? undefined : choose(shape, demand, pools).placement;
}

function gpuCountProblem(
  wanted: Wanted,
  demand: FitDemand,
  declined: readonly Declined[],
  { pool, fit: { gpus } }: Placement,
): Problem {
  const misfits = declined.flatMap((one) => ("misfit" in one ? [one] : []));
  const { problem } = misfitText(demand, misfits);
  return {
    ...{ path: ["gpus"], found: String(wanted.gpus), problem },
    allowed: `${gpus} on pool ${pool}, on which the model fits with so many`,
    fix: `write gpus: ${gpus}, or remove gpus: the model gets as many as it takes`,
  };
}

/** The placement of a model that fits on several nodes of a pool and not on one. */
function acrossNodes(
  { shape, engine = defaultEngine(shape, true) }: Wanted,
  demand: FitDemand,
  pools: readonly CandidatePool[],
): Placement | undefined {
  const chosen: Engine = engines[engine];
  return chosen.memberArgs && choose(shape, { ...demand, nodes: mostNodes }, pools).placement;
}

function misfitProblem(
  wanted: Wanted,
  demand: FitDemand,
  declined: readonly Declined[],
  cloud?: ManagedCloud,
  across?: Placement,
): Problem {
  const misfits = declined.flatMap((one) => ("misfit" in one ? [one] : []));
  const machines = machinesOf(wanted, demand, cloud);
  const gpus = machines.length > 0 ? [] : gpusFor(wanted.shape, demand);
  const { key, problem, allowed, fix } = misfitText(demand, misfits, gpus);
  const spread = across
    ? `; or write nodesPerReplica: ${across.fit.nodes} to spread each replica over ${across.fit.nodes} nodes of ${across.pool}`
    : "";
  return {
    ...{ path: [key], found: foundAt(key, wanted), problem, allowed },
    fix: `${fix}${machinesText(machines)}${spread}`,
  };
}

function machinesOf({ shape }: Wanted, demand: FitDemand, cloud?: ManagedCloud) {
  return cloud === undefined ? [] : machinesFor(shape, { ...demand, gpus: undefined }, cloud);
}

function foundAt(key: string, { shape, ...wanted }: Wanted): string {
  const value = Object.entries(wanted).find(([name]) => name === key)?.[1];
  return JSON.stringify(value ?? shape.name);
}
