import type { ManagedCloud } from "../machines";
import type { Finding, PreflightCluster } from "./rule";

/** How each cloud names the zones of a region. */
const zoneOf: Record<ManagedCloud, (region: string) => { form: RegExp; allowed: string }> = {
  gke: (region) => ({
    form: new RegExp(`^${region}-[a-z]$`),
    allowed: `zones of ${region}, such as ${region}-a`,
  }),
  eks: (region) => ({
    form: new RegExp(`^${region}[a-z]$`),
    allowed: `zones of ${region}, such as ${region}a`,
  }),
  aks: () => ({ form: /^[1-3]$/, allowed: 'numbers of zones as text: "1", "2", "3"' }),
};

/** What is wrong with a list of zones: those that the region does not have, and those given twice. */
export function zoneFindings(
  { kind, region }: PreflightCluster,
  path: Finding["path"],
  zones: readonly string[] = [],
): Finding[] {
  const { form, allowed } = zoneOf[kind](region);
  return zones.flatMap((zone, place): Finding[] => {
    const at = { path: [...path, place], found: JSON.stringify(zone), allowed };
    if (!form.test(zone)) {
      const letter = /[a-z]$/.exec(zone)?.[0] ?? "a";
      const number = /[1-3]$/.exec(zone)?.[0] ?? "1";
      const meant = { gke: `${region}-${letter}`, eks: `${region}${letter}`, aks: number }[kind];
      return [{ ...at, what: `not a zone of ${region}`, remedy: `did you mean "${meant}"?` }];
    }
    const first = zones.indexOf(zone);
    if (first === place) return [];
    return [{ ...at, what: "zone given twice", remedy: `remove it; [${first}] is the same` }];
  });
}
