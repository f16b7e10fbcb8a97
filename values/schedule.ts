import { nearest } from "../components/spelling";
import { cron } from "./cron";
import { forText } from "./rule";
import { readText } from "./text";

/** A cron line as Kubernetes takes it. */
export const cronLine = readText(
  /^(?:@[a-z]+|\S+(?: \S+){4})$/,
  (found) => ("problem" in cron(found) ? undefined : found.trim()),
  {
    allowed: "a cron line of five fields: minute, hour, day of the month, month, day of the week",
    example: '"0 3 * * *"',
    explain: forText((found) => {
      const read = cron(found);
      return "problem" in read ? read : undefined;
    }),
  },
);

/** A time zone of the IANA's list, spelt as there. */
export const timeZone = readText(
  /^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/,
  (found) => {
    const known = knownAs(found);
    if (known === undefined) return undefined;
    if (known.toLowerCase() === found.toLowerCase()) return known === found ? found : undefined;
    // Old names stand for another one. Linux looks for a file of the name: its case counts.
    return /^[A-Z][^/]*(?:\/[A-Z][^/]*)*$/.test(found) ? found : undefined;
  },
  {
    allowed: "a time zone of the IANA, such as Europe/Berlin or Etc/UTC",
    example: "Europe/Berlin",
    explain: forText((found) => {
      const meant = knownAs(found) ?? meantZone(found);
      return {
        problem: "not a time zone",
        fix: meant
          ? `did you mean "${meant}"?`
          : "write region and city, for example Europe/Berlin",
      };
    }),
  },
);

function knownAs(zone: string): string | undefined {
  // An offset is taken here, and not by Kubernetes.
  if (!/^[A-Za-z]/.test(zone)) return undefined;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** The zone whose city was probably meant. */
function meantZone(found: string): string | undefined {
  const zones = Intl.supportedValuesOf("timeZone");
  const city = (zone: string) => zone.split("/").at(-1) ?? zone;
  const meant = nearest(city(found).replaceAll(" ", "_"), zones.map(city));
  return zones.find((zone) => city(zone) === meant);
}
