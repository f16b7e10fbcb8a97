import { z } from "zod";
import { cluster, isEmptyMap, namespace, pool } from "./cluster-schema";
import { service } from "./service-schema";
import { name, namespaceName } from "./values/names";
import { rules } from "./values/rule";
import { text } from "./values/text";

const includes = z
  .array(text)
  .register(rules, { allowed: "a list of paths", example: "[teams/chat.yaml]" })
  .default([])
  .describe("Files with more services, paths from the project's folder.");

const services = z
  .record(name("model"), service)
  .register(rules, { allowed: "a map of names to services" })
  .default({})
  .describe("Services of this file, by name.");

const ownNamespace = text
  .optional()
  .describe("Namespace of this file's services; may be left out where only one is declared.");

/** All keys of a stack file but its secrets. */
export const stackFile = z.strictObject({
  cluster,
  pools: z
    .record(name("pool"), pool)
    .register(rules, { allowed: "a map of names to pools" })
    .default({})
    .describe("GPU pools of the cluster, by name."),
  namespaces: z
    .record(namespaceName, namespace)
    .refine((declared) => Object.keys(declared).length > 0)
    .register(rules, {
      allowed: "a map of at least one name to a namespace",
      explain: (found) =>
        isEmptyMap(found)
          ? {
              what: "no namespace",
              remedy: "declare one, or remove the key for the namespace models",
            }
          : undefined,
    })
    .prefault({ models: {} })
    .describe("Namespaces that services go to, by name; default: the one namespace `models`."),
  namespace: ownNamespace,
  include: includes,
  services,
});

/** All keys of a file that a stack file includes. */
export const includedFile = z.strictObject({ namespace: ownNamespace, services });

/** The cluster of a stack, defaults applied. */
export type ClusterConfig = z.output<typeof cluster>;

/** A pool of a stack, defaults applied. */
export type PoolConfig = z.output<typeof pool>;

/** A namespace of a stack, defaults applied. */
export type NamespaceConfig = z.output<typeof namespace>;

/** A service as a file has it, defaults applied. */
export type ServiceEntry = z.output<typeof service>;
