import { bucketForms, namedBucket } from "../../components/clouds/aks/bucket-name";
import { valueAt } from "../lookup";
import type { Fault } from "../faults";
import { shown } from "../faults";
import { cloudOf } from "./pools";
import type { ReadVolume } from "./volumes";

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
export function bucketFaults(
  file: string,
  cluster: unknown,
  volumes: readonly ReadVolume[],
): Fault[] {
  const buckets = volumes.filter(({ kind }) => kind === "bucket");
  const kind = cloudOf(cluster);
  const fault = ({ name, of }: ReadVolume, words: Pick<Fault, "what" | "allowed" | "remedy">) => ({
    ...{ file, at: ["volumes", name, "bucket"], found: shown(of) },
    ...words,
  });
  if (!kind) {
    if (valueAt(cluster, ["kind"]) !== "existing") return [];
    return buckets.map((volume) =>
      fault(volume, {
        what: "a cluster that is there already gives pods no access to buckets: its cloud's permissions are its owner's",
        allowed: "disk, claim, memory, nodeCache on a cluster of kind existing",
        remedy: "use a claim (its owner can make one for the bucket) or a disk",
      }),
    );
  }
  const { key, cloud, allowed, example } = forms[kind];
  return buckets.flatMap((volume, place) => {
    const scheme = /^([a-z0-9]+):\/\//.exec(volume.of)?.[1];
    const other = scheme === undefined ? undefined : schemes[scheme];
    if (other !== undefined && other !== kind) {
      return [
        fault(volume, {
          what: `a bucket of ${forms[other].cloud}, which identities of this cluster cannot reach`,
          allowed,
          remedy: `copy the data to a bucket of ${cloud}, and name that one`,
        }),
      ];
    }
    const bucketKey = key(volume.of);
    if (bucketKey === undefined) {
      const plain = volume.of.replace(/^[a-z0-9]+:\/\//, "").replace(/\/+$/, "");
      const [bucket = "", ...folders] = kind === "aks" ? [plain] : plain.split("/");
      const folder = folders.length > 0 ? `, and mount ${volume.name}/${folders.join("/")}` : "";
      return [
        fault(volume, {
          what: `not a bucket of ${cloud}`,
          allowed,
          remedy:
            key(bucket) === undefined ? `write it like ${example}` : `write ${bucket}${folder}`,
        }),
      ];
    }
    const same = buckets.slice(0, place).find(({ of }) => key(of) === bucketKey);
    if (!same) return [];
    return [
      fault(volume, {
        what: `the bucket of volumes.${same.name}, a second time`,
        allowed: "one volume for a bucket",
        remedy: `remove it, and mount ${same.name} or a folder of it (${same.name}/FOLDER)`,
      }),
    ];
  });
}
