import { roomOf, type NodeRoom } from "../../catalog/cpu-nodes";
import { cheapestCpuMachine, type CpuMachine } from "../../catalog/machines";
import { holdsOne } from "../../components/workload/spare";
import { boundsOf, type Demand } from "../derived/demand";
import { entryProblem, type Entry } from "../entry";
import type { FileProblem } from "../problems";
import type { AnyCluster } from "../schema";
import { inMebibytes, type OwnNodes, type PoolOf, type PoolSize } from "./placement";

/** A node that pods can be put on: what it is, in words, and what it leaves for them. */
interface Node {
  what: string;
  room: NodeRoom;
}

type Pools = Readonly<Record<string, PoolSize | undefined>>;

/** Pods that ask for more CPU or memory than any node that they may run on has: they would wait for ever. */
export function nodeSizeProblems(
  { kind }: AnyCluster,
  entries: readonly Entry[],
  poolOf: PoolOf,
  pools: Pools,
  own: OwnNodes | undefined,
): FileProblem[] {
  return entries.flatMap((entry) => {
    const pool = poolOf(entry);
    const { gpus, pool: named } = entry.fields;
    const nodes =
      pool !== undefined
        ? nodesOf([pool], pools)
        : gpus > 0 || named !== undefined || !own
          ? []
          : (nodesForAll(pools, own) ?? []);
    const fix = remedy(entry, pools, kind);
    return pool === undefined && kind === "existing" && gpus === 0 && named === undefined
      ? largerThanDescribed(entry, pools, fix)
      : tooLarge(entry, nodes, fix);
  });
}

/** Pods that no described node holds: told, and not refused, because a cluster that exists may have nodes that nobody described. */
function largerThanDescribed(entry: Entry, pools: Pools, fix: string): FileProblem[] {
  const nodes = nodesForAll(pools);
  if (!nodes) return [];
  return tooLarge(entry, nodes, fix, "any described node").map((of) => ({
    ...{ ...of, problem: `${of.problem}; ${of.allowed}`, warning: true },
  }));
}

/** Nodes for pods of no pool: the cluster's own, where it is known which these are, and those of open pools; undefined: one of these may have any size. */
export function nodesForAll(pools: Pools, own?: OwnNodes): Node[] | undefined {
  const open = Object.keys(pools).filter((name) => pools[name]?.open);
  if (!own && open.some((name) => !pools[name]?.room)) return undefined;
  const ours = own && {
    what: `one of the cluster's own nodes (${own.machine})`,
    room: own.room,
  };
  return [...(ours ? [ours] : []), ...nodesOf(open, pools)];
}

/** Nodes of pools of which it is known what they leave for pods. */
function nodesOf(names: readonly string[], pools: Pools): Node[] {
  return names.flatMap((name) => {
    const { room, machine } = pools[name] ?? {};
    const what = `a node of pool ${name}${machine === undefined ? "" : ` (${machine})`}`;
    return room ? [{ what, room }] : [];
  });
}

function exceeded({ cpu, memory }: Demand, { millicores, memoryMiB }: NodeRoom) {
  return [
    ...(cpu > millicores ? (["cpu"] as const) : []),
    ...(memory > memoryMiB * 1024 ** 2 ? (["memory"] as const) : []),
  ];
}

/** What is too much on the node that comes nearest; nothing where one of them has room. */
function tooLarge(
  entry: Entry,
  nodes: readonly Node[],
  fix: string,
  any = "any node",
): FileProblem[] {
  const { demand } = entry;
  const [nearest] = nodes
    .map((node) => ({ ...node, over: exceeded(demand, node.room) }))
    .sort((a, b) => a.over.length - b.over.length || b.room.millicores - a.room.millicores);
  if (!nearest) return [];
  const { what, room, over } = nearest;
  const words = {
    cpu: [`${demand.cpu}m`, `${room.millicores}m`],
    memory: [inMebibytes(demand.memory), `${room.memoryMiB}Mi`],
  } as const;
  return over.map((of) =>
    entryProblem(entry, [...largestPart(entry, of, room), of], {
      problem: `more than ${any} has: its pods ask for ${words[of][0]} with all their containers`,
      allowed: `at most ${words[of][1]} for a whole pod: what ${what} leaves`,
      fix: `lower it, or ${fix}`,
    }),
  );
}

/** The init container that alone asks for more than the node has; nothing: all containers together do. */
function largestPart({ fields }: Entry, of: "cpu" | "memory", { millicores, memoryMiB }: NodeRoom) {
  const most = { cpu: millicores, memory: memoryMiB * 1024 ** 2 };
  const asked = (one: { cpu?: string; memory?: string }) =>
    one[of] === undefined ? 0 : boundsOf(one)[of];
  const { initContainers = [] } = fields;
  if (asked(fields) > most[of]) return [];
  const place = initContainers.findIndex((one) => asked(one) > most[of]);
  return place < 0 ? [] : ["initContainers", place];
}

/** Where else such pods could run: on pools whose nodes have room, or on one that has yet to be declared. */
function remedy({ fields, demand }: Entry, pools: Pools, kind: AnyCluster["kind"]) {
  const { gpus, image } = fields;
  const larger = Object.entries(pools).flatMap(([name, size]) => {
    if (!size?.room || exceeded(demand, size.room).length > 0) return [];
    return gpus > 0 ? (size.gpusPerPod >= gpus ? [name] : []) : size.gpusPerNode > 0 ? [] : [name];
  });
  if (larger.length > 0) {
    const arm = larger.filter((name) => pools[name]?.arm);
    const amd = larger.filter((name) => !arm.includes(name));
    // What is built here is built for the nodes that it runs on.
    const fitting = image === undefined || amd.length === 0 ? larger : amd;
    const needed =
      image !== undefined && amd.length === 0 ? ", if its images are there for arm64" : "";
    return `run it on a pool of larger nodes: pool: ${fitting.join(" or ")}${needed}`;
  }
  if (kind === "existing") return "describe nodes with room for it under pools";
  const isEnough = (one: CpuMachine) =>
    holdsOne({ gpusPerNode: 0, room: roomOf(one.cloud, one) }, demand);
  const machine = gpus > 0 ? undefined : cheapestCpuMachine(kind, "amd64", isEnough);
  return machine
    ? `declare a pool whose nodes have room for it: pools: { cpu: { machine: ${machine.name}, nodes: { max: 4 } } }`
    : "give it a pool of larger machines";
}
