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
