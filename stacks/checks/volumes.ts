import type { Entry } from "./entry";
import { isMap } from "../lookup";
import { nothing, shown, type Fault } from "../faults";
import type { Namespaces } from "./namespaces";
import type { Pools } from "./placement";
import { salvageAll } from "./salvage";
import { nearest } from "../spelling";
import { volumeKeys, type VolumeAccess } from "../volume-schema";
import { bucketFaults } from "./buckets";
import { elsewhereFaults, memoryFaults, mountsOf, nestedFaults, undeclaredFaults } from "./mounts";
import { apartFaults, crowdedFaults, onePodFaults, onOneNode } from "./volume-access";

/** A volume of the stack file, as far as it can be read. */
export interface ReadVolume {
  /** Name it has there. */
  name: string;
  /** Which of the kinds it is. */
  kind: "disk" | "claim" | "bucket" | "memory" | "nodeCache";
  /** What the kind's own key says: a size or a name. */
  of: string;
  /** Namespace of a disk or claim; undefined where it cannot be told. */
  namespace?: string;
  /** Who mounts a disk or claim at the same time. */
  access: VolumeAccess;
}

/** What is wrong with volumes and with what mounts them, and on which pool pods go that follow a volume's others. */
export interface Volumes {
  faults: Fault[];
  /** The volumes, as far as they can be read. */
  read: ReadVolume[];
  /** Pool of entries that name none and share a node with entries that do. */
  poolOf: Map<Entry, string>;
}

/** Looks over the volumes of a stack file and what its entries mount. */
export function placeVolumes(
  file: string,
  sections: Record<string, unknown>,
  namespaces: Pick<Namespaces, "ofFile">,
  entries: readonly Entry[],
  poolOf: ReadonlyMap<Entry, string>,
  pools: Pools = new Map(),
): Volumes {
  const raw = sections.volumes;
  if (raw !== undefined && !isMap(raw)) return { faults: [], read: [], poolOf: new Map() };
  const names = Object.keys(raw ?? {});
  const declared = declaredNamespaces(sections.namespaces);
  const volumes = readVolumes(raw, declared);
  const mounts = entries.flatMap(mountsOf);
  const faults = [
    ...[...volumes.values()].flatMap((volume) => namespaceFaults(file, volume, raw, declared)),
    ...bucketFaults(file, sections.cluster, [...volumes.values()]),
    ...claimFaults(file, [...volumes.values()]),
    ...mounts.flatMap((mount) => undeclaredFaults(mount, names)),
    ...entries.flatMap((entry) => nestedFaults(entry, volumes)),
    ...entries.flatMap((entry) => memoryFaults(entry, volumes)),
  ];
  const followed = new Map<Entry, string>();
  for (const volume of volumes.values()) {
    if (volume.kind !== "disk" && volume.kind !== "claim") continue;
    const of = mounts.filter((mount) => mount.volume === volume.name);
    faults.push(...of.flatMap((mount) => elsewhereFaults(mount, volume, namespaces)));
    if (volume.access === "one-pod") faults.push(...onePodFaults(volume, of));
    if (volume.access === "one-node") {
      const node = onOneNode(volume, of, poolOf);
      faults.push(...node.faults, ...crowdedFaults(file, volume, of, poolOf, pools));
      for (const [entry, pool] of node.follow) followed.set(entry, pool);
    }
  }
  faults.push(...apartFaults(volumes, mounts));
  return { faults, read: [...volumes.values()], poolOf: followed };
}

const kinds = ["disk", "claim", "bucket", "memory", "nodeCache"] as const;

function readVolumes(raw: unknown, declared: string[]): Map<string, ReadVolume> {
  const read = new Map<string, ReadVolume>();
  const [only, ...others] = declared;
  for (const [name, { fields, broken }] of salvageAll(volumeKeys, raw)) {
    const [found, ...more] = kinds.flatMap((kind) => {
      const of = fields[kind];
      return of === undefined ? [] : { kind, of };
    });
    // Of what is several things at once, or none that can be read, nothing can be told.
    if (!found?.of || more.length > 0) continue;
    const namespace = fields.namespace ?? (others.length === 0 ? only : undefined);
    read.set(name, {
      name,
      ...found,
      ...(namespace !== undefined && !broken.has("namespace") && { namespace }),
      access: broken.has("access") ? "any-node" : (fields.access ?? "one-pod"),
    });
  }
  return read;
}

function declaredNamespaces(raw: unknown): string[] {
  return raw === undefined ? ["models"] : isMap(raw) ? Object.keys(raw) : [];
}

/** A disk or claim in no namespace, or in one that nobody declares. */
function namespaceFaults(
  file: string,
  { name, kind }: ReadVolume,
  raw: unknown,
  declared: string[],
): Fault[] {
  if ((kind !== "disk" && kind !== "claim") || declared.length === 0) return [];
  const volume = isMap(raw) ? raw[name] : undefined;
  const found = isMap(volume) ? volume.namespace : undefined;
  const at = ["volumes", name, "namespace"];
  const allowed = declared.join(", ");
  if (found === undefined && declared.length > 1) {
    const remedy = `say which namespace's services and jobs mount it, for example namespace: ${declared[0]}`;
    return [{ file, at, what: "missing", found: nothing, allowed, remedy }];
  }
  if (typeof found !== "string" || found === "" || declared.includes(found)) return [];
  const meant = nearest(found, declared);
  return [
    {
      ...{ file, at, what: "not a declared namespace", found: shown(found), allowed },
      remedy: meant
        ? `did you mean "${meant}"?`
        : "choose one of these, or declare it under namespaces",
    },
  ];
}

/** Claims that are another volume's too: those who mount the one would not be kept apart from those who mount the other. */
function claimFaults(file: string, volumes: readonly ReadVolume[]): Fault[] {
  // The claim of a disk that we make has the disk's name.
  const claimOf = ({ kind, name, of }: ReadVolume) =>
    kind === "disk" ? name : kind === "claim" ? of : undefined;
  return volumes.flatMap((volume, place) => {
    const { name, kind, namespace, of } = volume;
    const same = volumes.find(
      (other, at) =>
        (other.kind === "disk" || at < place) &&
        other.namespace === namespace &&
        claimOf(other) === claimOf(volume),
    );
    if (kind !== "claim" || !same || namespace === undefined) return [];
    return [
      {
        ...{ file, at: ["volumes", name, "claim"], found: shown(of) },
        what: `the claim of volumes.${same.name}, a second time`,
        allowed: "one volume for a claim",
        remedy: `remove it, and mount ${same.name} or a folder of it (${same.name}/FOLDER)`,
      },
    ];
  });
}
