import { z } from "zod";
import { clouds } from "../components/clouds/clouds";
import { autoscaling } from "./autoscaling/schema";
import { cluster, existingCluster } from "./cluster/schema";
import { hintsFor } from "./unknown-keys";
import { job } from "./job/schema";
import { describedPool } from "./pool/schema";
import { namespace } from "./namespace/schema";
import { observability } from "./observability/schema";
import { service } from "./service/schema";
import { name, namespaceName } from "../values/names";
import { rules } from "../values/rule";
import { isEmptyMap, oneOf, text } from "../values/text";
import { volume, volumeName } from "./volume/schema";
import { imageOrBuild } from "./workload/schema";

const includes = z
  .array(text)
  .register(rules, { allowed: "a list of paths", example: "[teams/chat.yaml]" })
  .default([])
  .describe("Files with more services and jobs, paths from the project's folder.");

const keysOf = (of: z.ZodObject) => Object.keys(of.shape);
service.register(rules, {
  ...imageOrBuild,
  allowed: "a map with at least the key model, image or build",
  hint: hintsFor("jobs", keysOf(service), keysOf(job)),
});
job.register(rules, {
  ...imageOrBuild,
  hint: hintsFor("services", keysOf(job), keysOf(service)),
});

const services = z
  .record(name("model"), service)
  .register(rules, { allowed: "a map of names to services" })
  .default({})
  .describe("Services of this file, by name.");

const jobs = z
  .record(name("job"), job)
  .register(rules, { allowed: "a map of names to jobs" })
  .default({})
  .describe("Jobs of this file, by name; no service has the same name.");

const ownNamespace = text
  .optional()
  .describe(
    "Namespace of this file's services and jobs; may be left out where only one is declared.",
  );

const tags = z
  .record(text, text)
  .register(rules, {
    allowed: "a map of names to text",
    example: "{ cost-centre: ml-42 }",
  })
  .default({})
  .describe("Tags (labels on Google Cloud) of everything in the cloud that costs money.");

const leaderWorkerSet = oneOf("install", "existing")
  .optional()
  .describe(
    "Controller of LeaderWorkerSets, which services with `nodesPerReplica` need: `install` it once in a cluster, or take an `existing` one of version 0.9.0 or newer. Default: there is none.",
  );

const volumes = z
  .record(volumeName, volume)
  .register(rules, {
    allowed: "a map of names to volumes",
    example: "{ models: { disk: 50Gi } }",
  })
  .default({})
  .describe("Volumes that services and jobs can mount, by name.");

const namespaces = z
  .record(namespaceName, namespace)
  .refine((declared) => Object.keys(declared).length > 0)
  .register(rules, {
    allowed: "a map of at least one name to a namespace",
    explain: (found) =>
      isEmptyMap(found)
        ? {
            problem: "no namespace",
            fix: "declare one, or remove the key for the namespace models",
          }
        : undefined,
  })
  .prefault({ models: {} })
  .describe(
    "Namespaces that services and jobs go to, by name; default: the one namespace `models`.",
  );

/** A stack file but its secrets, with a cluster and pools of one form. */
function fileOf<Cluster extends z.ZodType, Pool extends z.ZodType>(cluster: Cluster, pool: Pool) {
  return z.strictObject({
    cluster,
    tags,
    pools: z
      .record(name("pool"), pool)
      .register(rules, { allowed: "a map of names to pools" })
      .default({})
      .describe("Pools of the cluster, by name."),
    leaderWorkerSet,
    volumes,
    namespaces,
    autoscaling,
    namespace: ownNamespace,
    observability: observability
      .optional()
      .describe(
        "Whether Prometheus and Grafana watch the stack: `true`, or a map; default: not at all.",
      ),
    include: includes,
    services,
    jobs,
  });
}

/** All keys of a stack file but its secrets, whatever kind its cluster is of. */
export const stackFile = fileOf(
  cluster,
  z.union([
    describedPool.describe("of kind existing"),
    ...Object.entries(clouds).map(([kind, { pool }]) => pool.describe(`of kind ${kind}`)),
  ]),
);

/** What a file says, with the pools in their cluster. */
function withPools<File extends { cluster: object; pools: object }>(
  file: File,
): Omit<File, "cluster" | "pools"> & {
  cluster: File["cluster"] & Pick<File, "pools">;
} {
  const { cluster, pools, ...others } = file;
  return { ...others, cluster: { ...cluster, pools } };
}

/** A stack file by the kind of its cluster, which says what form the pools have. */
export const stackFiles = {
  existing: fileOf(existingCluster, describedPool).transform(withPools),
  gke: fileOf(clouds.gke.cluster, clouds.gke.pool).transform(withPools),
  eks: fileOf(clouds.eks.cluster, clouds.eks.pool).transform(withPools),
  aks: fileOf(clouds.aks.cluster, clouds.aks.pool).transform(withPools),
};

/** A stack file whose cluster is of no such kind, which is what is wrong with it. */
export const stackFileOfNoKind = stackFile
  .extend({ pools: z.unknown().optional() })
  .transform(() => z.NEVER);

/** All keys of a file that a stack file includes. */
export const includedFile = z.strictObject({ namespace: ownNamespace, services, jobs });

/** Names of the sections of a stack file. */
export const sectionNames = Object.keys(stackFile.shape);

/** The sections of a stack file, defaults applied. */
export type Sections = z.output<(typeof stackFiles)[keyof typeof stackFiles]>;

/** The cluster of a stack file without its pools, defaults applied. */
export type AnyCluster = z.output<typeof cluster>;

/** The cluster of a stack with its pools and, where we make it, its tags. */
export type ClusterConfig =
  | Extract<Sections["cluster"], { kind: "existing" }>
  | (Exclude<Sections["cluster"], { kind: "existing" }> & { tags: Record<string, string> });

/** A namespace of a stack, defaults applied. */
export type NamespaceConfig = z.output<typeof namespace>;

/** What watches a stack, defaults applied. */
export type ObservabilityConfig = NonNullable<z.output<typeof observability>>;

/** A volume as a file has it. */
export type VolumeEntry = z.output<typeof volume>;

/** A service as a file has it, defaults applied. */
export type ServiceEntry = z.output<typeof service>;

/** A job as a file has it, defaults applied. */
export type JobEntry = z.output<typeof job>;
