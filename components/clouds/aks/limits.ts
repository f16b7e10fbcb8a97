import { longestClusterName } from "../cluster-name";
import type { CloudLimits } from "../limits";

/** Ranges that may reach the control plane at most, the NAT gateway's address among them. */
const mostRanges = 200;

/** Tags at most, so that AKS can add its own. */
const mostTags = 40;

/** What Azure takes (docs/facts.md 4.1, 4.5, 4.8, 4.15, 4.31). */
export const aksLimits: CloudLimits = {
  clusterName: {
    form: /^[a-z]([a-z0-9-]*[a-z0-9])?$/,
    longest: longestClusterName,
    allowed: `1 to ${longestClusterName} of a-z, 0-9 and -, first a letter and last no -`,
  },
  largestDiskGiB: () => 2048,
  accessRanges: {
    most: mostRanges - 1,
    allowed: `${mostRanges - 1} at most: the NAT gateway's address is another one`,
    fix: "join neighbouring ranges, or leave access out: Entra guards the endpoint",
  },
  narrower: "name your own ranges, or leave access out: Entra guards the endpoint",
  tags: {
    called: "tag",
    key: (key) => key.length <= 512 && !/[<>%&\\?/,=]/.test(key),
    // The disk driver separates tags by them.
    value: (value) => value.length <= 256 && !/[,=]/.test(value),
    reserved: /^(microsoft|azure|windows)/i,
    allowed:
      "up to 512 (name) and 256 (value) characters without , and =, in the name without < > % & \\ ? / either",
    fix: "choose another text",
    most: {
      many: mostTags,
      allowed: `${mostTags} at most: AKS adds some of its own, and Azure takes 50`,
    },
  },
  reservationHasZone: false,
  noTrainingNetwork:
    "InfiniBand needs NVIDIA's network operator, which this program does not install",
};
