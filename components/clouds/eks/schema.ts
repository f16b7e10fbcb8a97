import { z } from "zod";
import { ruleOf, rules } from "../../../values/rule";
import { oneOf, text } from "../../../values/text";
import { withMachine } from "../machine";
import type { ManagedPool } from "../managed";
import {
  accessRanges,
  capacityOrder,
  clusterFields,
  plainCapacity,
  plainReservation,
  poolFields,
  poolRule,
  principals,
  timeSlicing,
} from "../schema";

/** A list of roles of IAM, or of users, which EKS takes as well. */
function roles(example: string) {
  const form = /^arn:aws[a-z-]*:iam::\d{12}:(?:role|user)\/[\w+=,.@/-]+$/;
  return principals(form, example, "ARNs of IAM roles", (found) => {
    const session = /^(arn:aws[a-z-]*):sts::(\d{12}):assumed-role\/([^/]+)/.exec(found);
    if (!session) return { problem: "not the ARN of an IAM role", fix: `write it like ${example}` };
    const [, arn, account, role] = session;
    return {
      problem: "a session, not the role behind it",
      fix: `write ${arn}:iam::${account}:role/${role}, with the role's path if it has one`,
    };
  });
}

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
  admins: roles("arn:aws:iam::111122223333:role/platform").describe(
    "Who may do everything in the cluster besides whoever makes it: ARNs of IAM roles, people's and pipelines'.",
  ),
  viewers: roles("arn:aws:iam::111122223333:role/preview").describe(
    "Who may read what is in the cluster's namespaces, but no Secrets: ARNs of IAM roles, such as the one that previews.",
  ),
});

eksCluster.register(rules, {
  ...ruleOf(eksCluster),
  hint: (key) =>
    key === "channel"
      ? {
          problem: "EKS has no release channels",
          fix: "remove it; version chooses a version to stay on",
        }
      : undefined,
});

const words = ["on-demand", "spot"] as const;
const reserved = plainReservation({ reserved: text, zone: text }).transform(
  ({ reserved, zone }) => ({ kind: "reserved" as const, reservation: reserved, zone }),
);
const block = z
  .strictObject({ block: text, zone: text })
  .transform(({ block, zone }) => ({ kind: "block" as const, reservation: block, zone }));
const capacity = capacityOrder(z.union([plainCapacity(words), reserved, block]), words, {
  reserved: "{ reserved: id, zone: zone }",
  block: "{ block: id, zone: zone }",
});

const timeSliced = z.strictObject({ timeSlicing });
timeSliced.register(rules, {
  ...ruleOf(timeSliced),
  hint: (key) =>
    key === "mig"
      ? {
          problem: "nothing on a node of EKS cuts GPUs",
          fix: "remove it; pods share a GPU by timeSlicing, with mode: nodeGroups",
          meant: "timeSlicing",
        }
      : undefined,
});
const sharing = timeSliced.transform(({ timeSlicing: clients }) => ({
  kind: "time-slicing" as const,
  clients,
}));

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
  .register(rules, poolRule("eks"))
  .transform(withMachine("eks"));

/** A pool of nodes on AWS. */
export interface EksPool extends ManagedPool {
  capacity: z.output<typeof capacity>;
  sharing?: z.output<typeof sharing>;
}
