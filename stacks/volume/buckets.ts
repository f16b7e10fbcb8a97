import type { ManagedCloud } from "../../catalog/machines";
import { bucketForms, namedBucket } from "../../components/clouds/aks/bucket-name";
import { nameProblem, type Entry } from "../entry";
import type { FileProblem } from "../problems";
import type { AnyCluster } from "../schema";
import type { Words } from "../words";
import { readBy, type Volumes } from "./mounts";

/** How the buckets of a cloud are named. */
interface Form {
  /** What is the same for all names of a bucket; undefined where a text is none. */
  key: (name: string) => string | undefined;
  /** Schemes of its addresses. */
  schemes: readonly string[];
  cloud: string;
  allowed: string;
  example: string;
}

const forms: Record<ManagedCloud, Form> = {
  gke: {
    key: (name) => /^(?!goog)[a-z0-9](?:[a-z0-9._-]{1,220})[a-z0-9]$/.exec(name)?.[0],
    schemes: ["gs"],
    cloud: "Google Cloud Storage",
    allowed: "the name of a Cloud Storage bucket: 3 or more of a-z, 0-9, -, _ and .",
    example: "acme-models",
  },
  eks: {
    key: (name) => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.exec(name)?.[0],
    schemes: ["s3"],
    cloud: "Amazon S3",
    allowed: "the name of an S3 bucket: 3 to 63 of a-z, 0-9, - and .",
    example: "acme-models",
  },
  aks: {
    key: (name) => {
      const named = namedBucket(name);
      // No two storage accounts of Azure have the same name.
      return named && `${named.account}/${named.container}`;
    },
    schemes: ["abfs", "abfss", "wasbs", "az"],
    cloud: "Azure Blob Storage",
    allowed: bucketForms,
    example: "acme-storage/acmemodels/digits",
  },
};

/** Buckets that the cluster's identities can never reach, or that are one and the same. */
export function bucketProblems({ kind }: AnyCluster, volumes: Volumes): FileProblem[] {
  const seen = new Map<string, string>();
  return Object.entries(volumes).flatMap(([name, volume]) => {
    if (volume.kind !== "bucket") return [];
    const path = ["volumes", name, "bucket"];
    if (kind === "existing") return { path, ...onExisting };
    const { bucket } = volume;
    const key = forms[kind].key(bucket);
    if (key === undefined) return { path, ...notOne(forms[kind], name, bucket) };
    const same = seen.get(key);
    if (same === undefined) {
      seen.set(key, name);
      return [];
    }
    return {
      path,
      problem: `the bucket of volumes.${same}, a second time`,
      allowed: "one volume for a bucket",
      fix: `remove it, and mount ${same} or a folder of it (${same}/FOLDER)`,
    };
  });
}

/** Entries that together with a bucket are called like another one with its bucket: `chat` with `a-w`, and `chat-a` with `w`. */
export function entryAndBucketProblems(entries: readonly Entry[], volumes: Volumes): FileProblem[] {
  const seen = new Map<string, Entry>();
  return entries.flatMap((entry) => {
    const buckets = readBy(entry).filter((name) => volumes[name]?.kind === "bucket");
    return [...new Set(buckets)].flatMap((bucket) => {
      const name = `${entry.name}-${bucket}`;
      const other = seen.get(name);
      seen.set(name, other ?? entry);
      if (!other) return [];
      return nameProblem(entry, {
        problem: `called with its bucket ${bucket} like ${other.section}.${other.name} with its own: ${name}`,
        allowed: "entries and buckets that are told apart by both names with - between them",
        fix: `rename it, or volumes.${bucket}`,
      });
    });
  });
}

const onExisting: Words = {
  problem:
    "a cluster that is there already gives pods no access to buckets: its cloud's permissions are its owner's",
  allowed: "disk, claim, memory, nodeCache on a cluster of kind existing",
  fix: "use a claim (its owner can make one for the bucket) or a disk",
};

/** What is said of a text that names no bucket of this form. */
function notOne(form: Form, name: string, bucket: string): Words {
  const { key, cloud, allowed, example } = form;
  const [address = "", scheme = ""] = /^([a-z0-9]+):\/\//.exec(bucket) ?? [];
  const other = Object.values(forms).find(({ schemes }) => schemes.includes(scheme));
  if (other && other !== form) {
    return {
      problem: `a bucket of ${other.cloud}, which identities of this cluster cannot reach`,
      allowed,
      fix: `copy the data to a bucket of ${cloud}, and name that one`,
    };
  }
  const plain = bucket.slice(address.length).replace(/\/+$/, "");
  const [first = "", ...folders] = form === forms.aks ? [plain] : plain.split("/");
  const folder = folders.length > 0 ? `, and mount ${name}/${folders.join("/")}` : "";
  return {
    problem: `not a bucket of ${cloud}`,
    allowed,
    fix: key(first) === undefined ? `write it like ${example}` : `write ${first}${folder}`,
  };
}
