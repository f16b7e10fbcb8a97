import { entryProblem, isJob, isService, type Entry } from "../entry";
import { inMebibytes, type OwnNodes, type PoolSize, type PoolSizes } from "../pool/placement";
import type { FileProblem } from "../problems";
import type { Mounted, Volumes } from "./mounts";

/** What many nodes mount. */
const fileSystem = "the claim of a file system that many nodes mount (access: any-node)";
const instead = `use a bucket, or ${fileSystem}`;
/** What is kept between starts is in no bucket, which is no disk. */
const insteadOfCache = `use ${fileSystem}, or a nodeCache, which each pod has for itself`;

/** What to use in place of a disk, by the key of an entry that needs it. */
function insteadAt(at: Mounted["at"]): string {
  return at[0] === "cache" ? insteadOfCache : instead;
}

/** The entries of mounts, each once. */
function usersOf(mounts: readonly Mounted[]): Entry[] {
  return [...new Set(mounts.map(({ entry }) => entry))];
}

/** Pods that mount one disk at the same time, on nodes of their own; `fitOneNode`: whether one node could hold them. */
export function onePodProblems(
  name: string,
  kind: "disk" | "claim",
  mounts: readonly Mounted[],
  fitOneNode: boolean,
): FileProblem[] {
  // A service without replicas leaves its volumes to others.
  const running = mounts.filter(({ entry }) => entry.count > 0);
  const users = usersOf(running);
  const server = users.find(isService);
  const accesses = [...(fitOneNode ? ["one-node"] : []), ...(kind === "claim" ? ["any-node"] : [])];
  return running.flatMap(({ entry, at }) => {
    const others = users.filter(
      (other) => other !== entry && (other === server || isService(entry)),
    );
    // Reported where the second one is.
    const second = others.length > 0 && entry !== (server ?? users[0]);
    if (entry.count === 1 && !second) return [];
    const beside = others.map((other) => `${other.section}.${other.name}`).join(", ");
    return entryProblem(entry, at, {
      problem:
        entry.count > 1
          ? `${entry.count} pods on nodes of their own, and the ${kind} ${name} is for one at a time`
          : `${beside} runs at the same time, and the ${kind} ${name} is for one pod at a time`,
      allowed: `one pod at a time${accesses.length > 0 ? `, or access: ${accesses.join(" or ")} on the volume` : ""}`,
      fix: `${insteadAt(at)}${fitOneNode ? `; with access: one-node on volumes.${name} all pods that mount it share one node` : ""}`,
    });
  });
}

/** Entries that share a node because of a volume: what is wrong with that, and the pool of those that name none. */
export function poolOfNode(
  name: string,
  mounts: readonly Mounted[],
  poolOf: ReadonlyMap<Entry, string>,
): { problems: FileProblem[]; follow: [Entry, string][] } {
  const first = usersOf(mounts).find((entry) => poolOf.has(entry));
  const pool = first && poolOf.get(first);
  if (!first || pool === undefined) return { problems: [], follow: [] };
  const problems = mounts.flatMap(({ entry, at }) => {
    const other = poolOf.get(entry) ?? pool;
    if (other === pool) return [];
    return entryProblem(entry, at, {
      problem: `it runs on pool ${other}, and ${first.name}, which mounts ${name} too, on pool ${pool}: no node is of both`,
      allowed: `pods of one pool, because ${name} has access: one-node`,
      fix: `choose one pool for both, or ${insteadAt(at)}`,
    });
  });
  const without = problems.length > 0 ? [] : usersOf(mounts).filter((entry) => !poolOf.has(entry));
  return { problems, follow: without.map((entry) => [entry, pool]) };
}

/** Pods that share a node and together take more than any node that they may run on has. */
export function crowdedProblems(
  name: string,
  mounts: readonly Mounted[],
  poolOf: ReadonlyMap<Entry, string>,
  pools: PoolSizes,
  own: OwnNodes | undefined,
): FileProblem[] {
  const users = usersOf(mounts);
  const [pool, ...others] = new Set(users.flatMap((entry) => poolOf.get(entry) ?? []));
  if (others.length > 0) return [];
  const [what, size] =
    pool === undefined
      ? ([`one of the cluster's own nodes`, own && { gpusPerNode: 0, room: own.room }] as const)
      : ([`a node of pool ${pool}`, pools[pool]] as const);
  if (!size) return [];
  return counted(size).flatMap(({ of, has, inWords, each }) => {
    const taken = (entry: Entry) => entry.count * entry.demand[of];
    // Jobs can run one after the other, beside the services.
    const [largest] = users.filter(isJob).sort((one, other) => taken(other) - taken(one));
    const together = [...users.filter(isService), ...(largest ? [largest] : [])].filter(
      (one) => taken(one) > 0,
    );
    const needed = together.reduce((sum, entry) => sum + taken(entry), 0);
    // A pod that no node holds has a problem of its own.
    if (needed <= has || together.some(({ demand }) => demand[of] > has)) return [];
    const parts = together.map((one) => `${one.name} ${one.count} x ${each(one.demand[of])}`);
    return [
      {
        path: ["volumes", name, "access"],
        problem: `pods that share a node take ${inWords(needed)} together, and ${what} has ${each(has)}`,
        allowed: `${inWords(has)} or ${of === "gpus" ? "fewer" : "less"}, for pods x ${nouns[of]}: ${parts.join(", ")}`,
        fix: `run less beside each other, choose a pool of larger nodes, or ${insteadAt(mounts.find(({ at }) => at[0] === "cache")?.at ?? [])}`,
      },
    ];
  });
}

const nouns = { gpus: "GPUs", cpu: "CPU", memory: "memory" } as const;

/** What is counted on a node: GPUs where there are some, else CPU and memory where they are known. */
function counted({ gpusPerNode, room }: Pick<PoolSize, "gpusPerNode" | "room">) {
  const whole = { of: "gpus" as const, has: gpusPerNode, each: String };
  if (gpusPerNode > 0) return [{ ...whole, inWords: (amount: number) => `${amount} GPUs` }];
  if (!room) return [];
  const millicores = (amount: number) => `${amount}m`;
  return [
    {
      ...{ of: "cpu" as const, has: room.millicores, each: millicores },
      inWords: (amount: number) => `${amount}m of CPU`,
    },
    {
      ...{ of: "memory" as const, has: room.memoryMiB * 1024 ** 2, each: inMebibytes },
      inWords: (amount: number) => `${inMebibytes(amount)} of memory`,
    },
  ];
}

/** Entries that mount two disks, of which others mount one: each disk could be on a node of its own by then. */
export function apartProblems(volumes: Volumes, mounts: readonly Mounted[]): FileProblem[] {
  const onOneNode = mounts.filter(({ volume }) => {
    const config = volumes[volume];
    return config !== undefined && "access" in config && config.access !== "any-node";
  });
  const users = (volume: string) => usersOf(onOneNode.filter((mount) => mount.volume === volume));
  return onOneNode.flatMap(({ entry, at, volume }) => {
    const [apart] = onOneNode
      .filter((mount) => mount.entry === entry && mount.volume !== volume)
      .flatMap(({ volume: other }) => users(other).map((user) => ({ user, other })))
      .filter(({ user }) => !users(volume).includes(user));
    if (!apart) return [];
    const { user, other } = apart;
    return entryProblem(entry, at, {
      problem: `${volume} and ${other} have to be on one node, and ${user.section}.${user.name} can put ${other} on another`,
      allowed: `${volume} and ${other} mounted together wherever one of them is`,
      fix: `use folders of one disk, or ${insteadAt(at)}`,
    });
  });
}
