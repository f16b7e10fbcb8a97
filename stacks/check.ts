import { preflight } from "./cluster/preflight";
import { demandOf, type DemandOf } from "./derived/demand";
import { hasInjectedSidecar } from "./derived/injected-sidecar";
import { isJob, isService, type Entry } from "./entry";
import { imageProblems, registryProblems } from "./image/relations";
import { runOrder } from "./job/order";
import { groupProblems } from "./job/workers";
import { namespaceProblems, placeInNamespaces } from "./namespace/relations";
import { peopleProblems } from "./namespace/people";
import { quotaProblems } from "./namespace/quota";
import { parse, type ParsedStack } from "./parse";
import { nodeSizeProblems } from "./pool/node-size";
import { placeOnPools } from "./pool/placement";
import { describedProblems, managedPools, poolSizes } from "./pool/relations";
import { placed, StackProblems } from "./problems";
import { keyProblems } from "./secret/relations";
import { callerProblems, logReceiverProblems } from "./service/callers";
import { exposedProblems } from "./service/exposure";
import type { Source } from "./source";
import type { Stack } from "./stack";
import { diskTypeProblems } from "./volume/disk-types";
import { placeVolumes } from "./volume/relations";
import { nameProblems, withOwnNames } from "./workload/names";
import { containerProblems } from "./workload/sidecar-relations";

/**
 * The stack that a source describes. Throws {@link StackProblems} with everything that is wrong with the shape of its files, or else with
 * everything that is wrong between their values.
 */
export function check(source: Source): Stack {
  const parsed = parse(source);
  const { file } = source;
  const { cluster, namespaces } = parsed;
  const { entries, problems: repetitions } = withOwnNames(parsed.files.flatMap((of) => of.entries));
  const services = entries.filter(isService);
  const jobs = entries.filter(isJob);
  const { namespaceOf, problems: unplaced } = placeInNamespaces(parsed);
  const managed = managedPools(parsed);
  const sizes = poolSizes(parsed);
  const placement = placeOnPools(file, sizes, entries);
  const volumes = placeVolumes(file, parsed, namespaceOf, entries, placement.poolOf, sizes ?? {});
  const poolOf = (entry: Entry) => placement.poolOf.get(entry) ?? volumes.poolOf.get(entry);
  const demand = demandIn(parsed);
  const order = runOrder(entries);
  const { problems: refused, warnings } = preflight(source, parsed, managed);
  const problems = [
    ...keyProblems(source, entries),
    ...repetitions,
    ...unplaced,
    ...namespaceProblems(file, parsed, entries, namespaceOf),
    ...nameProblems(entries, namespaceOf),
    ...describedProblems(file, parsed),
    ...placement.problems,
    ...volumes.problems,
    ...refused,
    ...entries.flatMap((entry) => [
      ...imageProblems(entry, source),
      ...containerProblems(entry, volumes.volumes),
    ]),
    ...registryProblems(file, cluster, entries),
    ...services.flatMap((entry) => [
      ...exposedProblems(entry, cluster),
      ...callerProblems(entry, entries),
      ...logReceiverProblems(entry, entries, namespaces, namespaceOf),
    ]),
    ...jobs.flatMap((job) => groupProblems(job, managed[placement.poolOf.get(job) ?? ""])),
    ...order.problems,
    ...peopleProblems(file, cluster, namespaces),
    ...quotaProblems(file, namespaces, entries, namespaceOf, demand),
    ...nodeSizeProblems(cluster, entries, poolOf, managed, demand),
    ...diskTypeProblems(file, cluster, volumes.volumes, entries, poolOf, managed),
  ];
  if (problems.length > 0) throw new StackProblems(placed(problems, parsed.read));

  const around = (entry: Entry) => {
    const pool = poolOf(entry);
    const namespace = namespaceOf(entry);
    if (namespace === undefined) throw new Error(`${entry.name} was placed in no namespace`);
    const container = entry.fields.container ?? entry.name;
    return { ...(pool !== undefined && { pool }), namespace, container, after: order.after(entry) };
  };
  return {
    name: source.stack,
    cluster: cluster.kind === "existing" ? cluster : { ...cluster, tags: parsed.tags },
    namespaces,
    volumes: volumes.volumes,
    services: Object.fromEntries(
      services.map((entry) => [entry.name, { ...entry.fields, ...around(entry) }]),
    ),
    jobs: Object.fromEntries(
      jobs.map((entry) => [entry.name, { ...entry.fields, ...around(entry) }]),
    ),
    warnings,
    secrets: source.secrets,
  };
}

/** What entries ask for, with the sidecar that the cluster's cloud may inject. */
function demandIn({ cluster, volumes }: ParsedStack): DemandOf {
  const isBucket = (volume: string) => volumes[volume]?.bucket !== undefined;
  return ({ fields }, pods) => {
    const injectedSidecar = hasInjectedSidecar(cluster.kind, fields, isBucket);
    return demandOf({ ...fields, injectedSidecar }, pods);
  };
}
