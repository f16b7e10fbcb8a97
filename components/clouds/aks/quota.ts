import { z } from "zod";
import { aksDraws, aksTotals, ownDraws } from "../quota/draws";
import type { KnownLimit } from "../quota/need";
import { ownOfferProblems, wholeRegion } from "../quota/offers";
import { mostPlainNodes, plainMachine } from "./own-nodes";
import { ownZones } from "./own-zones";
import { diskOffers, unregistered } from "./quota-account";
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
    [...machineNames(question), plainMachine].flatMap((name) => {
      const sku = listed?.find((one) => one.name.toLowerCase() === name.toLowerCase());
      return sku ? [[name, sku] as const] : [];
    }),
  );
  const families = new Map([...found].map(([name, { family }]) => [name, family]));
  const plain = found.get(plainMachine);
  return {
    draws: aksDraws(families),
    // Those that an upgrade adds included.
    own: ownDraws(
      "aks",
      mostPlainNodes,
      [families.get(plainMachine) ?? [], aksTotals.regular].flat(),
    ),
    problems: [
      ...(await unregistered(asking, question)),
      ...ownOfferProblems(
        { region, zones, machine: plainMachine, usual: ownZones(region, zones) },
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
