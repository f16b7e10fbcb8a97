import { z } from "zod";
import { rules } from "../../../values/rule";
import { text } from "../../../values/text";
import { withMachine } from "../machine";
import type { ManagedPool } from "../managed";
import {
  capacityOrder,
  channelAndAccess,
  clusterFields,
  compactNetwork,
  plainCapacity,
  plainReservation,
  poolFields,
  poolRule,
  principals,
  sharing,
} from "../schema";

/** A cluster on Azure, as a stack file has it. */
export const aksCluster = z.strictObject({
  ...clusterFields("aks", {
    is: "a cluster that we make on Azure",
    region: /^[a-z]+\d*$/,
    ownZones:
      "1, 2 and 3 for nodes without GPU where the region has zones, Azure's choice for pools; fixed when the cluster is made",
    ownVersion: "what `channel` brings",
  }),
  ...channelAndAccess("whom Entra lets in, from anywhere"),
  admins: principals(
    /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i,
    "11111111-2222-3333-4444-555555555555",
    "object ids of Entra groups",
    () => ({
      problem: "not the object id of a group",
      fix: "look it up: az ad group show --group <name> --query id",
    }),
  ).describe(
    "Who may do everything in the cluster besides whoever makes it: object ids of Entra groups, people's and pipelines'.",
  ),
});

const words = ["on-demand", "spot"] as const;
const reserved = plainReservation({ reserved: text, zone: text.optional() }).transform(
  ({ reserved: reservation, ...place }) => ({
    ...{ kind: "reserved" as const, reservation },
    ...place,
  }),
);
const capacity = capacityOrder(z.union([plainCapacity(words), reserved]), words, {
  reserved: "{ reserved: id of the group, zone: zone }",
});

/** A pool on Azure, as a stack file has it. */
export const aksPool = z
  .strictObject({
    ...poolFields("aks"),
    capacity: capacity
      .prefault(["on-demand"])
      .describe("Where nodes come from, in the order that is tried."),
    sharing,
    network: compactNetwork(
      "InfiniBand needs NVIDIA's network operator, which this program does not install",
    ),
  })
  .register(rules, poolRule("aks"))
  .transform(withMachine("aks"));

/** A pool of nodes on Azure. */
export interface AksPool extends ManagedPool {
  capacity: z.output<typeof capacity>;
  network?: "compact";
}
