import type { ManagedCloud } from "../../../catalog/machines";
import type { Problem } from "../../problem";
import type { ManagedPool } from "../managed";
import type { PreflightCluster } from "./rule";

/** How the zones of a region are named. */
interface ZoneNames {
  form: RegExp;
  allowed: string;
  example: string;
  /** The zone that was probably meant. */
  meant: (zone: string) => string;
}

/** How each cloud names the zones of a region. */
export const zoneOf: Record<ManagedCloud, (region: string) => ZoneNames> = {
  gke: (region) => ({
    // Besides the zones with a letter there are AI zones, such as us-central1-ai1a (docs/facts.md 2.2).
    form: new RegExp(`^${region}-(ai\\d+)?[a-z]$`),
    allowed: `zones of ${region}, such as ${region}-a`,
    example: `${region}-a`,
    meant: (zone) => `${region}-${/(ai\d+)?[a-z]$/.exec(zone)?.[0] ?? "a"}`,
  }),
  eks: (region) => ({
    form: new RegExp(`^${region}[a-z]$`),
    allowed: `zones of ${region}, such as ${region}a`,
    example: `${region}a`,
    meant: (zone) => `${region}${/[a-z]$/.exec(zone)?.[0] ?? "a"}`,
  }),
  aks: () => ({
    form: /^[1-3]$/,
    allowed: 'numbers of zones as text: "1", "2", "3"',
    example: "1",
    meant: (zone) => /[1-3]$/.exec(zone)?.[0] ?? "1",
  }),
};

/** What is wrong with a list of zones: those that the region does not have, and those given twice. */
export function zoneProblems(
  { kind, region }: PreflightCluster,
  path: Problem["path"],
  zones: readonly string[] = [],
): Problem[] {
  const { form, allowed, meant } = zoneOf[kind](region);
  return zones.flatMap((zone, place): Problem[] => {
    const at = { path: [...path, place], found: JSON.stringify(zone), allowed };
    if (!form.test(zone)) {
      return [{ ...at, problem: `not a zone of ${region}`, fix: `did you mean "${meant(zone)}"?` }];
    }
    const first = zones.indexOf(zone);
    if (first === place) return [];
    return [{ ...at, problem: "zone given twice", fix: `remove it; [${first}] is the same` }];
  });
}

/** What keeps a pool whose nodes are to be close to each other from being in one zone. */
export function oneZoneProblem(
  { machine, zones, capacity, network }: ManagedPool,
  { kind, region, zones: clusterZones }: PreflightCluster,
): Problem | undefined {
  if (network === undefined) return undefined;
  const each = capacity.map((type) =>
    "zone" in type && type.zone !== undefined ? [type.zone] : (zones ?? clusterZones),
  );
  const named = [...new Set(each.flatMap((some) => some ?? []))];
  const chosen = each.includes(undefined);
  // Azure puts nodes without a zone anywhere, and those of one proximity placement group next to each other.
  if (named.length <= 1 && !(chosen && (kind !== "aks" || named.length > 0))) return undefined;
  const found = [...named, ...(chosen && named.length > 0 ? ["what the cloud chooses"] : [])];
  return {
    path: ["zones"],
    problem: `not one zone, which network ${network} needs for all nodes of the pool`,
    found: found.length > 0 ? found.join(", ") : "nothing",
    allowed: "one zone, the same for every capacity type",
    fix: `name the one where you get ${machine.name}: zones: [${inYaml(named[0] ?? zoneOf[kind](region).example)}]`,
  };
}

/** Azure's zones are numbers, which the stack file wants as text. */
function inYaml(zone: string): string {
  return /^\d/.test(zone) ? JSON.stringify(zone) : zone;
}
