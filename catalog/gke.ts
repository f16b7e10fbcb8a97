import type { Machine } from "./machines";

/**
 * APIs of Google Cloud that a cluster of ours uses, by the part of the resource's name (docs/facts.md 2.19). Service Usage, which
 * switches on the others, must be on already.
 */
export const usedApis = {
  projects: "cloudresourcemanager.googleapis.com",
  compute: "compute.googleapis.com",
  kubernetes: "container.googleapis.com",
  "image-streaming": "containerfilesystem.googleapis.com",
  identities: "iam.googleapis.com",
  keys: "cloudkms.googleapis.com",
} as const;

/** API of the registry of a cluster's own images. */
export const registryApi = "artifactregistry.googleapis.com";

const diskKinds = ["pd-balanced", "hyperdisk-balanced"] as const;

/** A kind of disk of Google Cloud's that we make. */
export type GkeDiskType = (typeof diskKinds)[number];

/** What machines take, by family, the usual one first; Compute Engine's own table in the disk driver (docs/facts.md 2.11). */
const taken: Readonly<Record<string, readonly GkeDiskType[]>> = {
  "a3-ultragpu": ["hyperdisk-balanced"],
  a3: ["pd-balanced", "hyperdisk-balanced"],
  a4: ["hyperdisk-balanced"],
  a4x: ["hyperdisk-balanced"],
  c3: ["pd-balanced", "hyperdisk-balanced"],
  c3d: ["pd-balanced", "hyperdisk-balanced"],
  c4: ["hyperdisk-balanced"],
  c4a: ["hyperdisk-balanced"],
  g4: ["hyperdisk-balanced"],
  n4: ["hyperdisk-balanced"],
};

/** Disks that a machine takes, the usual one first; those of older families are Persistent Disks. */
export function diskTypes({ name }: Pick<Machine, "name">): readonly GkeDiskType[] {
  const [family = "", size = ""] = name.split("-");
  return taken[`${family}-${size}`] ?? taken[family] ?? ["pd-balanced"];
}

/** Boot disk type of a machine's nodes. */
export function bootDiskType(machine: Pick<Machine, "name">): GkeDiskType {
  return diskTypes(machine)[0] ?? "pd-balanced";
}

/** Disk that all of these machines take; undefined where there is none. */
export function sharedDiskType(
  machines: readonly Pick<Machine, "name">[],
): GkeDiskType | undefined {
  return diskKinds.find((type) => machines.every((one) => diskTypes(one).includes(type)));
}

/** Disk of one of the cluster's own nodes in GiB: three of them, one in each zone, fit a new project's 250 GB of SSD (docs/facts.md 2.21). */
export const systemDiskGiB = 80;
