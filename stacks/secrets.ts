import { entryFault, type Entry } from "./entry";
import { isMap, valueAt } from "./explain";
import { nothing, type Fault, type Path } from "./faults";
import { stackFile } from "./schema";
import type { Source } from "./source";
import { nearest } from "./spelling";

/** A config key that a service refers to as a secret. */
export interface SecretReference {
  /** Service that refers to it. */
  entry: Entry;
  /** Where in the service. */
  at: Path;
  /** Key it names. */
  key: string;
}

/** All references to secrets, also of services with other faults, so that their keys are not taken for unknown ones. */
export function secretReferences(entries: readonly Entry[]): SecretReference[] {
  return entries.flatMap((entry) => {
    const env = valueAt(entry.raw, ["env"]);
    const pull = valueAt(entry.raw, ["pullSecrets"]);
    const places: Path[] = [
      ...(isMap(env) ? Object.keys(env).map((name) => ["env", name, "secret"]) : []),
      ...(Array.isArray(pull) ? pull.map((_, place) => ["pullSecrets", place]) : []),
    ];
    return places.flatMap((at) => {
      const key = valueAt(entry.raw, at);
      return typeof key === "string" && key !== "" ? [{ entry, at, key }] : [];
    });
  });
}

/** What is wrong with the secrets that services refer to, and with keys that nothing refers to. */
export function secretFaults(
  { file, values, secrets }: Source,
  references: readonly SecretReference[],
  complete: boolean,
): Fault[] {
  const known = Object.keys(stackFile.shape);
  const used = new Set(references.map(({ key }) => key));
  const spare = Object.keys(secrets).filter((key) => !known.includes(key) && !used.has(key));
  const explained = new Set<string>();
  const missing = references.flatMap(({ entry, at, key }): Fault[] => {
    if (Object.hasOwn(secrets, key) && !known.includes(key)) return [];
    const plain = Object.hasOwn(values, key) || known.includes(key);
    const meant = plain ? undefined : nearest(key, spare);
    if (meant) explained.add(meant);
    const set = `pulumi config set --secret ${key}`;
    const store = known.includes(key)
      ? `${key} is a section of the stack file; store the secret under a key of its own`
      : `${plain ? "store it again" : "store it"} encrypted: ${set}`;
    return [
      entryFault(entry, at, {
        what: plain ? "stored in plain text, not as a secret" : "no such secret",
        allowed: "a config key stored with --secret",
        remedy: meant ? `did you mean "${meant}"? Else ${set}` : store,
      }),
    ];
  });
  const unknown = [...Object.keys(values), ...(complete ? Object.keys(secrets) : [])]
    .filter((key) => !known.includes(key) && !used.has(key) && !explained.has(key))
    .map((key): Fault => {
      const meant = nearest(
        key,
        known.filter((name) => !Object.hasOwn(values, name)),
      );
      const near = meant ?? nearest(key, known);
      return {
        file,
        at: [key],
        what: "unknown key",
        found: foundUnknown(values[key], Object.hasOwn(secrets, key)),
        allowed: `${[...known].sort().join(", ")}, and secrets that a service refers to`,
        remedy: near ? `did you mean "${near}"?` : `remove it: pulumi config rm ${key}`,
      };
    });
  return [...missing, ...unknown];
}

function foundUnknown(value: unknown, secret: boolean): string {
  if (secret) return "a secret (not shown)";
  if (value === undefined || value === null) return nothing;
  // Whoever mistypes the name of a secret may have stored it in plain text.
  return isMap(value) || Array.isArray(value)
    ? "a section (not shown, it may hold a secret)"
    : "a text (not shown, it may be a secret)";
}
