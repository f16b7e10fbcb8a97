import type { PreflightCluster } from "./rules/rule";

/** How a name must be. */
export interface NameForm {
  /** What it matches. */
  form: RegExp;
  /** Its longest length in characters. */
  longest: number;
  /** Both in words. */
  allowed: string;
  /** Names that the cloud has itself. @default [] */
  taken?: readonly string[];
}

/** What a cloud takes of arguments that all clouds have: data of its folder, from which the common rules are made. */
export interface CloudLimits {
  /** Name of the cluster in the cloud. */
  clusterName: NameForm;
  /** Name of a pool. @default any that the stack file takes */
  poolName?: NameForm;
  /** Largest disk of a node in GiB. */
  largestDiskGiB: (cluster: Pick<PreflightCluster, "mode">) => number;
  /** Ranges that may reach the control plane at most, and why there are no more. @default no limit is known */
  accessRanges?: { most: number; allowed: string; fix: string };
  /** What to do instead of naming the whole internet. */
  narrower: string;
  /** Tags of everything that costs money. */
  tags: TagForm;
}

/** How a cloud's tags must be. */
export interface TagForm {
  /** What the cloud calls them. */
  called: "label" | "tag";
  /** Whether the text is a key. */
  key: (key: string) => boolean;
  /** Whether the text is a value. */
  value: (value: string) => boolean;
  /** Keys that the cloud keeps for itself. @default none */
  reserved?: RegExp;
  /** All of this in words. */
  allowed: string;
  /** What to do. */
  fix: string;
  /** Tags at most, and why there are no more. @default no limit is known */
  most?: { many: number; allowed: string };
}
