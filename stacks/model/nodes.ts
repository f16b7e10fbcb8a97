import { groupProblems } from "../../components/serving/multi-node/group";
import { argumentProblems, entryProblem, isService, nameProblem, type Entry } from "../entry";
import type { Service } from "../entry";
import type { FileProblem } from "../problems";
import type { Sections } from "../schema";
import type { Volumes } from "../volume/mounts";

/** A service that may take several nodes for a replica, in a stack that says nothing of the controller for that. */
export function controllerProblem(
  entry: Service,
  controller: Sections["leaderWorkerSet"],
): FileProblem | [] {
  const { nodesPerReplica = 1 } = entry.fields;
  if (nodesPerReplica === 1 || controller !== undefined) return [];
  return entryProblem(entry, ["nodesPerReplica"], {
    problem: "needs the controller of LeaderWorkerSets, of which the stack file says nothing",
    allowed: "1, or more beside leaderWorkerSet in the stack file",
    fix: "add leaderWorkerSet: install to the stack file, or leaderWorkerSet: existing where the cluster has the controller",
  });
}

/** What is wrong with a service whose replicas are spread over several nodes. */
export function spreadProblems(entry: Service, volumes: Volumes): FileProblem[] {
  const nodes = entry.server?.nodeGroup?.nodes ?? 1;
  if (nodes === 1) return [];
  const mounts = Object.entries(entry.fields.mounts).flatMap(([path, mount]) => {
    // What one pod at a time mounts is refused for several, wherever they run.
    const volume = "volume" in mount ? volumes[mount.volume.split("/", 1)[0] ?? ""] : undefined;
    return volume && "access" in volume ? [[path, volume.access === "one-node"] as const] : [];
  });
  const problems = groupProblems(entry.name, nodes, Object.fromEntries(mounts));
  const { mountedFor = {} } = entry;
  const said = problems.map((problem) => {
    const path = mountedFor[problem.path.slice(1).join("")] ?? problem.path;
    // What is kept between starts is in no bucket.
    const ofCache = { allowed: "a nodeCache, or a claim that many nodes mount (access: any-node)" };
    return { ...problem, path, ...(path[0] === "cache" && ofCache) };
  });
  // Several mounts of one key have the same problem.
  const each = new Map(said.map((problem) => [JSON.stringify(problem), problem]));
  return argumentProblems(entry, [...each.values()]);
}

/** An entry with the name of a group of a service beside it: the controller gives that to a Service of its own (docs/facts.md 21.4). */
export function groupNameProblem(entry: Entry, entries: readonly Entry[]): FileProblem | [] {
  const [, stem] = /^(.+)-(?:0|[1-9]\d*)$/.exec(entry.name) ?? [];
  const of = entries.find(
    (other) =>
      isService(other) &&
      other.name === stem &&
      other.namespace === entry.namespace &&
      (other.fields.nodesPerReplica ?? 1) > 1,
  );
  if (!of) return [];
  return nameProblem(entry, {
    problem: `name of a group of services.${of.name}, whose replicas may be spread over several nodes`,
    allowed: `a name other than ${of.name}-NUMBER beside nodesPerReplica of ${of.name}`,
    fix: "rename it",
  });
}
