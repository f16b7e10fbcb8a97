import { meantOr } from "../../components/spelling";
import { isPodsOwn } from "../../components/workload/volumes";
import { volumeAndFolder } from "../../values/mount";
import { bytes } from "../../values/units";
import { entryProblem, isService, type Entry } from "../entry";
import type { FileProblem } from "../problems";
import type { VolumeConfig } from "../stack";
import type { Path } from "../words";

/** A volume that an entry mounts, and where. */
export interface Mounted {
  entry: Entry;
  /** Where in the entry it says so. */
  at: Path;
  /** Path in the container. */
  path: string;
  /** Name of the volume, with the folder of it: `models/digits`. */
  folder: string;
  /** Name of the volume. */
  volume: string;
  /** What it says of writing; volumes of a pod's own are written without a word. */
  write?: boolean;
}

/** Volumes of the stack file by name, without those whose namespace is unknown. */
export type Volumes = Readonly<Record<string, VolumeConfig>>;

/** What all containers of an entry mount. */
export function mountsOf(entry: Entry): Mounted[] {
  const from = isService(entry) ? entry.fields.modelUpdates?.from : undefined;
  if (from === undefined) return mountsOfMain(entry);
  const { volume } = volumeAndFolder(from);
  const at = ["modelUpdates", "from"];
  return [...mountsOfMain(entry), { entry, at, path: "/source", folder: from, volume }];
}

/** Volumes that the pods of an entry mount, or read without a mount. */
export function readBy(entry: Entry): string[] {
  const streams = isService(entry) ? entry.streams : undefined;
  const mounted = mountsOf(entry).map(({ volume }) => volume);
  return streams === undefined ? mounted : [...mounted, streams];
}

/** What the main container of an entry mounts, and with it the user's sidecars. */
function mountsOfMain(entry: Entry): Mounted[] {
  const { mountedFor = {} } = isService(entry) ? entry : {};
  return Object.entries(entry.fields.mounts).flatMap(([path, mount]) => {
    // Existing Secrets and ConfigMaps are no volumes of the stack file.
    if (!("volume" in mount)) return [];
    const { volume: folder, write } = mount;
    const { volume } = volumeAndFolder(folder);
    const at = mountedFor[path] ?? ["mounts", path];
    return [{ entry, at, path, folder, volume, write }];
  });
}

/** Paths of mounts of an entry's main container that it cannot write to. */
export function readOnlyPaths(entry: Entry, volumes: Volumes): string[] {
  const ofVolumes = mountsOfMain(entry).filter(({ volume, write }) => {
    const kind = volumes[volume]?.kind;
    return kind !== undefined && !(write ?? isPodsOwn(kind));
  });
  const existing = Object.entries(entry.fields.mounts).filter(([, mount]) => !("volume" in mount));
  return [...ofVolumes.map(({ path }) => path), ...existing.map(([path]) => path)];
}

/** What is wrong with what an entry mounts, whoever else mounts it. */
export function mountProblems(
  entry: Entry,
  declared: readonly string[],
  volumes: Volumes,
): FileProblem[] {
  return [
    mountsOf(entry).flatMap(({ at, volume: name }) => {
      const volume = volumes[name];
      if (!declared.includes(name)) {
        const other = "choose a declared volume, or declare it under volumes in the stack file";
        return entryProblem(entry, at, {
          problem: `volume ${name} is not declared`,
          allowed: declared.join(", ") || "none: no volumes are declared",
          fix: meantOr(name, declared, other),
        });
      }
      const own = entry.namespace;
      if (!volume || !("namespace" in volume)) return [];
      if (own === undefined || own === volume.namespace) return [];
      return entryProblem(entry, at, {
        problem: `the ${volume.kind} ${name} is in namespace ${volume.namespace}, and this is for namespace ${own}`,
        allowed: `a volume of namespace ${own}, or one of kind bucket, memory or nodeCache`,
        fix: `use a bucket, declare another volume with namespace: ${own}, or move the entry`,
      });
    }),
    nestedProblems(entry, volumes),
    memoryProblem(entry, volumes),
  ].flat();
}

/** A mount inside a read-only one, where nobody can make the folder to mount it at. */
function nestedProblems(entry: Entry, volumes: Volumes): FileProblem[] {
  const readOnly = readOnlyPaths(entry, volumes);
  return Object.keys(entry.fields.mounts).flatMap((inner) => {
    const outer = readOnly.find((path) => inner.startsWith(`${path}/`));
    if (outer === undefined) return [];
    return entryProblem(entry, ["mounts", inner], {
      problem: `inside ${outer}, which is mounted read-only, so that there is no folder to mount it at`,
      allowed: `a path outside of ${outer}`,
      fix: `mount it elsewhere, or mount ${outer} with write: true if it is a volume`,
    });
  });
}

/** Volumes in memory that leave the pod none for itself. */
function memoryProblem(entry: Entry, volumes: Volumes): FileProblem | [] {
  const names = [...new Set(mountsOf(entry).map(({ volume }) => volume))];
  const inMemory = names.flatMap((name) => {
    const volume = volumes[name];
    return volume?.kind === "memory" ? [{ name, size: volume.size }] : [];
  });
  const sum = inMemory.reduce((all, { size }) => all + bytes(size), 0);
  const { memory } = entry.fields;
  if (sum === 0 || (memory !== undefined && bytes(memory) > sum)) return [];
  const parts = inMemory.map(({ name, size }) => `${size} for ${name}`).join(" and ");
  return entryProblem(entry, ["memory"], {
    problem:
      memory === undefined
        ? "missing beside a volume in memory, which is part of it"
        : "no more than its volumes in memory may take of it",
    allowed: `more than ${parts}`,
    fix: "write what the program needs and the size of these volumes, in one sum",
  });
}
