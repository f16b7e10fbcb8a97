import type { Problem } from "../../problem";
import type { PreflightCluster } from "../rules/rule";
import type { Draws, KnownLimit, Need, OwnDraw } from "./need";
import type { Offers } from "./offers";
import type { ManagedPool, SystemPool } from "../managed";

/** What a cloud is asked about. */
export interface Question {
  /** Name of the stack. */
  stack: string;
  /** Region of the cluster. */
  region: string;
  /** Pools whose machines and quotas matter. */
  pools: Readonly<Record<string, ManagedPool>>;
  /** The cluster's own nodes. @default those of the cloud */
  system?: SystemPool;
  /** Zones of the cluster. @default the cloud's choice */
  zones?: readonly string[];
  /** EKS: who makes the nodes. @default "auto" */
  mode?: PreflightCluster["mode"];
  /** Whether the stack makes disks. */
  makesDisks: boolean;
  /** Project, profile or subscription of the stack file. @default the command's own */
  account?: string;
}

/** What a cloud answered. */
export interface Answer {
  /** What its machines take from its quotas. */
  draws: Draws;
  /** What the cluster's own nodes take from them. @default [] */
  own?: readonly OwnDraw[];
  /** Nodes that an upgrade adds to a pool without GPUs, whose nodes are not scarce. */
  surge: number;
  /** What the account lacks besides: what must be switched on first, and what the region does not have. @default [] */
  problems?: readonly Problem[];
  /** What it grants of a quota. */
  limitOf: (quota: string) => KnownLimit;
  /** What is taken from quotas besides what each pool's machines do. @default [] */
  needs?: readonly Need[];
  /** Where it offers a machine to this account. */
  offersOf: (machine: string) => Offers;
}

/** Names of the machines of the pools, each once. */
export function machineNames({ pools }: Pick<Question, "pools">): string[] {
  return [...new Set(Object.values(pools).map(({ machine }) => machine.name))];
}
