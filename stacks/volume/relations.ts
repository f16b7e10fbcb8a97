import type { Entry } from "../entry";
import type { NamespaceOf } from "../namespace/relations";
import type { ParsedStack } from "../parse";
import type { PoolSizes } from "../pool/placement";
import { type FileProblem } from "../problems";
import { nothing } from "../words";
import type { VolumeEntry } from "../schema";
import { meantOr } from "../../components/spelling";
import { apartProblems, crowdedProblems, onePodProblems, poolOfNode } from "./access";
import { bucketProblems } from "./buckets";
import { volumeConfigs } from "./make";
import {
  elsewhereProblems,
  memoryProblems,
  mountsOf,
  nestedProblems,
  undeclaredProblems,
  type Volumes,
} from "./mounts";

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
  file: string,
  { volumes: declared, namespaces, cluster }: ParsedStack,
  namespaceOf: NamespaceOf,
  entries: readonly Entry[],
  poolOf: ReadonlyMap<Entry, string>,
  pools: PoolSizes,
): PlacedVolumes {
  const names = Object.keys(namespaces);
  const unplaced = Object.entries(declared).flatMap(([name, volume]) =>
    namespaceProblems(file, name, volume, names),
  );
  const volumes = volumeConfigs(
    Object.fromEntries(
      Object.entries(declared).filter(([name]) => !unplaced.some(({ path }) => path[1] === name)),
    ),
    names,
  );
  const mounts = entries.flatMap(mountsOf);
  const problems = [
    ...unplaced,
    ...bucketProblems(file, cluster, volumes),
    ...claimProblems(file, volumes),
    ...mounts.flatMap((mount) => undeclaredProblems(mount, Object.keys(declared))),
    ...entries.flatMap((entry) => nestedProblems(entry, volumes)),
    ...entries.flatMap((entry) => memoryProblems(entry, volumes)),
    ...apartProblems(volumes, mounts),
  ];
  const followed = new Map<Entry, string>();
  for (const [name, volume] of Object.entries(volumes)) {
    if (volume.kind !== "disk" && volume.kind !== "claim") continue;
    const of = mounts.filter((mount) => mount.volume === name);
    problems.push(...of.flatMap((mount) => elsewhereProblems(mount, volume, namespaceOf)));
    if (volume.access === "one-pod") problems.push(...onePodProblems(name, volume.kind, of));
    if (volume.access !== "one-node") continue;
    const node = poolOfNode(name, of, poolOf);
    problems.push(...node.problems, ...crowdedProblems(file, name, of, poolOf, pools));
    for (const [entry, pool] of node.follow) followed.set(entry, pool);
  }
  return { problems, volumes, poolOf: followed };
}

/** A disk or claim in no namespace, or in one that nobody declares. */
function namespaceProblems(
  file: string,
  name: string,
  { disk, claim, namespace }: VolumeEntry,
  declared: readonly string[],
): FileProblem[] {
  const inNamespace = disk !== undefined || claim !== undefined;
  const isKnown = namespace === undefined ? declared.length === 1 : declared.includes(namespace);
  if (!inNamespace || isKnown) return [];
  const at = { file, path: ["volumes", name, "namespace"], allowed: declared.join(", ") };
  if (namespace === undefined) {
    const fix = `say which namespace's services and jobs mount it, for example namespace: ${declared[0]}`;
    return [{ ...at, problem: "missing", found: nothing, fix }];
  }
  const other = "choose one of these, or declare it under namespaces";
  return [{ ...at, problem: "not a declared namespace", fix: meantOr(namespace, declared, other) }];
}

/** Claims that are another volume's too: those who mount the one would not be kept apart from those who mount the other. */
function claimProblems(file: string, volumes: Volumes): FileProblem[] {
  // The claim of a disk that we make has the disk's name.
  const claims = Object.entries(volumes).flatMap(([name, volume]) => {
    if (volume.kind !== "disk" && volume.kind !== "claim") return [];
    const { kind, namespace } = volume;
    return [{ name, kind, namespace, claim: volume.kind === "claim" ? volume.claim : name }];
  });
  return claims.flatMap(({ name, kind, namespace, claim }, place) => {
    const same = claims.find(
      (other, at) =>
        (other.kind === "disk" || at < place) &&
        other.namespace === namespace &&
        other.claim === claim,
    );
    if (kind !== "claim" || !same) return [];
    return [
      {
        ...{ file, path: ["volumes", name, "claim"] },
        problem: `the claim of volumes.${same.name}, a second time`,
        allowed: "one volume for a claim",
        fix: `remove it, and mount ${same.name} or a folder of it (${same.name}/FOLDER)`,
      },
    ];
  });
}
