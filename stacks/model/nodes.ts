import { groupProblems } from "../../components/serving/multi-node/group";
import { argumentProblems, entryProblem, type Service } from "../entry";
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
  const said = problems.map((problem) => ({
    ...problem,
    path: mountedFor[problem.path.slice(1).join("")] ?? problem.path,
  }));
  // Several mounts of one key have the same problem.
  const each = new Map(said.map((problem) => [JSON.stringify(problem), problem]));
  return argumentProblems(entry, [...each.values()]);
}
