import { entryFault, podsOf, type Entry } from "./entry";
import { shown, type Fault } from "../faults";
import type { ReadMount } from "./mounts";
import type { Pools } from "./placement";
import type { ReadVolume } from "./volumes";

const instead =
  "use a bucket, or the claim of a file system that many nodes mount (access: any-node)";

function allowedBeside(kind: ReadVolume["kind"]): string {
  return `one pod at a time, or access: one-node${kind === "claim" ? " or any-node" : ""} on the volume`;
}

/** Pods that mount one disk at the same time, on nodes of their own. */
export function onePodFaults({ name, kind }: ReadVolume, mounts: readonly ReadMount[]): Fault[] {
  const users = [...new Set(mounts.map(({ entry }) => entry))];
  const server = users.find(({ section }) => section === "services");
  return mounts.flatMap(({ entry, at }) => {
    const pods = podsOf(entry);
    const others = users.filter(
      (other) => other !== entry && (other === server || entry.section === "services"),
    );
    if (pods > 1) {
      return [
        entryFault(entry, at, {
          what: `${pods} pods on nodes of their own, and the ${kind} ${name} is for one at a time`,
          allowed: allowedBeside(kind),
          remedy: `${instead}; with access: one-node on volumes.${name} all pods that mount it share one node`,
        }),
      ];
    }
    // Told where the second one is.
    if (others.length === 0 || entry === (server ?? users[0])) return [];
    return [
      entryFault(entry, at, {
        what: `${others.map((other) => `${other.section}.${other.name}`).join(", ")} runs at the same time, and the ${kind} ${name} is for one pod at a time`,
        allowed: allowedBeside(kind),
        remedy: `${instead}; with access: one-node on volumes.${name} all pods that mount it share one node`,
      }),
    ];
  });
}

/** Entries that share a node because of a volume: what is wrong with that, and the pool of those that name none. */
export function onOneNode(
  volume: ReadVolume,
  mounts: readonly ReadMount[],
  poolOf: ReadonlyMap<Entry, string>,
): { faults: Fault[]; follow: Map<Entry, string> } {
  const users = [...new Set(mounts.map(({ entry }) => entry))];
  const pools = [...new Set(users.flatMap((entry) => poolOf.get(entry) ?? []))];
  const [pool] = pools;
  if (pools.length > 1) return { faults: poolFaults(volume, mounts, poolOf), follow: new Map() };
  const without = pool === undefined ? [] : users.filter((entry) => !poolOf.has(entry));
  return { faults: [], follow: new Map(without.map((entry) => [entry, pool ?? ""])) };
}

/** Pods that share a node and are put on nodes of different pools. */
function poolFaults(
  { name }: ReadVolume,
  mounts: readonly ReadMount[],
  poolOf: ReadonlyMap<Entry, string>,
): Fault[] {
  const placed = mounts.filter(({ entry }) => poolOf.has(entry));
  const [first] = placed;
  const pool = first && poolOf.get(first.entry);
  return placed
    .filter(({ entry }) => poolOf.get(entry) !== pool)
    .map(({ entry, at }) =>
      entryFault(entry, at, {
        what: `it runs on pool ${poolOf.get(entry)}, and ${first?.entry.name}, which mounts ${name} too, on pool ${pool}: no node is of both`,
        allowed: `pods of one pool, because ${name} has access: one-node`,
        remedy: `choose one pool for both, or ${instead}`,
      }),
    );
}

/** Pods that share a node and together take more GPUs than any node of their pool has. */
export function crowdedFaults(
  file: string,
  { name }: ReadVolume,
  mounts: readonly ReadMount[],
  poolOf: ReadonlyMap<Entry, string>,
  pools: Pools,
): Fault[] {
  const users = [...new Set(mounts.map(({ entry }) => entry))];
  const unclear = users.some(({ broken }) =>
    ["gpus", "pool", "replicas", "workers"].some((key) => broken.has(key)),
  );
  const [pool, ...others] = [...new Set(users.flatMap((entry) => poolOf.get(entry) ?? []))];
  const declared = pool === undefined ? undefined : pools.get(pool);
  if (!declared || unclear || others.length > 0 || declared.broken.has("gpusPerNode")) return [];
  const { gpusPerNode = 1 } = declared.fields;
  const gpusOf = (entry: Entry) => podsOf(entry) * (entry.fields.gpus ?? 0);
  const services = users.filter(({ section }) => section === "services");
  // Jobs can run one after the other, beside the services.
  const [largest] = users
    .filter(({ section }) => section === "jobs")
    .sort((one, other) => gpusOf(other) - gpusOf(one));
  const together = [...services, ...(largest ? [largest] : [])].filter((one) => gpusOf(one) > 0);
  const needed = together.reduce((sum, entry) => sum + gpusOf(entry), 0);
  if (needed <= gpusPerNode) return [];
  const parts = together.map((one) => `${one.name} ${podsOf(one)} x ${one.fields.gpus ?? 0}`);
  return [
    {
      ...{ file, at: ["volumes", name, "access"] },
      what: `pods that share a node take ${needed} GPUs together, and a node of pool ${pool} has ${gpusPerNode}`,
      found: shown("one-node"),
      allowed: `${gpusPerNode} GPUs or fewer, for pods x GPUs: ${parts.join(", ")}`,
      remedy: `run less beside each other, choose a pool of larger nodes, or ${instead}`,
    },
  ];
}

/** Entries that mount two disks, of which others mount one: each disk could be on a node of its own by then. */
export function apartFaults(
  volumes: ReadonlyMap<string, ReadVolume>,
  mounts: readonly ReadMount[],
): Fault[] {
  const onOneNode = mounts.filter(({ volume }) => {
    const access = volumes.get(volume)?.access;
    return access === "one-node" || (access === "one-pod" && isDisk(volumes.get(volume)));
  });
  const usersOf = (volume: string) =>
    new Set(onOneNode.filter((mount) => mount.volume === volume).map(({ entry }) => entry));
  return onOneNode.flatMap(({ entry, at, volume }) => {
    const others = onOneNode.filter((mount) => mount.entry === entry && mount.volume !== volume);
    const apart = others.find(({ volume: other }) =>
      [...usersOf(other)].some((user) => !usersOf(volume).has(user)),
    );
    if (!apart) return [];
    const [who] = [...usersOf(apart.volume)].filter((user) => !usersOf(volume).has(user));
    return [
      entryFault(entry, at, {
        what: `${volume} and ${apart.volume} have to be on one node, and ${who?.section}.${who?.name} can put ${apart.volume} on another`,
        allowed: `${volume} and ${apart.volume} mounted together wherever one of them is`,
        remedy: `use folders of one disk, or ${instead}`,
      }),
    ];
  });
}

function isDisk(volume: ReadVolume | undefined): boolean {
  return volume?.kind === "disk" || volume?.kind === "claim";
}
