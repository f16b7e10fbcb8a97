import { z } from "zod";
import { rules } from "../../../values/rule";
import { oneOf, text } from "../../../values/text";
import { withMachine } from "../machine";
import type { ManagedPool } from "../managed";
import {
  accessRanges,
  capacityOrder,
  clusterFields,
  plainCapacity,
  poolFields,
  poolRule,
  principals,
  timeSlicing,
} from "../schema";

/** A cluster on AWS, as a stack file has it. */
export const eksCluster = z.strictObject({
  ...clusterFields("eks", {
    is: "a cluster that we make on AWS",
    region: /^[a-z]{2}(?:-[a-z]+)+-\d+$/,
    ownZones: "three of the region, a to c where they can host the control plane",
    ownVersion: "the version this program was made with",
  }),
  access: accessRanges.describe(
    "Ranges that may reach the control plane: EKS has no endpoint that IAM protects before the first packet.",
  ),
  mode: oneOf("auto", "nodeGroups")
    .default("auto")
    .describe(
      "Who makes the nodes: EKS Auto Mode, or node groups with an autoscaler and drivers of ours.",
    ),
  admins: principals("arn:aws:iam::111122223333:role/platform", "ARNs of IAM roles").describe(
    "Who may do everything in the cluster besides whoever makes it: ARNs of IAM roles, people's and pipelines'.",
  ),
  viewers: principals("arn:aws:iam::111122223333:role/preview", "ARNs of IAM roles").describe(
    "Who may read what is in the cluster's namespaces, but no Secrets: ARNs of IAM roles, such as the one that previews.",
  ),
});

const words = ["on-demand", "spot"] as const;
const reserved = z
  .strictObject({ reserved: text, zone: text })
  .transform(({ reserved, zone }) => ({ kind: "reserved" as const, reservation: reserved, zone }));
const block = z
  .strictObject({ block: text, zone: text })
  .transform(({ block, zone }) => ({ kind: "block" as const, reservation: block, zone }));
const capacity = capacityOrder(z.union([plainCapacity(words), reserved, block]), words, {
  reserved: "{ reserved: id, zone: zone }",
  block: "{ block: id, zone: zone }",
});

const sharing = z
  .strictObject({ timeSlicing })
  .transform(({ timeSlicing: clients }) => ({ kind: "time-slicing" as const, clients }));

/** A pool on AWS, as a stack file has it. */
export const eksPool = z
  .strictObject({
    ...poolFields("eks"),
    capacity: capacity
      .prefault(["on-demand"])
      .describe("Where nodes come from, in the order that is tried."),
    sharing: sharing
      .optional()
      .describe("How pods share one GPU, on node groups; default: each GPU belongs to one pod."),
    network: oneOf("compact", "fast")
      .optional()
      .describe(
        "Network between the nodes, for jobs on several workers: `compact` puts them close to each other, in one zone, `fast` also gives them EFA, the machine's network for training. Default: nodes anywhere in their zones.",
      ),
  })
  .register(rules, poolRule)
  .transform(withMachine("eks"));

/** A pool of GPU nodes on AWS. */
export interface EksPool extends ManagedPool {
  capacity: z.output<typeof capacity>;
  sharing?: z.output<typeof sharing>;
}
