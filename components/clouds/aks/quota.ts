import { z } from "zod";
import { aksDraws, aksTotals, ownDraws } from "../quota/draws";
import type { KnownLimit } from "../quota/need";
import { systemPoolOf } from "../system-pool";
import { ownOfferProblems, wholeRegion } from "../quota/offers";
import type { Problem } from "../../problem";
import { diskSku, inZones } from "./disks";
import { mostOwnNodes, ownZones, upgradeSurge } from "./own-nodes";
import { machineNames, type Answer, type Question } from "../quota/answer";
import type { Asking, Command } from "../quota/command";

/** Azure's command line. */
export const az: Command = {
  name: "az",
  from: "https://learn.microsoft.com/cli/azure/install-azure-cli",
  login: "az login",
  loggedOut: /az login|AADSTS/,
};

const usages = z.array(
  z.object({
    name: z.object({ value: z.string() }),
    // As text in what az prints, although the API has numbers.
    limit: z.coerce.number(),
    currentValue: z.coerce.number(),
  }),
);

const skus = z.array(
  z.object({
    name: z.string(),
    family: z.string(),
    locationInfo: z
      .array(z.object({ zones: z.array(z.string()).nullish() }))
      .nullish()
      .transform((info) => info ?? []),
    restrictions: z
      .array(
        z.object({
          type: z.string(),
          restrictionInfo: z.object({ zones: z.array(z.string()).nullish() }).nullish(),
        }),
      )
      .nullish()
      .transform((restrictions) => restrictions ?? []),
  }),
);

type Sku = z.output<typeof skus>[number];

/** Asks Azure for quotas of the subscription in the region, and for where it may have the machines. */
export async function askAks(asking: Asking, question: Question): Promise<Answer> {
  const { region, zones, account } = question;
  const { machine: ownMachine, nodes: ownNodes } = systemPoolOf("aks", question.system);
  const end = [
    ...["--location", region, "--output", "json"],
    ...(account === undefined ? [] : ["--subscription", account]),
  ];
  const usage = await asking.ask(usages, ["vm", "list-usage", ...end]);
  // Without --all, what the subscription may not have is left out along with the reason.
  const listed = await asking.ask(skus, [
    ...["vm", "list-skus", "--resource-type", "virtualMachines", "--all", ...end],
  ]);
  const found = new Map(
    [...machineNames(question), ownMachine.name].flatMap((name) => {
      const sku = listed?.find((one) => one.name.toLowerCase() === name.toLowerCase());
      return sku ? [[name, sku] as const] : [];
    }),
  );
  const families = new Map([...found].map(([name, { family }]) => [name, family]));
  const plain = found.get(ownMachine.name);
  return {
    draws: aksDraws(families),
    // Those that an upgrade adds included.
    own: ownDraws(
      ownMachine,
      mostOwnNodes(ownNodes),
      [families.get(ownMachine.name) ?? [], aksTotals.regular].flat(),
    ),
    surge: upgradeSurge,
    problems: [
      ...(await unregistered(asking, question)),
      ...ownOfferProblems(
        { region, zones, machine: ownMachine.name, usual: ownZones(region, zones) },
        listed ? (plain ? offers(plain) : []) : "unasked",
      ),
      ...(await diskOffers(asking, question)),
    ],
    limitOf: (quota): KnownLimit => {
      if (!usage) return "unasked";
      const one = usage.find(({ name }) => comparable(name.value) === comparable(quota));
      return one ? { limit: one.limit, used: one.currentValue } : "none";
    },
    offersOf: (machine) => {
      if (!listed) return "unasked";
      const sku = found.get(machine);
      return sku ? offers(sku) : [];
    },
  };
}

/** The list of machines says `standardNCADSH100v5Family` where the list of quotas may say `Standard NCADSH100v5 Family`. */
function comparable(quota: string): string {
  return quota.toLowerCase().replaceAll(" ", "");
}

/** Zones that the subscription may use; without zones in the region, the region as a whole. */
function offers({ locationInfo, restrictions }: Sku): string[] {
  if (restrictions.some(({ type }) => type === "Location")) return [];
  const zones = locationInfo.flatMap((info) => info.zones ?? []);
  if (zones.length === 0) return [wholeRegion];
  const closed = restrictions.flatMap(({ restrictionInfo }) => restrictionInfo?.zones ?? []);
  return zones.filter((zone) => !closed.includes(zone)).sort();
}

/** Resource provider that the cluster's audit logs need and that nothing registers by itself (docs/facts.md 4.17). */
const byHand = "Microsoft.Insights";

/** Resource providers of everything else that `up` makes. The first request of each registers it, where the identity may. */
const byItself = [
  ...["Microsoft.Compute", "Microsoft.ContainerRegistry", "Microsoft.ContainerService"],
  ...["Microsoft.ManagedIdentity", "Microsoft.Network", "Microsoft.OperationalInsights"],
];

const providers = z.array(z.object({ namespace: z.string(), registrationState: z.string() }));

/** What the subscription must have registered first. */
async function unregistered(asking: Asking, { account }: Question): Promise<Problem[]> {
  const whose = account === undefined ? [] : ["--subscription", account];
  const query = "[].{namespace:namespace,registrationState:registrationState}";
  const listed = await asking.ask(providers, [
    ...["provider", "list", "--query", query, "--output", "json", ...whose],
  ]);
  if (!listed) return [];
  const states = new Map(listed.map((one) => [one.namespace.toLowerCase(), one.registrationState]));
  const stateOf = (wanted: string) => states.get(wanted.toLowerCase()) ?? "NotRegistered";
  const missing = [byHand, ...byItself].filter((wanted) => stateOf(wanted) !== "Registered");
  const later = missing.filter((one) => one !== byHand);
  const register = (one: string, ...more: string[]) =>
    ["az provider register --namespace", one, ...more, ...whose].join(" ");
  const problems: Problem[] = [
    {
      path: ["cluster"],
      problem: `the subscription is not registered for ${byHand}, which the cluster's audit logs need`,
      found: stateOf(byHand),
      allowed: "Registered",
      fix: `run ${register(byHand, "--wait")}`,
    },
    {
      path: ["cluster"],
      problem:
        "the subscription is not registered for resource providers that up registers where its identity may",
      found: later.join(", "),
      allowed: "Registered, or an identity with the role Contributor on the subscription",
      fix: `run ${later.map((one) => register(one)).join(" && ")} where it may not`,
      warning: true,
    },
  ];
  return problems.filter(({ warning }) => (warning ? later.length > 0 : missing.includes(byHand)));
}

const disks = z.array(z.object({ name: z.string() }));

/** Whether the region has the kind of disks that the cluster makes. */
async function diskOffers(asking: Asking, question: Question): Promise<Problem[]> {
  const { region, zones, pools, makesDisks, account } = question;
  const sku = diskSku({
    region,
    plainZones: ownZones(region, zones),
    pools: inZones(pools, zones),
  });
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
