import { placeholderNameProblem, scalingProblems } from "./autoscaling/relations";
import { unreadFigures } from "./autoscaling/readings";
import { preflight } from "./cluster/preflight";
import { isJob, isService, type Entry } from "./entry";
import { imageProblems, registryProblems } from "./image/relations";
import { groupProblems, runOrder } from "./job/relations";
import { controllerProblem, groupNameProblem, spreadProblems } from "./model/nodes";
import { withServers } from "./model/serve";
import { installedNamespaceProblems } from "./namespace/installed";
import { namespaceProblems } from "./namespace/relations";
import { monitoringSizeProblems } from "./observability/node-size";
import { observabilityProblems } from "./observability/relations";
import { parse } from "./parse";
import { nodeSizeProblems } from "./pool/node-size";
import { placeOnPools } from "./pool/placement";
import { describedProblems, managedPools, ownNodes, poolSizes } from "./pool/relations";
import { noteLine, placed, StackProblems, UnseenValues, type FileProblem } from "./problems";
import { keyProblems } from "./secret/relations";
import { callerProblems, exposedProblems, logReceiverProblem } from "./service/relations";
import type { Source } from "./source";
import type { Stack } from "./stack";
import { diskTypeProblems, placeVolumes } from "./volume/relations";
import { containerProblems, takenNameProblem, withOwnNames } from "./workload/relations";

/**
 * The stack that a source describes. Throws {@link StackProblems} with everything that is wrong with the shape of its files, or else with
 * everything that is wrong between their values.
 */
export function check(source: Source): Stack {
  const parsed = parse(source);
  const { file } = source;
  const { cluster, namespaces, leaderWorkerSet } = parsed;
  const { entries: said, problems: repetitions } = withOwnNames(
    parsed.files.flatMap((of) => of.entries),
  );
  const sizes = poolSizes(parsed);
  const { entries, ...served } = withServers(said, parsed, sizes, source.folder);
  const services = entries.filter(isService);
  const jobs = entries.filter(isJob);
  const managed = managedPools(parsed);
  const own = ownNodes(parsed);
  const placement = placeOnPools(file, sizes, entries, own);
  const { volumes, ...followed } = placeVolumes(
    parsed,
    entries,
    placement.poolOf,
    sizes ?? {},
    own,
  );
  const poolOf = (entry: Entry) => placement.poolOf.get(entry) ?? followed.poolOf.get(entry);
  const order = runOrder(entries);
  const { problems: refused, warnings } = preflight(source, parsed, managed);
  const certain: FileProblem[] = [
    ...keyProblems(source, said, parsed.observability),
    ...repetitions,
  ];
  const others: FileProblem[] = [
    ...served.problems,
    ...observabilityProblems(parsed, source.values),
    ...installedNamespaceProblems(parsed),
    ...namespaceProblems(parsed, entries, (entry) => sizes?.[poolOf(entry) ?? ""]?.resource),
    ...describedProblems(file, parsed),
    ...placement.problems,
    ...followed.problems,
    ...refused,
    ...registryProblems(file, cluster, entries),
    ...entries.flatMap((entry) => takenNameProblem(entry, entries)),
    ...entries.flatMap((entry) => imageProblems(entry, source)),
    ...entries.flatMap((entry) => containerProblems(entry, volumes, parsed, poolOf(entry))),
    ...entries.flatMap((entry) => placeholderNameProblem(entry, entries)),
    ...services.flatMap((entry) => scalingProblems(entry, parsed, poolOf(entry))),
    ...unreadFigures(
      parsed,
      services.map(({ fields, server }) => ({ ...fields, server })),
    ),
    ...services.flatMap((entry) => exposedProblems(entry, cluster)),
    ...services.flatMap((entry) => controllerProblem(entry, leaderWorkerSet)),
    ...services.flatMap((entry) => spreadProblems(entry, volumes)),
    ...entries.flatMap((entry) => groupNameProblem(entry, entries)),
    ...services.flatMap((entry) => callerProblems(entry, entries, Object.keys(namespaces))),
    ...services.flatMap((entry) => logReceiverProblem(entry, entries, namespaces)),
    ...jobs.flatMap((job) => groupProblems(job, managed[placement.poolOf.get(job) ?? ""])),
    ...order.problems,
    ...nodeSizeProblems(cluster, entries, poolOf, sizes ?? {}, own),
    ...monitoringSizeProblems(parsed, sizes ?? {}, own),
    ...diskTypeProblems(cluster, volumes, entries, poolOf, managed),
  ];
  const refusedOf = (all: readonly FileProblem[]) =>
    placed(
      all.filter(({ warning }) => !warning),
      parsed.read,
    );
  const notes = placed(
    others.filter(({ warning }) => warning),
    parsed.read,
  );
  const problems = refusedOf(source.unopened ? certain : [...certain, ...others]);
  if (problems.length > 0) throw new StackProblems(problems);
  const unseen = refusedOf(others);
  if (unseen.length > 0) throw new UnseenValues(source.stack, unseen);

  const around = (entry: Entry) => {
    const { name, namespace, count, demand } = entry;
    if (namespace === undefined) throw new Error(`${name} was placed in no namespace`);
    const pool = poolOf(entry);
    const { container = name } = entry.fields;
    const { shape, own: ownValues, server, streams } = isService(entry) ? entry : {};
    const ofModel = {
      ...(shape && { shape }),
      ...(ownValues && { own: ownValues }),
      ...(server && { server }),
      ...(streams !== undefined && { streams }),
    };
    const derived = { namespace, container, after: order.after(entry), count, demand, ...ofModel };
    return { ...(pool !== undefined && { pool }), ...derived };
  };
  const configs = <Fields extends object>(of: readonly (Entry & { fields: Fields })[]) =>
    Object.fromEntries(of.map((entry) => [entry.name, { ...entry.fields, ...around(entry) }]));
  return {
    name: source.stack,
    cluster: cluster.kind === "existing" ? cluster : { ...cluster, tags: parsed.tags },
    placements: served.placements,
    ...(parsed.autoscaling && { autoscaling: parsed.autoscaling }),
    ...(leaderWorkerSet && { leaderWorkerSet }),
    ...{ namespaces, volumes, services: configs(services), jobs: configs(jobs) },
    ...(parsed.observability && { observability: parsed.observability }),
    ...{ warnings: [...warnings, ...notes.map(noteLine)], secrets: source.secrets },
  };
}
