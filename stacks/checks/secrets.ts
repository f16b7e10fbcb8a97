import { entryFault, type Entry } from "./entry";
import { isMap, valueAt } from "../lookup";
import { shown, unknownKey, type Fault, type Path } from "../faults";
import { stackFile } from "../schema";
import type { Source } from "../source";
import { nearest } from "../spelling";

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
    const sidecars = valueAt(entry.raw, ["sidecars"]);
    const containers: Path[] = [
      [],
      ...(isMap(sidecars) ? Object.keys(sidecars).map((name) => ["sidecars", name]) : []),
    ];
    const pull = valueAt(entry.raw, ["pullSecrets"]);
    const places: Path[] = [
      ...containers.flatMap((at) => {
        const env = valueAt(entry.raw, [...at, "env"]);
        return isMap(env) ? Object.keys(env).map((name) => [...at, "env", name, "secret"]) : [];
      }),
      ...(Array.isArray(pull) ? pull.map((_, place) => ["pullSecrets", place]) : []),
    ];
    return places.flatMap((at) => {
      const key = valueAt(entry.raw, at);
      return typeof key === "string" && key !== "" ? [{ entry, at, key }] : [];
    });
  });
}

/** Keys in a section that is refused until it exists: they are not unknown, only early. */
export function keysForLater(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) => {
    const keys = valueAt(entry.raw, ["expose", "apiKeys"]);
    return Array.isArray(keys) ? keys.map(String) : [];
  });
}

/** What is wrong with the secrets that services refer to, and with keys that nothing refers to. */
export function keyFaults(
  source: Source,
  references: readonly SecretReference[],
  keysForLater: readonly string[],
  complete: boolean,
): Fault[] {
  const { values, secrets } = source;
  const used = new Set([...references.map(({ key }) => key), ...keysForLater]);
  const spare = Object.keys(secrets).filter((key) => !known.includes(key) && !used.has(key));
  const missing = references
    .filter(({ key }) => known.includes(key) || !Object.hasOwn(secrets, key))
    .map((reference) => ({ reference, meant: nearest(reference.key, spare) }));
  const explained = missing.map(({ meant }) => meant);
  const unknown = [...Object.keys(values), ...(complete ? Object.keys(secrets) : [])].filter(
    (key) => !known.includes(key) && !used.has(key) && !explained.includes(key),
  );
  return [
    ...references.flatMap((reference) => pullSecretFaults(source, reference)),
    ...missing.map(({ reference, meant }) => referenceFault(reference, values, meant)),
    ...unknown.map((key) => unknownKeyFault(source, key)),
  ];
}

const known = Object.keys(stackFile.shape);

function referenceFault(
  { entry, at, key }: SecretReference,
  values: Record<string, unknown>,
  meant?: string,
): Fault {
  const allowed = "a config key stored with --secret";
  const store = `pulumi config set --secret ${key}`;
  if (known.includes(key)) {
    return entryFault(entry, at, {
      what: "a section of the stack file, not a secret",
      allowed,
      remedy: "store the secret under a key of its own: pulumi config set --secret <key>",
    });
  }
  if (Object.hasOwn(values, key)) {
    return entryFault(entry, at, {
      what: "stored in plain text, not as a secret",
      allowed,
      remedy: `store it again, encrypted: ${store}`,
    });
  }
  return entryFault(entry, at, {
    what: "no such secret",
    allowed,
    remedy: meant ? `did you mean "${meant}"? Else store it: ${store}` : `store it: ${store}`,
  });
}

/** A pull secret that Kubernetes would refuse once half of the stack is there. */
function pullSecretFaults(
  { decrypt, secrets }: Source,
  { entry, at, key }: SecretReference,
): Fault[] {
  const text = at[0] === "pullSecrets" && Object.hasOwn(secrets, key) ? decrypt(key) : undefined;
  if (text === undefined || isDockerConfig(text)) return [];
  const words = {
    what: `what ${key} holds is not a Docker config`,
    allowed: 'JSON with the key "auths", as `docker login` writes it',
    remedy: `store it again: pulumi config set --secret ${key} < ~/.docker/config.json`,
  };
  return [{ ...entryFault(entry, at, words), found: "a secret (not shown)" }];
}

function isDockerConfig(text: string): boolean {
  try {
    return isMap(valueAt(JSON.parse(text), ["auths"]));
  } catch {
    return false;
  }
}

function unknownKeyFault({ file, values, secrets }: Source, key: string): Fault {
  const absent = known.filter((name) => !Object.hasOwn(values, name));
  const meant = nearest(key, absent) ?? nearest(key, known);
  return {
    file,
    at: [key],
    what: unknownKey,
    found: foundUnknown(values[key], Object.hasOwn(secrets, key)),
    allowed: `${[...known].sort().join(", ")}, and secrets that a service or job refers to`,
    remedy: meant ? `did you mean "${meant}"?` : `remove it: pulumi config rm ${key}`,
    meant,
  };
}

function foundUnknown(value: unknown, secret: boolean): string {
  if (secret) return "a secret (not shown)";
  if (value === undefined || value === null) return shown(value);
  // Whoever mistypes the name of a secret may have stored it in plain text.
  return isMap(value) || Array.isArray(value)
    ? "a section (not shown, it may hold a secret)"
    : "a text (not shown, it may be a secret)";
}
