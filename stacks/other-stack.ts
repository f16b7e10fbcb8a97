import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ClusterOfStackArgs } from "../components/cluster/shared";
import { refused } from "./before/state";
import type { ClusterConfig } from "./schema";
import { isMap } from "./lookup";

const scope = z.object({
  class: z.string().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  readyTime: z.number().optional(),
  drainTime: z.number().optional(),
});

const placedPool = z.object({
  name: z.string(),
  gpu: z.string().optional(),
  gpusPerNode: z.number(),
  gpusPerPod: z.number(),
  gpuMemoryGiB: z.number().optional(),
  shares: z.number().optional(),
  resource: z.string().optional(),
  runtimeClass: z.string().optional(),
  arch: z.enum(["amd64", "arm64"]).optional(),
  room: z.object({ millicores: z.number(), memoryMiB: z.number() }).optional(),
  maxNodes: z.number(),
  nodeSelector: z.record(z.string(), z.string()),
  tolerations: z.array(
    z.object({
      key: z.string(),
      value: z.string().optional(),
      effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
      operator: z.enum(["Exists", "Equal"]),
    }),
  ),
  untainted: z.boolean().optional(),
  capacityTypes: z.array(
    z.object({
      capacity: z.enum(["reserved", "spot", "on-demand", "flex-start"]),
      notice: z.number(),
      provisionTime: z.number(),
      maxNodes: z.number(),
    }),
  ),
  interconnect: z
    .object({
      within: z.string().optional(),
      resources: z.record(z.string(), z.number()).optional(),
    })
    .optional(),
  diskClasses: z.array(z.string()).optional(),
});

/** Earlier versions of this program called the capacity types of a pool `rungs`. */
function withNewName(pool: unknown): unknown {
  return isMap(pool) && "rungs" in pool ? { capacityTypes: pool.rungs, ...pool } : pool;
}

/** The output `cluster` of a stack, as it comes back from the state. */
const sharedCluster = z.object({
  pools: z.record(z.string(), z.preprocess(withNewName, placedPool)),
  loadBalancers: z.object({ public: scope.optional(), internal: scope.optional() }),
  enforcesNetworkPolicy: z.boolean().optional(),
  namespaceLabels: z.record(z.string(), z.string()),
  diskStorageClass: z.string().optional(),
});

/** A cluster as its stack tells of it. */
export interface OtherCluster extends ClusterOfStackArgs {
  kubeconfig: string;
  identity?: string;
}

/** What the stack of `cluster.stack` tells of its cluster; undefined for clusters of any other kind. */
export async function clusterOfOtherStack(
  config: ClusterConfig,
): Promise<OtherCluster | undefined> {
  if (config.kind !== "existing" || config.stack === undefined) return undefined;
  const reference = new pulumi.StackReference(config.stack);
  // Plain values, not outputs: they decide what this stack consists of.
  const value: unknown = (await reference.getOutputDetails("cluster")).value;
  const told = sharedCluster.safeParse(value);
  if (!told.success) throw untold(config.stack, "cluster", value, told.error);
  const details = await reference.getOutputDetails("kubeconfig");
  const kubeconfig: unknown = details.secretValue ?? details.value;
  if (typeof kubeconfig !== "string") throw untold(config.stack, "kubeconfig", kubeconfig);
  // A stack of an older version of this program does not tell it.
  const identity: unknown = (await reference.getOutputDetails("clusterIdentity")).value;
  return { ...told.data, kubeconfig, ...(typeof identity === "string" && { identity }) };
}

function untold(
  stack: string,
  output: "cluster" | "kubeconfig",
  value: unknown,
  error?: z.ZodError,
): pulumi.RunError {
  const missing = value === undefined || value === null;
  const { path = [], message = "not a text" } = error?.issues[0] ?? {};
  return refused({
    path: ["cluster", "stack"],
    problem: missing
      ? "the other stack tells nothing of a cluster"
      : "what the other stack tells cannot be read",
    found: missing
      ? `${stack}, without the output ${output}`
      : `${stack}, output ${[output, ...path].join(".")}: ${message}`,
    allowed: "a stack of this program, with its outputs cluster and kubeconfig",
    fix: `run pulumi up --stack ${stack} ${missing ? "first, or correct the name" : "with the same version of the program"}`,
  });
}
