import type { ManagedPool } from "../components/clouds/managed";
import { callerFaults, logWayFaults } from "./checks/callers";
import { diskTypeFaults } from "./checks/disk-types";
import { entryFault, type Entry, type ReadJob, type ReadService } from "./checks/entry";
import { exposureFaults } from "./checks/exposure";
import { imageFaults, registryFaults, sidecarImageFaults } from "./checks/images";
import { runOrder } from "./checks/jobs";
import { mountsOf } from "./checks/mounts";
import { nameFaults } from "./checks/names";
import { placeInNamespaces } from "./checks/namespaces";
import { peopleFaults } from "./checks/people";
import { placeOnPools } from "./checks/placement";
import { nodeRoomFaults } from "./checks/node-room";
import { keyFaults, keysForLater, secretReferences } from "./checks/secrets";
import { declaredPools } from "./checks/pools";
import { quotaFaults } from "./checks/quota";
import { preflight as preflightOf } from "./checks/preflight";
import { besideFaults } from "./checks/sidecars";
import { workerFaults } from "./checks/workers";
import { placeVolumes } from "./checks/volumes";
import { schemaFaults } from "./explain";
import { independent, inOrder, StackFaults, type Fault } from "./faults";
import { stackFile, stackFileOfExisting, type ClusterConfig } from "./schema";
import { serviceFiles } from "./service-files";
import { job } from "./job-schema";
import { service } from "./service-schema";
import type { Source } from "./source";
import type { JobConfig, ServiceConfig, Stack } from "./stack";
import { volumeConfigs } from "./volumes";

/** The stack that a source describes; throws {@link StackFaults} with everything that is wrong with it. */
export function check(source: Source): Stack {
  const encrypted = known.filter((key) => Object.hasOwn(source.secrets, key));
  const { files, faults: fileFaults } = serviceFiles(source);
  const entries = files.flatMap((file) => file.entries);
  const references = secretReferences(entries);
  const complete = fileFaults.length === 0 && encrypted.length === 0;
  const keys = keyFaults(source, references, keysForLater(entries), complete);
  const sections = withUnclear(source.values, [...encrypted, ...keys.map(({ meant }) => meant)]);
  const { repeated, faults: repetitions } = namesGivenTwice(entries);
  const namespaces = placeInNamespaces(source.file, sections, files);
  const pools = declaredPools(source.file, sections);
  const placeable = entries.filter((entry) => !repeated.has(entry));
  const placement = pools.placeable
    ? placeOnPools(source.file, sections.pools, pools.placeable, placeable)
    : { poolOf: new Map<Entry, string>(), faults: [] };
  const volumes = placeVolumes(
    source.file,
    sections,
    namespaces,
    placeable,
    placement.poolOf,
    pools.placeable,
  );
  const poolOf = (entry: Entry) => placement.poolOf.get(entry) ?? volumes.poolOf.get(entry);
  const order = runOrder(placeable);
  const preflight = preflightOf(source, sections, pools.managed);
  const faults = independent([
    ...encrypted.map((key) => encryptedFault(source.file, key)),
    ...keys,
    ...schemaFaults(pools.form, own(source.values), source.file).filter(
      ({ at }) => !encrypted.includes(String(at[0])),
    ),
    ...fileFaults,
    ...repetitions,
    ...nameFaults(namespaces, placeable),
    ...namespaces.faults,
    ...placement.faults,
    ...pools.faults,
    ...volumes.faults,
    ...preflight.faults,
    ...entries.flatMap((entry) => imageFaults(entry, source)),
    ...entries.flatMap((entry) => [
      ...sidecarImageFaults(entry, source.stack),
      ...besideFaults(entry, sections.volumes),
    ]),
    ...registryFaults(source.file, sections.cluster, entries),
    ...entries
      .filter((entry): entry is ReadService => entry.section === "services")
      .flatMap((entry) => [
        ...exposureFaults(entry, sections.cluster),
        ...callerFaults(entry, entries),
        ...logWayFaults(entry, entries, sections.namespaces, namespaces),
      ]),
    ...entries
      .filter((entry): entry is ReadJob => entry.section === "jobs")
      .flatMap((entry) => workerFaults(entry, pools.managed[placement.poolOf.get(entry) ?? ""])),
    ...order.faults,
    ...peopleFaults(source.file, sections),
    ...quotaFaults(source.file, sections, namespaces, placeable),
    ...nodeRoomFaults(sections, placeable, poolOf, pools.managed),
    ...diskTypeFaults(
      source.file,
      sections.cluster,
      volumes.read,
      placeable.flatMap(mountsOf),
      poolOf,
      pools.managed,
    ),
  ]);
  if (faults.length > 0) throw new StackFaults(inOrder(faults, layouts(source, files)));

  const checked = pools.form.parse(own(source.values));
  const surroundings = (entry: Entry) => {
    const pool = poolOf(entry);
    const namespace = namespaces.ofFile.get(entry.file);
    if (namespace === undefined)
      throw new Error(`${entry.name} passed the checks without a namespace`);
    const container = entry.fields.container ?? entry.name;
    const after = order.after.get(entry) ?? [];
    return { ...(pool === undefined ? {} : { pool }), namespace, container, after };
  };
  const services: Record<string, ServiceConfig> = {};
  const jobs: Record<string, JobConfig> = {};
  for (const entry of entries) {
    const around = surroundings(entry);
    if (entry.section === "services") {
      services[entry.name] = { ...service.parse(entry.raw), ...around };
    } else {
      jobs[entry.name] = { ...job.parse(entry.raw), ...around };
    }
  }
  return {
    name: source.stack,
    cluster: clusterConfig(own(source.values), pools.managed),
    namespaces: checked.namespaces,
    volumes: volumeConfigs(checked.volumes, Object.keys(checked.namespaces)),
    services,
    jobs,
    warnings: preflight.warnings,
    secrets: source.secrets,
  };
}

