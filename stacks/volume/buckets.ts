import { bucketForms, namedBucket } from "../../components/clouds/aks/bucket-name";
import type { FileProblem } from "../problems";
import type { Words } from "../words";
import type { AnyCluster } from "../schema";
import type { Volumes } from "./mounts";

/** How the buckets of a cloud are named; `key` is the same for all names of a bucket, and undefined where a text is none. */
interface Form {
  key: (name: string) => string | undefined;
  cloud: string;
  allowed: string;
  example: string;
}

const forms: Record<"gke" | "eks" | "aks", Form> = {
  gke: {
    key: matching(/^(?!goog)[a-z0-9](?:[a-z0-9._-]{1,220})[a-z0-9]$/),
    cloud: "Google Cloud Storage",
    allowed: "the name of a Cloud Storage bucket: 3 or more of a-z, 0-9, -, _ and .",
    example: "acme-models",
  },
  eks: {
    key: matching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
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
    cloud: "Azure Blob Storage",
    allowed: bucketForms,
    example: "acme-storage/acmemodels/digits",
  },
};

function matching(pattern: RegExp): Form["key"] {
  return (name) => (pattern.test(name) ? name : undefined);
}

const schemes: Record<string, keyof typeof forms> = {
  gs: "gke",
  s3: "eks",
  abfs: "aks",
  abfss: "aks",
  wasbs: "aks",
  az: "aks",
};

/** Buckets that the cluster's identities can never reach, or that are one and the same. */
export function bucketProblems(
  file: string,
  { kind }: Pick<AnyCluster, "kind">,
  volumes: Volumes,
): FileProblem[] {
  const buckets = Object.entries(volumes).flatMap(([name, volume]) =>
    volume.kind === "bucket" ? [{ name, bucket: volume.bucket }] : [],
  );
  return buckets.flatMap((of, place) => {
    const words = kind === "existing" ? onExisting : wordsOf(kind, of, buckets.slice(0, place));
    return words ? [{ file, path: ["volumes", of.name, "bucket"], ...words }] : [];
  });
}

const onExisting: Words = {
  problem:
    "a cluster that is there already gives pods no access to buckets: its cloud's permissions are its owner's",
  allowed: "disk, claim, memory, nodeCache on a cluster of kind existing",
  fix: "use a claim (its owner can make one for the bucket) or a disk",
};

interface NamedBucket {
  /** Name of its volume. */
  name: string;
  /** Name of the bucket. */
  bucket: string;
}

function wordsOf(
  kind: keyof typeof forms,
  { name, bucket }: NamedBucket,
  before: readonly NamedBucket[],
): Words | undefined {
  const { key, cloud, allowed, example } = forms[kind];
  const scheme = /^([a-z0-9]+):\/\//.exec(bucket)?.[1];
  const other = scheme === undefined ? undefined : schemes[scheme];
  if (other !== undefined && other !== kind) {
    return {
      problem: `a bucket of ${forms[other].cloud}, which identities of this cluster cannot reach`,
      allowed,
      fix: `copy the data to a bucket of ${cloud}, and name that one`,
    };
  }
  const bucketKey = key(bucket);
  if (bucketKey === undefined) {
    const plain = bucket.replace(/^[a-z0-9]+:\/\//, "").replace(/\/+$/, "");
    const [first = "", ...folders] = kind === "aks" ? [plain] : plain.split("/");
    const folder = folders.length > 0 ? `, and mount ${name}/${folders.join("/")}` : "";
    return {
      problem: `not a bucket of ${cloud}`,
      allowed,
      fix: key(first) === undefined ? `write it like ${example}` : `write ${first}${folder}`,
    };
  }
  const same = before.find((one) => key(one.bucket) === bucketKey);
  return (
    same && {
      problem: `the bucket of volumes.${same.name}, a second time`,
      allowed: "one volume for a bucket",
      fix: `remove it, and mount ${same.name} or a folder of it (${same.name}/FOLDER)`,
    }
  );
}
