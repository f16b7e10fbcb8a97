import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../components/cluster/cluster";
import { shared, type ClusterOfStackArgs, type SharedCluster } from "../components/cluster/shared";
import { BatchJob } from "../components/jobs/batch-job";
import { ScheduledJob } from "../components/jobs/scheduled-job";
import { loadBalancerOf } from "../components/serving/exposure";
import { InferenceService } from "../components/serving/inference-service";
import type { Rollout } from "../components/serving/rollout";
import type { Environment as Variables } from "../components/workload/environment-variables";
import { Namespace } from "../components/workload/namespace";
import { isBesideFuse } from "./bucket-mounts";
import type { KnownCluster } from "./cluster-before";
import { makeCluster } from "./clusters";
import { network } from "./connections";
import { imagesFor } from "./images";
import { rolloutRoom } from "./rollout-room";
import { inRunOrder, waitedFor } from "./run-order";
import type { JobConfig, ServiceConfig, Stack } from "./stack";
import { besideServer, sidecarsOf } from "./sidecars";
import { keptNamespaces, makeVolumes, mountsOf } from "./volumes";

/** What a stack exports. */
export interface Outputs {
  /** Kubeconfig of the cluster, a secret. */
  kubeconfig: pulumi.Output<string>;
  /** What other stacks need to run services on the same cluster. */
  cluster: SharedCluster;
  /** What the cluster is known by for as long as it is the same one. */
  clusterIdentity: pulumi.Output<string>;
  /** Addresses of each service, known once it answers there. */
  services: Record<
    string,
    { url: pulumi.Output<string | undefined>; internalUrl: pulumi.Output<string> }
  >;
  /** Disks that stay when everything else is destroyed, by volume; left out where there is none. */
  keptDisks?: Record<string, pulumi.Output<string>>;
}

/** What the last `up` left, as far as it decides what this one makes. */
export interface Before {
  /** What tells the runs of a job that failed from those before, by job. @default {} */
  attempts?: Readonly<Record<string, string>>;
  /** Services whose Service object limits source ranges. @default none */
  limited?: ReadonlySet<string>;
  /** What the cluster of somebody else's is known by. @default what its kubeconfig, the stack file or its stack says */
  cluster?: KnownCluster;
  /** Whether a cluster on AKS stays without zones where the file names none. @default false */
  withoutZones?: boolean;
}

/** Hears of the rollouts of a stack's services on its cluster, and what must not be shown of them. */
export type Watcher = (
  kubeconfig: pulumi.Output<string>,
  rollouts: readonly Rollout[],
  secrets: pulumi.Output<string[]>,
) => void;

/** Makes everything that a stack says; `other` is what the stack of `cluster.stack` tells. */
export function buildEnvironment(
  stack: Stack,
  other?: ClusterOfStackArgs,
  { attempts = {}, limited = new Set(), cluster: known, withoutZones }: Before = {},
  watcher?: Watcher,
): Outputs {
  const cluster = makeCluster(stack.cluster, other, known, withoutZones);
  const namespaces = makeNamespaces(stack, cluster);
  const quotas = Object.fromEntries(
    Object.entries(stack.namespaces).map(([name, { quota }]) => [name, quota]),
  );
  const isBucket = (volume: string) => stack.volumes[volume]?.kind === "bucket";
  const beside = <Of extends ServiceConfig | JobConfig>(entries: Readonly<Record<string, Of>>) =>
    Object.fromEntries(
      Object.entries(entries).map(([name, entry]) => {
        const besideFuse = isBesideFuse(stack.cluster.kind, entry, isBucket);
        return [name, { ...entry, besideFuse }];
      }),
    );
  const services = Object.fromEntries(
    Object.entries(beside(stack.services)).map(([name, entry]) => [
      name,
      { ...entry, loadBalancer: loadBalancerOf(cluster, entry.expose) },
    ]),
  );
  const rooms = rolloutRoom(services, beside(stack.jobs), cluster.pools, quotas);
  const { volumeOf, ...kept } = makeVolumes(stack, cluster, namespaces);
  const imageOf = imagesFor(cluster);
  const around = (name: string, entry: ServiceConfig | JobConfig) => ({
    cluster: (namespaces[entry.namespace] && cluster.inOwnNamespaces?.()) ?? cluster,
    namespace: namespaces[entry.namespace]?.name ?? entry.namespace,
    network: network(name, stack),
    image: imageOf(entry),
    env: variables(entry, stack),
    mounts: mountsOf(entry, volumeOf),
    sidecars: sidecarsOf(entry, (of) => variables(of, stack)),
    pullSecrets: entry.pullSecrets.map((key) => secret(stack, key)),
  });
  const jobs: Record<string, BatchJob | ScheduledJob> = {};
  const behind = ({ after }: ServiceConfig | JobConfig) => ({
    dependsOn: after.flatMap((name) => jobs[name] ?? []),
  });
  const awaited = waitedFor(stack);
  for (const [name, entry] of inRunOrder(stack.jobs)) {
    const args = { ...entry, ...around(name, entry) };
    const { schedule } = entry;
    jobs[name] =
      schedule === undefined
        ? new BatchJob(
            name,
            { ...args, wait: awaited.has(name) || undefined, attempt: attempts[name] },
            behind(entry),
          )
        : new ScheduledJob(name, { ...args, schedule }, behind(entry));
  }
  const served = Object.entries(stack.services).map(([name, entry]) => {
    const args = {
      ...{ ...entry, ...rooms[name], ...around(name, entry) },
      ...besideServer(entry, volumeOf),
      // In namespaces of the stack's own they go in place.
      limitedBefore: limited.has(name) && !namespaces[entry.namespace],
    };
    return [name, new InferenceService(name, args, behind(entry))] as const;
  });
  watcher?.(
    cluster.kubeconfig,
    served.map(([, { rollout }]) => rollout),
    pulumi.all(Object.values(stack.secrets)),
  );
  return {
    services: Object.fromEntries(
      served.map(([name, { url, internalUrl }]) => [name, { url, internalUrl }]),
    ),
    kubeconfig: cluster.kubeconfig,
    cluster: shared(cluster),
    clusterIdentity: cluster.identity,
    ...kept,
  };
}

function makeNamespaces(stack: Stack, cluster: Cluster): Record<string, Namespace> {
  const kept = keptNamespaces(stack);
  return Object.fromEntries(
    Object.entries(stack.namespaces).flatMap(([name, { create, ...args }]) => {
      const keep = kept.includes(name);
      return create ? [[name, new Namespace(name, { cluster, keep, ...args })] as const] : [];
    }),
  );
}

function variables({ env }: Pick<ServiceConfig, "env">, stack: Stack): Variables {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      typeof value === "string" ? value : { secret: secret(stack, value.secret) },
    ]),
  );
}

function secret(stack: Stack, key: string): pulumi.Output<string> {
  const value = stack.secrets[key];
  if (!value) throw new Error(`the secret ${key} passed the checks but is not there`);
  return value;
}