/** The cluster with its pools, of a stack file that passed all checks. */
function clusterConfig(
  values: Record<string, unknown>,
  managed: Record<string, ManagedPool>,
): ClusterConfig {
  const { cluster, tags } = stackFile.omit({ pools: true }).strip().parse(values);
  if (cluster.kind !== "existing") return { ...cluster, pools: managed, tags };
  return { ...cluster, pools: stackFileOfExisting.parse(values).pools };
}

const known = Object.keys(stackFile.shape);

/** The sections of a stack file, without secrets and unknown keys. */
function own(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => known.includes(key)));
}

/** The sections, and for those that are misspelt or encrypted something of which no check can tell anything. */
function withUnclear(
  values: Record<string, unknown>,
  unclear: readonly (string | undefined)[],
): Record<string, unknown> {
  const names = known.filter((key) => unclear.includes(key) && !Object.hasOwn(values, key));
  return { ...own(values), ...Object.fromEntries(names.map((key) => [key, true])) };
}

/** Each file with its keys in the order in which a person reads them. */
function layouts({ file, layout }: Source, files: readonly { name: string; content: unknown }[]) {
  return files.map(({ name, content }) => ({ name, content: name === file ? layout : content }));
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

/** Services and jobs of one name, of which only one could be there. */
function namesGivenTwice(entries: readonly Entry[]): { repeated: Set<Entry>; faults: Fault[] } {
  const first = new Map<string, Entry>();
  const repeated = new Set<Entry>();
  for (const entry of entries) {
    if (first.has(entry.name)) repeated.add(entry);
    else first.set(entry.name, entry);
  }
  const faults = [...repeated].map((entry) => {
    const other = first.get(entry.name);
    const there = other?.file === entry.file ? `${other.section}.${other.name}` : other?.file;
    return {
      ...entryFault(entry, [], {
        what: `name given twice, also in ${there}`,
        allowed: "one service or job of a name in all files of a stack",
        remedy: `rename it here or in ${there}`,
      }),
      found: `"${entry.name}"`,
    };
  });
  return { repeated, faults };
}
