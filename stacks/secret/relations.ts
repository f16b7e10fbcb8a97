import { entryProblem, isService, type Entry } from "../entry";
import { isMap } from "../lookup";
import { unknownKey, type FileProblem } from "../problems";
import { hiddenText, looksSecret } from "../secret-text";
import type { Path, Words } from "../words";
import { sectionNames } from "../schema";
import type { ShapeProblem } from "../shape";
import type { Source } from "../source";
import { lengthProblems } from "../../components/workload/program-problems";
import { nearest } from "../../components/spelling";

/** A config key that something refers to as a secret, and where: in an entry, or in the stack file. */
interface SecretReference {
  entry?: Entry;
  at: Path;
  key: string;
}

/** What is wrong with a value of an entry, or of the stack file. */
function problemAt(entry: Entry | undefined, at: Path, words: Words): FileProblem {
  return entry ? entryProblem(entry, at, words) : { path: at, ...words };
}

function referencesOf(entry: Entry): SecretReference[] {
  const { env, initContainers = [], sidecars, pullSecrets } = entry.fields;
  const inVariables = (at: Path, { env }: Pick<Entry["fields"], "env">) =>
    Object.entries(env).flatMap(([name, value]) =>
      typeof value === "object" && "secret" in value
        ? [{ entry, at: [...at, "env", name, "secret"], key: value.secret }]
        : [],
    );
  return [
    ...inVariables([], { env }),
    ...initContainers.flatMap((of, place) => inVariables(["initContainers", place], of)),
    ...Object.entries(sidecars).flatMap(([name, sidecar]) =>
      inVariables(["sidecars", name], sidecar),
    ),
    ...pullSecrets.map((key, place) => ({ entry, at: ["pullSecrets", place], key })),
    ...ofModel(entry),
  ];
}

/** Keys of a model's server that name a secret. */
function ofModel(entry: Entry): SecretReference[] {
  if (!isService(entry)) return [];
  const { token, apiKey } = entry.fields;
  return [
    ...(token === undefined ? [] : [{ entry, at: ["token"], key: token }]),
    ...(apiKey === undefined ? [] : [{ entry, at: ["apiKey"], key: apiKey }]),
  ];
}

/** What is wrong with the secrets that entries refer to, and with keys that nothing refers to. */
export function keyProblems(
  source: Source,
  entries: readonly Entry[],
  observability?: { adminPassword?: string },
): FileProblem[] {
  const { values, secrets, file } = source;
  const { adminPassword } = observability ?? {};
  const references = [
    ...entries.flatMap(referencesOf),
    ...(adminPassword === undefined
      ? []
      : [{ at: ["observability", "adminPassword"], key: adminPassword }]),
  ];
  const used = new Set(references.map(({ key }) => key));
  const spare = Object.keys(secrets).filter((key) => !used.has(key));
  const missing = references
    .filter(({ key }) => sectionNames.includes(key) || !Object.hasOwn(secrets, key))
    .filter(
      ({ key }) => !source.unopened || sectionNames.includes(key) || Object.hasOwn(values, key),
    )
    .map((reference) => ({ reference, meant: nearest(reference.key, spare) }));
  const explained = missing.map(({ meant }) => meant);
  const unknown = [...Object.keys(values), ...spare].filter(
    (key) => !sectionNames.includes(key) && !used.has(key) && !explained.includes(key),
  );
  return [
    ...references.flatMap((reference) => pullSecretProblems(source, reference)),
    ...references.flatMap((reference) => longSecretProblems(source, reference)),
    ...missing.map(({ reference, meant }) => referenceProblem(reference, values, meant)),
    ...unknown.map((key) => ({
      ...unknownSectionProblem(
        values,
        key,
        Object.hasOwn(secrets, key)
          ? "a secret (not shown)"
          : // Whoever mistypes the name of a secret may have stored it in plain text.
            hiddenText,
      ),
      file,
    })),
  ];
}

