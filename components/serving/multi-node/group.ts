import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { sharedMemory } from "../../../catalog/mount-path";
import type { PlacedPool } from "../../cluster/cluster";
import type { Problem } from "../../problem";
import { resources } from "../../workload/container";
import { fastNetwork, together } from "../../workload/interconnect";
import { selectorLabels } from "../../workload/labels";
import type { PodExtras } from "../../workload/pod";
import { gpuDevices } from "../../workload/scheduling";
import type { WorkloadArgs } from "../../workload/workload";

/** How one replica is spread over several nodes: a leader, which takes the requests, and members. */
export interface NodeGroup {
  /** Pods of one replica, each on a node of its own as a rule, 2 to 64. */
  nodes: number;
  /** Arguments of the members; their image is the leader's. */
  memberArgs: readonly string[];
  /** Program of the members, where the image starts it and no command does. @default the command of the service */
  memberCommand?: readonly string[];
}

/** The most nodes that one replica can be spread over. */
export const mostNodes = 64;

/** Label of the pods of one group, by the controller of LeaderWorkerSets (docs/facts.md 21.2). */
const groupLabel = "leaderworkerset.sigs.k8s.io/group-key";

/** Labels that the leaders of an entry's groups alone have. */
export function leaderLabels(entry: string): Record<string, string> {
  return { ...selectorLabels(entry), "leaderworkerset.sigs.k8s.io/worker-index": "0" };
}

/** Labels of the members of an entry's groups in place of their leaders': no Service of the entry leads to them, not even of its next kind. */
export function memberLabels(entry: string): Record<string, string> {
  return { "app.kubernetes.io/name": `${entry}-member` };
}

/** What the pods of a group have besides those of other services: near to each other, with the fast network of their nodes. */
export function groupExtras(
  entry: string,
  { gpus = 0, ...args }: WorkloadArgs,
  pool: PlacedPool | undefined,
): Pick<PodExtras, "podAffinity" | "isOfGroup" | "main"> {
  return {
    podAffinity: together(entry, groupLabel, pool?.interconnect?.within),
    isOfGroup: true,
    main: { resources: resources(args, { ...gpuDevices(gpus, pool), ...fastNetwork(gpus, pool) }) },
  };
}

/** Variable with the seconds in which a group starts: for these its pods wait for each other. */
export const startVariable = "GROUP_STARTUP_SECONDS";

/**
 * Runs the program of a member once. A member whose leader has ended ends, too, and its container is started again: it would join the next
 * leader of that name, which may be of another version. It says nothing, so that its log stays that of the first run.
 */
const once = `mkdir ${sharedMemory}/gpu-serving-member 2>/dev/null || exit 1; exec "$@"`;

/** What the main container of a member has in place of its leader's: it takes no requests, and stays until its leader has finished. */
export function memberContainer(
  { memberArgs, memberCommand }: NodeGroup,
  leaderStop: number,
  command: readonly pulumi.Input<string>[] | undefined = memberCommand,
) {
  return {
    ...(command && { command: ["sh", "-c", once, "member", ...command] }),
    args: [...memberArgs],
    ports: undefined,
    startupProbe: undefined,
    readinessProbe: undefined,
    livenessProbe: undefined,
    // A command ends with the engine, which ends when its leader is gone; a pause of the kubelet would not.
    lifecycle: { preStop: { exec: { command: ["sleep", `${leaderStop}`] } } },
  } satisfies Partial<core.v1.Container>;
}

/** Warns of a pool of which nobody says that its nodes have a fast network. */
export function slowNetwork(pool?: Pick<PlacedPool, "name" | "interconnect">): string[] {
  const { within, resources: cards = {} } = pool?.interconnect ?? {};
  if (!pool || within !== undefined || Object.keys(cards).length > 0) return [];
  return [
    `a replica is spread over several nodes of pool ${pool.name}, of whose network nothing is known: over an ordinary one it answers slowly. Describe it in interconnect of the pool.`,
  ];
}

/** Letters of an entry: the controller adds the numbers of a group and of a pod, and Kubernetes a hash (docs/facts.md 21.6). */
const longestName = 45;

/** What is wrong with a service whose replicas are spread over several nodes; `mounts`: by path, whether they keep pods on one node. */
export function groupProblems(
  name: string,
  nodes: number,
  mounts: Readonly<Record<string, boolean>>,
): Problem[] {
  const problems: Problem[] = [];
  if (name.length > longestName) {
    problems.push({
      ...{ path: ["name"], found: JSON.stringify(name), fix: "shorten it" },
      problem: "name too long for a service whose replicas are spread over several nodes",
      allowed: `at most ${longestName} letters, to which groups and pods add theirs`,
    });
  }
  for (const [path, isTied] of Object.entries(mounts)) {
    if (!isTied) continue;
    problems.push({
      ...{ path: ["mounts", path], found: "a disk" },
      problem: `keeps pods on one node, and a replica is spread over ${nodes}`,
      allowed: "a bucket, a nodeCache, or a claim that many nodes mount",
      fix: "use a volume that many nodes mount, or none",
    });
  }
  return problems;
}
