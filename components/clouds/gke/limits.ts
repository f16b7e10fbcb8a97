import { longestClusterName } from "../cluster-name";
import type { CloudLimits } from "../limits";

/** Longest name of a pool, so that its node pools' names of 40 characters can still be read. */
const longestName = 30;

/** What Google Cloud takes (docs/facts.md 2.3 to 2.6, 2.11, 2.18). */
export const gkeLimits: CloudLimits = {
  clusterName: {
    form: /^[a-z]([a-z0-9-]*[a-z0-9])?$/,
    longest: longestClusterName,
    allowed: `1 to ${longestClusterName} of a-z, 0-9 and -, first a letter and last no -`,
  },
  poolName: {
    form: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    longest: longestName,
    allowed: `1 to ${longestName} of a-z, 0-9 and -, first a letter and last no -`,
  },
  largestDiskGiB: () => 64 * 1024,
  narrower: "give your own IPv4 ranges, or remove access to use the endpoint that IAM protects",
  tags: {
    called: "label",
    // As the driver that makes disks has it: letters of any script, digits of one.
    key: (key) => /^\p{Ll}[\p{Ll}0-9_-]{0,62}$/u.test(key),
    value: (value) => /^[\p{Ll}0-9_-]{0,63}$/u.test(value),
    allowed: "up to 63 lower-case letters, digits, _ and -; a key starts with a letter",
    fix: "write it in lower case and with - between words",
  },
  reservationHasZone: true,
  noTrainingNetwork:
    "GPUDirect needs a VPC for each network card, which this program does not make",
};
