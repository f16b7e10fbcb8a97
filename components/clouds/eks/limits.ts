import type { CloudLimits } from "../limits";

/** Largest disk of a node in GiB. */
const largestDisk = { auto: 59_000, nodeGroups: 65_536 } as const;

/** NodePools and NodeClasses of EKS, and the label of our own nodes without GPU. */
const taken = ["default", "general-purpose", "system", "gpu-serving-system"];

/** Longest name of a cluster, to which roles and groups add their own part. */
const longestName = 60;

/** What AWS takes (docs/facts.md 3.2, 3.9, 3.11 to 3.13, 3.29, 3.45). */
export const eksLimits: CloudLimits = {
  clusterName: {
    form: /^[a-zA-Z0-9][a-zA-Z0-9-]*$/,
    longest: longestName,
    allowed: `up to ${longestName} letters, digits and -, from a letter or digit on`,
  },
  poolName: {
    form: /^[a-z]([a-z0-9-]*[a-z0-9])?$/,
    longest: 40,
    allowed: `up to 40 of a-z, 0-9 and -, from a letter on, not ${taken.join(", ")}`,
    taken,
  },
  largestDiskGiB: ({ mode = "auto" }) => largestDisk[mode],
  accessRanges: {
    most: 40,
    allowed: "up to 40",
    fix: "let people and pipelines leave by fewer addresses; GitHub's own runners have too many (docs/ci.md, Runners)",
  },
  narrower:
    "give the addresses under which you reach the internet; who is in the network needs no range",
  tags: {
    called: "tag",
    key: (key) => key.length <= 128 && characters.test(key),
    value: (value) => value === "" || (value.length <= 256 && characters.test(value)),
    reserved: /^(aws:|eks:|kubernetes\.io\/cluster\/|karpenter\.sh\/|eks\.amazonaws\.com\/)/,
    allowed: "up to 128 (key) and 256 (value) letters, digits, spaces and + - . _ : / @",
    fix: "choose another one",
  },
  reservationHasZone: true,
};

const characters = /^[\p{L}\p{N} +\-._:/@]+$/u;
