import { entryFault, type Entry } from "./entry";
import { schemaFaults } from "./explain";
import { exposureFaults } from "./exposure";
import { inOrder, StackFaults, type Fault } from "./faults";
import { imageVersion } from "./image";
import { placeInNamespaces } from "./namespaces";
import { placeOnPools } from "./placement";
import { salvageAll } from "./salvage";
import { pool, service, stackFile } from "./schema";
import { secretFaults, secretReferences } from "./secrets";
import { serviceFiles } from "./service-files";
import type { Source } from "./source";
import type { ServiceConfig, Stack } from "./stack";

/** The stack that may leave versions of images out, because there they are made. */
const developmentStack = "dev";

/** The stack that a source describes; throws {@link StackFaults} with everything that is wrong with it. */
export function check(source: Source): Stack {
  const known = Object.keys(stackFile.shape);
  const encrypted = known.filter((key) => Object.hasOwn(source.secrets, key));
  const sections: Record<string, unknown> = Object.fromEntries([
    ...Object.entries(source.values).filter(([key]) => known.includes(key)),
    // Of an encrypted section nothing can be told, as of one of the wrong type.
    ...encrypted.map((key): [string, unknown] => [key, true]),
  ]);
  const { files, faults: fileFaults } = serviceFiles(source, sections);
  const entries = files.flatMap((file) => file.entries);
  const { repeated, faults: repetitions } = namesGivenTwice(entries);
  const namespaces = placeInNamespaces(files);
  const placement = placeOnPools(
    source.file,
    sections.pools,
    salvageAll(pool.partial(), sections.pools),
    entries.filter((entry) => !repeated.has(entry)),
  );
  const references = secretReferences(entries);
  const faults = [
    ...encrypted.map((key) => encryptedFault(source.file, key)),
    ...schemaFaults(stackFile, sections, source.file).filter(
      ({ at }) => !encrypted.includes(String(at[0])),
    ),
    ...fileFaults,
    ...repetitions,
    ...namespaces.faults,
    ...placement.faults,
    ...entries.flatMap((entry) => imageFaults(entry, source.stack)),
    ...entries.flatMap((entry) => exposureFaults(entry, sections.cluster)),
    ...secretFaults(source, references, fileFaults.length === 0 && encrypted.length === 0),
  ];
  if (faults.length > 0) throw new StackFaults(inOrder(faults, layouts(source, files)));

  const { cluster, namespaces: declared, pools } = stackFile.parse(sections);
  const services = entries.map((entry): [string, ServiceConfig] => {
    const pool = placement.poolOf.get(entry);
    const config = {
      ...service.parse(entry.raw),
      ...(pool === undefined ? {} : { pool }),
      namespace: namespaces.ofFile.get(entry.file) ?? "",
      container: entry.fields.container ?? entry.name,
    };
    return [entry.name, config];
  });
  const secrets = Object.entries(source.secrets).filter(([key]) =>
    references.some((reference) => reference.key === key),
  );
  return {
    name: source.stack,
    cluster,
    pools,
    namespaces: declared,
    services: Object.fromEntries(services),
    secrets: Object.fromEntries(secrets),
  };
}

/** Each file with its keys in the order in which a person reads them. */
function layouts({ file, layout }: Source, files: readonly { name: string; content: unknown }[]) {
  return files.map(({ name, content }) => ({ name, content: name === file ? layout() : content }));
}

function encryptedFault(file: string, key: string): Fault {
  return {
    file,
    at: [key],
    what: "a section with something encrypted in it",
    found: "a secret (not shown)",
    allowed: "plain text; secrets are config keys of their own",
    remedy:
      "store the secret with pulumi config set --secret <key>, and refer to it: { secret: <key> }",
  };
}

/** Services of one name, of which only one could be there. */
function namesGivenTwice(entries: readonly Entry[]): { repeated: Set<Entry>; faults: Fault[] } {
  const first = new Map<string, Entry>();
  const repeated = new Set<Entry>();
  for (const entry of entries) {
    if (first.has(entry.name)) repeated.add(entry);
    else first.set(entry.name, entry);
  }
  const faults = [...repeated].map((entry) => ({
    ...entryFault(entry, [], {
      what: `name given twice, also in ${first.get(entry.name)?.file}`,
      allowed: "one service of a name in all files of a stack",
      remedy: `rename it here or in ${first.get(entry.name)?.file}`,
    }),
    found: `"${entry.name}"`,
  }));
  return { repeated, faults };
}

function imageFaults(entry: Entry, stack: string): Fault[] {
  const { image } = entry.fields;
  const version = image === undefined ? undefined : imageVersion(image);
  if (!image || !version || version.digest || stack === developmentStack) return [];
  if (version.tag !== undefined && version.tag !== "latest") return [];
  const repository = image.replace(/:latest$/, "");
  return [
    entryFault(entry, ["image"], {
      what: version.tag ? "tag latest: nobody can tell what runs" : "no tag or digest",
      allowed: `a tag other than latest, or a digest, in every stack but ${developmentStack}`,
      remedy: `name the version, for example "${repository}:v1"`,
    }),
  ];
}
