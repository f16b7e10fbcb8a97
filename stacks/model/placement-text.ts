import type { Declined } from "../../catalog/choice";
import type { Misfit } from "../../catalog/fit-result";
import { misfitReason } from "../../components/serving/misfit-text";
import type { Placements } from "./serve";

/** A pool that a model does not run on, and why. */
export interface DeclinedPool {
  pool: string;
  /** Why, in words. */
  why: string;
  /** Why it does not fit there. @default it fits, and another pool is taken */
  misfit?: Misfit;
  /** USD per hour of a replica there, where it fits. @default no price is known */
  usdPerHour?: number;
}

/** Where the model of a service goes, what of it one replica holds and costs, and why it goes nowhere else. */
export interface PlacedService {
  service: string;
  model: string;
  engine: string;
  /** @default nodes of no pool */
  pool?: string;
  /** Machine of the pool. @default not known */
  machine?: string;
  /** GPU of the pool. @default CPUs, or not known */
  gpu?: string;
  /** GPUs of each pod; 0: it runs on CPUs. */
  gpus: number;
  /** Nodes of each replica. */
  nodes: number;
  contextTokens: number;
  concurrency: number;
  /** USD per hour of a replica: its part of the machines. @default no price is known */
  usdPerHour?: number;
  declined: DeclinedPool[];
}

/** Where the models of a stack go, as values for other programs. */
export function placedServices(placements: Placements): PlacedService[] {
  return Object.entries(placements).map(([service, { placed, declined }]) => {
    const { shape, engine, fit, name: pool, machine, usdPerHour } = placed;
    const { gpus, nodes, contextTokens, concurrency } = fit;
    const gpu = gpus > 0 ? placed.pool?.gpu : undefined;
    return {
      ...{ service, model: shape.name, engine },
      ...(pool !== undefined && { pool }),
      ...(machine !== undefined && { machine }),
      ...(gpu !== undefined && { gpu }),
      ...{ gpus, nodes, contextTokens, concurrency },
      ...(usdPerHour !== undefined && { usdPerHour }),
      declined: declined.map(declinedPool),
    };
  });
}

/** Says of each model where it goes, and why not elsewhere: one line for each service. */
export function placementLines(placements: Placements): string[] {
  return placedServices(placements).map(placementLine);
}

/** The same of one service. */
export function placementLine(placed: PlacedService): string {
  const { service, model, engine, contextTokens, concurrency, declined, usdPerHour } = placed;
  const price = usdPerHour === undefined ? "" : `, ${dollars(usdPerHour)} for a replica`;
  const holds = `${contextTokens} tokens, ${concurrency} at once`;
  const others = declined.map(({ pool, why }) => `not on ${pool}: ${why}`);
  const where = `${service}: ${model} on ${placeText(placed)}${price}, ${engine}`;
  return [where, holds, ...others].join("; ");
}

function placeText({ pool, machine, gpu = "GPU", gpus, nodes }: PlacedService): string {
  const of = machine === undefined ? "" : ` of ${machine}`;
  if (gpus === 0) return `CPUs${pool === undefined ? "" : ` of pool ${pool}`}${of}`;
  const ofNode = `${gpus} x ${gpu}${of}`;
  return `pool ${pool}, ${nodes > 1 ? `${nodes} nodes with ${ofNode} each` : ofNode}`;
}

function declinedPool(declined: Declined): DeclinedPool {
  const { pool } = declined;
  if ("misfit" in declined) {
    return { pool, why: misfitReason(declined.misfit), misfit: declined.misfit };
  }
  const { usdPerHour } = declined.dearer;
  return usdPerHour === undefined
    ? { pool, why: "its price is not known, or it takes more GPU memory" }
    : { pool, why: `${dollars(usdPerHour)}, which is more`, usdPerHour };
}

const dollars = (usdPerHour: number) => `$${usdPerHour.toFixed(2)}/h`;
