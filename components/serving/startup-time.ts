import type { Weights } from "./engines/engine";

/**
 * MiB per second that a start is given time for, by where the bytes come from. They are budgets and no measurements: slower than what
 * clouds do as a rule, so that a replica is given up only when something is wrong (docs/facts.md 22.1).
 */
const rates = { image: 40, hub: 50, folder: 100, bucket: 200 } as const;

/** Seconds in which a container gets its volumes, its addresses and a process that runs. */
const container = 60;

/** What a replica does between its node and its first answer. */
export interface Start {
  /** GiB of the image, as a registry keeps it. */
  imageGiB: number;
  /** GiB of the weights. */
  weightsGiB: number;
  /** Where the weights come from. */
  weights: Weights["kind"];
  /** Seconds from weights in memory to the first answer. */
  warmUp: number;
}

/** Seconds that a replica of a model has from its node to its first answer, in whole minutes. */
export function startupTime({ imageGiB, weightsGiB, weights, warmUp }: Start): number {
  const transfer = (imageGiB / rates.image + weightsGiB / rates[weights]) * 1024;
  return Math.ceil((container + transfer + warmUp) / 60) * 60;
}