function referenceProblem(
  { entry, at, key }: SecretReference,
  values: Record<string, unknown>,
  meant?: string,
): FileProblem {
  const words = (problem: string, fix: string) =>
    problemAt(entry, at, { problem, allowed: "a config key stored with --secret", fix });
  if (looksSecret(key)) {
    const said = words(
      "looks like a secret itself, in plain text",
      "make a new one, because this one is in the file, store it under a name: pulumi config set --secret <name>, and write the name here",
    );
    return { ...said, found: hiddenText };
  }
  const store = `pulumi config set --secret ${key}`;
  if (sectionNames.includes(key)) {
    const fix = "store the secret under a key of its own: pulumi config set --secret <key>";
    return words("a section of the stack file, not a secret", fix);
  }
  if (Object.hasOwn(values, key)) {
    return words("stored in plain text, not as a secret", `store it again, encrypted: ${store}`);
  }
  const hint = meant ? `did you mean "${meant}"? Else ` : "";
  return words("no such secret", `${hint}store it: ${store}`);
}

/** A pull secret that Kubernetes would refuse once half of the stack is there. */
function pullSecretProblems(
  { decrypt, secrets }: Source,
  { entry, at, key }: SecretReference,
): FileProblem[] {
  const text = at[0] === "pullSecrets" && Object.hasOwn(secrets, key) ? decrypt(key) : undefined;
  const problem = text === undefined ? undefined : dockerConfigProblem(key, text);
  if (problem === undefined) return [];
  const words = {
    problem,
    allowed: 'JSON with the key "auths", and in it a login for each registry',
    fix: `store it again: kubectl create secret docker-registry login --docker-server=<registry> --docker-username=<user> --docker-password=<token> --dry-run=client -o jsonpath='{.data.\\.dockerconfigjson}' | base64 -d | pulumi config set --secret ${key}`,
  };
  return [{ ...problemAt(entry, at, words), found: "a secret (not shown)" }];
}

/** What is wrong with a Docker config; Docker Desktop and others keep the logins in a helper of the machine. */
function dockerConfigProblem(key: string, text: string): string | undefined {
  const content = jsonIn(text);
  if (!isMap(content) || !isMap(content.auths)) return `what ${key} holds is not a Docker config`;
  const logins = Object.values(content.auths);
  const empty = logins.filter((login) => !isMap(login) || (!login.auth && !login.username));
  const isElsewhere = logins.length === 0 && (content.credsStore ?? content.credHelpers);
  if (empty.length === 0 && !isElsewhere) return undefined;
  return `the logins of ${key} are in a credential helper of the machine that it comes from`;
}

function jsonIn(text: string): unknown {
  try {
    const content: unknown = JSON.parse(text);
    return content;
  } catch {
    return undefined;
  }
}

/** A secret that no program can be started with. */
function longSecretProblems(
  { decrypt, secrets }: Source,
  { entry, at, key }: SecretReference,
): FileProblem[] {
  if (at.at(-1) !== "secret" || !Object.hasOwn(secrets, key)) return [];
  const problems = lengthProblems(at, decrypt(key) ?? "", `${at.at(-2)}=`);
  return problems.map(({ problem, found, allowed, fix }) => ({
    ...problemAt(entry, at, { problem, allowed, fix }),
    found,
  }));
}

/** A key of a stack file that is neither a section nor a secret that is referred to. */
export function unknownSectionProblem(
  values: Record<string, unknown>,
  key: string,
  found: string,
): ShapeProblem {
  const absent = sectionNames.filter((name) => !Object.hasOwn(values, name));
  const meant = nearest(key, absent) ?? nearest(key, sectionNames);
  return {
    path: [key],
    problem: unknownKey,
    found,
    allowed: `${[...sectionNames].sort().join(", ")}, and secrets that a service or job refers to`,
    fix: meant ? `did you mean "${meant}"?` : `remove it: pulumi config rm ${key}`,
    ...(meant !== undefined && { meant: [meant] }),
  };
}
