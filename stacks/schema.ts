import { z } from "zod";
import type { ManagedPool } from "../components/clouds/managed";
import { cluster } from "./cluster/schema";
import { hintsFor } from "./unknown-keys";
import { job } from "./job/schema";
import { describedPool, managedPool } from "./pool/schema";
import { namespace } from "./namespace/schema";
import { service } from "./service/schema";
import { name, namespaceName } from "../values/names";
import { rules } from "../values/rule";
import { isEmptyMap, text } from "../values/text";
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

/** Pools of one form, by name. */
function pools<Pool extends z.ZodType>(form: Pool) {
  return z
    .record(name("pool"), form)
    .register(rules, { allowed: "a map of names to pools" })
    .default({})
    .describe("GPU pools of the cluster, by name.");
}

const tags = z
  .record(text, text)
  .register(rules, {
    allowed: "a map of names to text",
    example: "{ cost-centre: ml-42 }",
  })
  .default({})
  .describe("Tags (labels on Google Cloud) of everything in the cloud that costs money.");

const volumes = z
  .record(volumeName, volume)
  .register(rules, {
    allowed: "a map of names to volumes",
    example: "{ models: { disk: 50Gi } }",
  })
  .default({})
  .describe("Volumes that services and jobs can mount, by name.");

/** All keys of a stack file but its secrets. */
export const stackFile = z.strictObject({
  cluster,
  tags,
  pools: pools(
    z.union([
      describedPool.describe("of an existing cluster"),
      managedPool.describe("of a cluster that we make"),
    ]),
  ),
  volumes,
  namespaces: z
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
    ),
  namespace: ownNamespace,
  include: includes,
  services,
  jobs,
});

/** The same for a cluster that exists already, whose pools are described. */
export const stackFileOfExisting = stackFile.extend({ pools: pools(describedPool) });

/** The same for a cluster that we make, with its pools. */
export const stackFileOfManaged = stackFile.extend({ pools: pools(managedPool) });

/** All keys of a file that a stack file includes. */
export const includedFile = z.strictObject({ namespace: ownNamespace, services, jobs });

/** Names of the sections of a stack file. */
export const sectionNames = Object.keys(stackFile.shape);

/** The sections of a stack file, defaults applied. */
export type Sections = z.output<typeof stackFile>;

/** A pool that somebody else keeps, defaults applied. */
export type DescribedPool = z.output<typeof describedPool>;

/** A pool that we make, as a file has it, defaults applied. */
export type ManagedPoolFields = z.output<typeof managedPool>;

/** The cluster of a stack file without its pools, defaults applied. */
export type AnyCluster = z.output<typeof cluster>;

/** A cluster that exists already, with its pools. */
export type ExistingConfig = Extract<AnyCluster, { kind: "existing" }> & {
  pools: Record<string, DescribedPool>;
};

/** A cluster that we make, with its pools and tags. */
export type ManagedConfig = Exclude<AnyCluster, { kind: "existing" }> & {
  pools: Record<string, ManagedPool>;
  tags: Record<string, string>;
};

/** The cluster of a stack with its pools, defaults applied. */
export type ClusterConfig = ExistingConfig | ManagedConfig;

/** A namespace of a stack, defaults applied. */
export type NamespaceConfig = z.output<typeof namespace>;

/** A volume as a file has it. */
export type VolumeEntry = z.output<typeof volume>;

/** A service as a file has it, defaults applied. */
export type ServiceEntry = z.output<typeof service>;

/** A job as a file has it, defaults applied. */
export type JobEntry = z.output<typeof job>;
