import { isPodsOwn } from "../../components/workload/volumes";
import { entryFault, type Entry } from "./entry";
import { isMap, valueAt } from "../lookup";
import type { Fault } from "../faults";
import type { Namespaces } from "./namespaces";
import { nearest } from "../spelling";
import { bytes } from "../values/units";
import { mount, mountPath, volumeAndFolder, volumeFolder } from "../values/mount";
import type { ReadVolume } from "./volumes";

/** A volume that an entry mounts, and where. */
export interface ReadMount {
  entry: Entry;
  /** Where in the entry it says so. */
  at: (string | number)[];
  /** Path in the container. */
  path: string;
  /** Name of the volume. */
  volume: string;
  /** What it says of writing; volumes of a pod's own are written without a word. */
  write?: boolean;
}

/** What all containers of an entry mount, as far as it can be read. */
export function mountsOf(entry: Entry): ReadMount[] {
  const source = valueAt(entry.raw, ["modelUpdates", "from"]);
  const models =
    entry.section === "services" && volumeFolder.safeParse(source).success
      ? [
          {
            entry,
            at: ["modelUpdates", "from"],
            path: "/source",
            volume: volumeAndFolder(String(source)).volume,
          },
        ]
      : [];
  return [...mountsOfMain(entry), ...models];
}

/** What the main container of an entry mounts, and with it the user's sidecars. */
function mountsOfMain(entry: Entry): ReadMount[] {
  const raw = valueAt(entry.raw, ["mounts"]);
  // One by one, so that a mount with a fault does not hide those of the others.
  return Object.entries(isMap(raw) ? raw : {}).flatMap(([path, found]) => {
    const read = mountPath.safeParse(path).success ? mount.safeParse(found).data : undefined;
    if (read === undefined) return [];
    const { volume: text, write } = read;
    const { volume } = volumeAndFolder(text);
    return [{ entry, at: ["mounts", path], path, volume, ...(write !== undefined && { write }) }];
  });
}

/** A mount of a volume that nobody declares. */
export function undeclaredFaults({ entry, at, volume }: ReadMount, names: string[]): Fault[] {
  if (names.includes(volume)) return [];
  const meant = nearest(volume, names);
  return [
    entryFault(entry, at, {
      what: `${volume} is no declared volume`,
      allowed: names.length > 0 ? names.join(", ") : "none: no volumes are declared",
      remedy: meant
        ? `did you mean "${meant}"?`
        : "choose a declared volume, or declare it under volumes in the stack file",
    }),
  ];
}

/** A mount inside a read-only one, where nobody can make the folder to mount it at. */
export function nestedFaults(entry: Entry, volumes: ReadonlyMap<string, ReadVolume>): Fault[] {
  const mounts = mountsOfMain(entry);
  const readOnly = mounts.filter(({ volume, write }) => {
    const kind = volumes.get(volume)?.kind;
    // Of a volume that cannot be read nothing can be told.
    return kind !== undefined && !(write ?? isPodsOwn(kind));
  });
  return mounts.flatMap((inner) => {
    const outer = readOnly.find(({ path }) => inner.path.startsWith(`${path}/`));
    if (!outer) return [];
    return [
      entryFault(entry, inner.at, {
        what: `inside ${outer.path}, which is mounted read-only, so that there is no folder to mount it at`,
        allowed: `a path outside of ${outer.path}`,
        remedy: `mount it elsewhere, or mount ${outer.path} with write: true`,
      }),
    ];
  });
}

/** Volumes in memory that leave the pod none for itself. */
export function memoryFaults(entry: Entry, volumes: ReadonlyMap<string, ReadVolume>): Fault[] {
  if (entry.broken.has("memory")) return [];
  const names = new Set(mountsOf(entry).map(({ volume }) => volume));
  const inMemory = [...names].flatMap((name) => {
    const volume = volumes.get(name);
    return volume?.kind === "memory" ? [volume] : [];
  });
  const sum = inMemory.reduce((all, { of }) => all + bytes(of), 0);
  const { memory } = entry.fields;
  if (sum === 0 || (memory !== undefined && bytes(memory) > sum)) return [];
  const parts = inMemory.map(({ name, of }) => `${of} for ${name}`).join(" and ");
  return [
    entryFault(entry, ["memory"], {
      what:
        memory === undefined
          ? "missing beside a volume in memory, which is part of it"
          : "no more than its volumes in memory may take of it",
      allowed: `more than ${parts}`,
      remedy: "write what the program needs and the size of these volumes, in one sum",
    }),
  ];
}

/** A mount of a disk or claim that is in another namespace. */
export function elsewhereFaults(
  { entry, at }: ReadMount,
  { name, kind, namespace }: ReadVolume,
  { ofFile }: Pick<Namespaces, "ofFile">,
): Fault[] {
  const own = ofFile.get(entry.file);
  if (own === undefined || namespace === undefined || own === namespace) return [];
  return [
    entryFault(entry, at, {
      what: `the ${kind} ${name} is in namespace ${namespace}, and this is for namespace ${own}`,
      allowed: `a volume of namespace ${own}, or one of kind bucket, memory or nodeCache`,
      remedy: `use a bucket, declare another volume with namespace: ${own}, or move the entry`,
    }),
  ];
}
