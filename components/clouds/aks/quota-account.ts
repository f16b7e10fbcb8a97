import { z } from "zod";
import type { Problem } from "../../problem";
import { diskSku } from "./disks";
import { ownZones } from "./own-zones";
import type { Question } from "../quota/answer";
import type { Asking } from "../quota/command";

/** Resource provider that the cluster's audit logs need and that nothing registers by itself (docs/facts.md 4.17). */
const byHand = "Microsoft.Insights";

/** Resource providers of everything else that `up` makes. The first request of each registers it, where the identity may. */
const byItself = [
  "Microsoft.Compute",
  "Microsoft.ContainerRegistry",
  "Microsoft.ContainerService",
  "Microsoft.ManagedIdentity",
  "Microsoft.Network",
  "Microsoft.OperationalInsights",
];

const providers = z.array(z.object({ namespace: z.string(), registrationState: z.string() }));

/** What the subscription must have registered first. */
export async function unregistered(asking: Asking, { account }: Question): Promise<Problem[]> {
  const whose = account === undefined ? [] : ["--subscription", account];
  const listed = await asking.ask(providers, [
    ...[
      "provider",
      "list",
      "--query",
      "[].{namespace:namespace,registrationState:registrationState}",
    ],
    ...["--output", "json", ...whose],
  ]);
  if (!listed) return [];
  const stateOf = (wanted: string) =>
    listed.find(({ namespace }) => namespace.toLowerCase() === wanted.toLowerCase())
      ?.registrationState ?? "NotRegistered";
  const open = (wanted: string) => stateOf(wanted) !== "Registered";
  const later = byItself.filter(open);
  const end = whose.length > 0 ? ` ${whose.join(" ")}` : "";
  return [
    ...(open(byHand)
      ? [
          {
            path: ["cluster"],
            problem: `the subscription is not registered for ${byHand}, which the cluster's audit logs need`,
            found: stateOf(byHand),
            allowed: "Registered",
            fix: `run az provider register --namespace ${byHand} --wait${end}`,
          },
        ]
      : []),
    ...(later.length > 0
      ? [
          {
            path: ["cluster"],
            problem:
              "the subscription is not registered for resource providers that up registers where its identity may",
            found: later.join(", "),
            allowed: "Registered, or an identity with the role Contributor on the subscription",
            fix: `run ${later.map((one) => `az provider register --namespace ${one}${end}`).join(" && ")} where it may not`,
            warning: true,
          },
        ]
      : []),
  ];
}

const disks = z.array(z.object({ name: z.string() }));

/** Whether the region has the kind of disks that the cluster makes. */
export async function diskOffers(asking: Asking, question: Question): Promise<Problem[]> {
  const { region, zones, pools, makesDisks, account } = question;
  const plainZones = ownZones(region, zones);
  const placed = Object.fromEntries(
    Object.entries(pools).map(([name, pool]) => [
      name,
      { ...pool, zones: pool.zones ?? (zones && [...zones]) },
    ]),
  );
  const sku = diskSku({ region, plainZones, pools: placed });
  if (!makesDisks || sku === "Premium_LRS") return [];
  const listed = await asking.ask(disks, [
    ...["vm", "list-skus", "--resource-type", "disks", "--location", region, "--output", "json"],
    ...(account === undefined ? [] : ["--subscription", account]),
  ]);
  if (!listed || listed.some(({ name }) => name === sku)) return [];
  return [
    {
      path: ["cluster", "region"],
      problem: `${region} has no disks of all zones (${sku}), which nodes in several places need`,
      found: region,
      allowed: `a region with ${sku}, or one zone for all nodes`,
      fix: "name one zone for the cluster and none for its pools, or keep the data in a bucket",
    },
  ];
}
