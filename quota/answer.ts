import type { Finding } from "../catalog/preflight/rule";
import type { Draws, KnownLimit } from "../catalog/quota/need";
import type { Offers } from "../catalog/quota/offers";
import type { ManagedPool } from "../components/cluster/managed";

/** What a cloud is asked about. */
export interface Question {
  /** Name of the stack. */
  stack: string;
  /** Region of the cluster. */
  region: string;
  /** Pools whose machines and quotas matter. */
  pools: Readonly<Record<string, ManagedPool>>;
  /** Project, profile or subscription of the stack file. @default the command's own */
  account?: string;
}

/** What a cloud answered. */
export interface Answer {
  /** What its machines take from its quotas. */
  draws: Draws;
  /** What it grants of a quota. */
  limitOf: (quota: string) => KnownLimit;
  /** Where it offers a machine to this account. */
  offersOf: (machine: string) => Offers;
  /** What the account lacks besides quota and machines, or has too much, so that `up` would fail. @default [] */
  account?: readonly Finding[];
}

/** Names of the machines of the pools, each once. */
export function machineNames({ pools }: Pick<Question, "pools">): string[] {
  return [...new Set(Object.values(pools).map(({ machine }) => machine.name))];
}
