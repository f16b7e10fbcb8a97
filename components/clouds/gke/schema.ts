import { z } from "zod";
import { domain } from "../../../values/names";
import { ruleOf, rules } from "../../../values/rule";
import { text } from "../../../values/text";
import { withMachine } from "../machine";
import type { ManagedPool } from "../managed";
import {
  capacityOrder,
  channelAndAccess,
  clusterFields,
  compactNetwork,
  plainCapacity,
  poolFields,
  poolRule,
  sharing,
} from "../schema";

/** A cluster on Google Cloud, as a stack file has it. */
export const gkeCluster = z.strictObject({
  ...clusterFields("gke", {
    is: "a cluster that we make on Google Cloud, in the project of `gcp:project`",
    region: /^[a-z]+-[a-z]+\d+$/,
    ownZones: "three that GKE chooses",
    ownVersion: "what `channel` brings",
  }),
  ...channelAndAccess("whom IAM lets in, from anywhere, by the cluster's DNS name"),
  groupsDomain: domain
    .optional()
    .describe(
      "Domain whose Google group `gke-security-groups@DOMAIN` holds the groups that namespaces may name; default: groups are refused.",
    ),
});

/** What Google Cloud has for keys that one might write here. */
const insteadOf: Readonly<Record<string, string>> = {
  project: "set the project for all of it: pulumi config set gcp:project <id>",
  admins: "give people roles in the Google Cloud project",
};
gkeCluster.register(rules, {
  ...ruleOf(gkeCluster),
  hint: (key) =>
    Object.hasOwn(insteadOf, key)
      ? {
          problem: "not a key of a cluster on Google Cloud",
          fix: `remove it, and ${insteadOf[key]}`,
        }
      : undefined,
});

const words = ["on-demand", "spot", "flex-start"] as const;
const reserved = z
  .strictObject({
    reserved: text,
    zone: text,
    project: text.optional(),
    reservationBlock: text.optional(),
  })
  .transform(({ reserved: reservation, ...place }) => ({
    ...{ kind: "reserved" as const, reservation },
    ...place,
  }));
const capacity = capacityOrder(z.union([plainCapacity(words), reserved]), words, {
  reserved: "{ reserved: name, zone: zone }",
});

/** A pool on Google Cloud, as a stack file has it. */
export const gkePool = z
  .strictObject({
    ...poolFields("gke"),
    capacity: capacity
      .prefault(["on-demand"])
      .describe(
        "Where nodes come from, in the order that is tried; a reservation may also name its `project` and `reservationBlock`.",
      ),
    sharing,
    network: compactNetwork(
      "GPUDirect needs a VPC for each network card, which this program does not make",
    ),
  })
  .register(rules, poolRule("gke"))
  .transform(withMachine("gke"));

/** A pool of nodes on Google Cloud. */
export interface GkePool extends ManagedPool {
  capacity: z.output<typeof capacity>;
  network?: "compact";
}
