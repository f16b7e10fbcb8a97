import { sharedDiskType } from "../../catalog/gke";
import type { ManagedPool } from "../../components/clouds/managed";
import { systemPoolOf } from "../../components/clouds/system-pool";
import { bytes } from "../../values/units";
import type { Entry } from "../entry";
import { unplacedProblem } from "../namespace/relations";
import type { ParsedStack } from "../parse";
import type { OwnNodes, PoolOf, PoolSizes } from "../pool/placement";
import type { FileProblem } from "../problems";
import type { AnyCluster, VolumeEntry } from "../schema";
import type { VolumeConfig } from "../stack";
import { apartProblems, crowdedProblems, onePodProblems, poolOfNode } from "./access";
import { bucketProblems, entryAndBucketProblems } from "./buckets";
import { mountProblems, mountsOf, type Volumes } from "./mounts";

/** What is wrong with volumes and with what mounts them, and on which pool pods go that follow a volume's others. */
export interface PlacedVolumes {
  problems: FileProblem[];
  /** The volumes, without those whose namespace is unknown. */
  volumes: Volumes;
  /** Pool of entries that name none and share a node with entries that do. */
  poolOf: Map<Entry, string>;
}

/** Looks over the volumes of a stack file and what its entries mount. */
export function placeVolumes(
  { volumes: declared, namespaces, cluster }: ParsedStack,
  entries: readonly Entry[],
  poolOf: ReadonlyMap<Entry, string>,
  pools: PoolSizes,
  own: OwnNodes | undefined,
): PlacedVolumes {
  const names = Object.keys(namespaces);
  const problems: FileProblem[] = [];
  const volumes: Record<string, VolumeConfig> = {};
  for (const [name, entry] of Object.entries(declared)) {
    const { disk, claim, namespace = names[0] ?? "" } = entry;
    const missing = "say which namespace's services and jobs mount it";
    const unplaced =
      disk === undefined && claim === undefined
        ? []
        : unplacedProblem(["volumes", name], entry.namespace, names, missing);
    problems.push(...unplaced);
    if (unplaced.length === 0) volumes[name] = volumeConfig(entry, namespace);
  }
  const mounts = entries.flatMap(mountsOf);
  problems.push(
    ...bucketProblems(cluster, volumes),
    ...entryAndBucketProblems(entries, volumes),
    ...claimProblems(volumes),
    ...entries.flatMap((entry) => mountProblems(entry, Object.keys(declared), volumes)),
    ...apartProblems(volumes, mounts),
  );
  const followed = new Map<Entry, string>();
  for (const [name, volume] of Object.entries(volumes)) {
    if (volume.kind !== "disk" && volume.kind !== "claim") continue;
    const of = mounts.filter((mount) => mount.volume === name);
    const crowded = crowdedProblems(name, of, poolOf, pools, own);
    if (volume.access === "one-pod") {
      problems.push(...onePodProblems(name, volume.kind, of, crowded.length === 0));
    }
    if (volume.access !== "one-node") continue;
    const node = poolOfNode(name, of, poolOf);
    problems.push(...node.problems, ...crowded);
    for (const [entry, pool] of node.follow) followed.set(entry, pool);
  }
  return { problems: eachOnce(problems), volumes, poolOf: followed };
}

/** Several mounts of one key have the same problem. */
function eachOnce(problems: readonly FileProblem[]): FileProblem[] {
  return [...new Map(problems.map((one) => [JSON.stringify(one), one])).values()];
}

/** A volume with what its entry leaves to its surroundings filled in. */
function volumeConfig(entry: VolumeEntry, namespace: string): VolumeConfig {
  const { disk, claim, bucket, memory, nodeCache, access = "one-pod", keep = true } = entry;
  if (disk !== undefined) return { kind: "disk", size: disk, keep, namespace, access };
  if (claim !== undefined) return { kind: "claim", claim, namespace, access };
  if (bucket !== undefined) return { kind: "bucket", bucket };
  if (memory !== undefined) return { kind: "memory", size: memory };
  if (nodeCache !== undefined) return { kind: "nodeCache", size: nodeCache };
  throw new Error("a volume passed the checks without saying what it is");
}

/** Claims that are another volume's too: those who mount the one would not be kept apart from those who mount the other. */
function claimProblems(volumes: Volumes): FileProblem[] {
  const claims = Object.entries(volumes).flatMap(([name, volume]) => {
    if (volume.kind !== "disk" && volume.kind !== "claim") return [];
    // The claim of a disk that we make has the disk's name.
    const { kind, namespace, claim } = { claim: name, ...volume };
    return [{ name, kind, namespace, claim }];
  });
  return claims.flatMap(({ name, kind, namespace, claim }, place) => {
    const same = claims.find(
      (other, at) =>
        (other.kind === "disk" || at < place) &&
        other.namespace === namespace &&
        other.claim === claim,
    );
    if (kind !== "claim" || !same) return [];
    return {
      path: ["volumes", name, "claim"],
      problem: `the claim of volumes.${same.name}, a second time`,
      allowed: "one volume for a claim",
      fix: `remove it, and mount ${same.name} or a folder of it (${same.name}/FOLDER)`,
    };
  });
}

/** Smallest Hyperdisk in GiB (docs/facts.md 2.11). */
const leastHyperdisk = 4;

/** Disks that not all machines take whose pods mount them: one of the pods would wait for ever. */
export function diskTypeProblems(
  cluster: AnyCluster,
  volumes: Volumes,
  entries: readonly Entry[],
  poolOf: PoolOf,
  pools: Readonly<Record<string, ManagedPool>>,
): FileProblem[] {
  if (cluster.kind !== "gke") return [];
  const { machine: own } = systemPoolOf("gke", cluster.system);
  const machineOf = (entry: Entry): string | undefined => {
    const pool = poolOf(entry);
    if (pool !== undefined) return pools[pool]?.machine.name;
    const { gpus, pool: named } = entry.fields;
    return gpus > 0 || named !== undefined ? undefined : own.name;
  };
  return Object.entries(volumes).flatMap(([name, volume]) => {
    if (volume.kind !== "disk") return [];
    const users = entries
      .filter((entry) => mountsOf(entry).some((mount) => mount.volume === name))
      .map((entry) => ({ entry: entry.name, machine: machineOf(entry) }));
    const machines = users.flatMap(({ machine }) => machine ?? []);
    // An entry whose pool has a problem of its own has no machine yet.
    if (machines.length < users.length) return [];
    const path = ["volumes", name, "disk"];
    const type = sharedDiskType(machines.map((machine) => ({ name: machine })));
    if (type === undefined) {
      const parts = users.map(({ entry, machine }) => `${entry} on ${machine}`).join(", ");
      return {
        path,
        problem: `no disk that all machines take whose pods mount it: ${parts}`,
        allowed: "machines that take the same disks",
        fix: "mount it on machines of one family, or use a bucket or a claim in its place",
      };
    }
    const isEnough = bytes(volume.size) >= leastHyperdisk * 1024 ** 3;
    if (type !== "hyperdisk-balanced" || isEnough) return [];
    return {
      path,
      problem: `smaller than a Hyperdisk, which is what ${machines[0]} takes`,
      allowed: `${leastHyperdisk}Gi or more`,
      fix: `raise it to ${leastHyperdisk}Gi`,
    };
  });
}
