import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../components/cluster/cluster";
import type { SharedCluster } from "../components/cluster/existing";
import { shared, type ClusterOfStackArgs } from "../components/cluster/shared";
import { Namespace } from "../components/workload/namespace";
import type { Rollout } from "../components/workload/rollout";
import type { KnownCluster } from "./before/cluster";
import { makeCluster, type AksBefore } from "./cluster/make";
import { makeObservability, type ObservabilityOutputs } from "./observability/make";
import type { Stack } from "./stack";
import { makeVolumes } from "./volume/make";
import { makeWorkloads } from "./workload/make";

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
  /** Where Prometheus answers in the cluster, and how to look at Grafana; left out where nothing watches the stack. */
  observability?: ObservabilityOutputs;
  /** Disks that stay when everything else is destroyed, by volume; left out where there is none. */
  keptDisks?: Record<string, pulumi.Output<string>>;
}

/** What the last `up` left, as far as it decides what this one makes. */
export interface Before {
  /** Attempt of each job that runs again after it failed, by job. @default {} */
  attempts?: Readonly<Record<string, string>>;
  /** Services whose Service object limits source ranges. @default none */
  limited?: ReadonlySet<string>;
  /** What the cluster of somebody else's is known by. @default what its kubeconfig, the stack file or its stack says */
  cluster?: KnownCluster;
  /** What a cluster on AKS was made with and keeps. @default what the stack file says */
  aks?: AksBefore;
}

/** Hears of the rollouts of a stack's services on its cluster, and what must not be shown of them. */
export type Watcher = (
  kubeconfig: pulumi.Output<string>,
  rollouts: readonly Rollout[],
  secrets: pulumi.Output<string[]>,
) => void;

/** Makes everything that a stack says; `other` is what the stack of `cluster.stack` exports. */
export function buildEnvironment(
  stack: Stack,
  other?: ClusterOfStackArgs,
  { attempts = {}, limited = new Set(), cluster: known, aks }: Before = {},
  watcher?: Watcher,
): Outputs {
  const cluster = makeCluster(stack.cluster, other, known, aks);
  const namespaces = makeNamespaces(stack, cluster);
  const { volumeOf, ...kept } = makeVolumes(stack, cluster, namespaces);
  const observability = makeObservability(stack, cluster);
  const around = { cluster, namespaces, volumeOf, prometheus: observability?.prometheus };
  const { jobs, services } = makeWorkloads(stack, around, attempts, limited);
  watcher?.(
    cluster.kubeconfig,
    [...Object.values(jobs), ...Object.values(services)].flatMap((it) =>
      "rollout" in it && it.rollout ? [it.rollout] : [],
    ),
    pulumi.all(Object.values(stack.secrets)),
  );
  return {
    services: Object.fromEntries(
      Object.entries(services).map(([name, { url, internalUrl }]) => [name, { url, internalUrl }]),
    ),
    kubeconfig: cluster.kubeconfig,
    cluster: shared(cluster),
    clusterIdentity: cluster.identity,
    ...(observability && { observability }),
    ...kept,
  };
}

/** Makes the namespaces of a stack, without those that are there already; with a disk that is kept its namespace stays. */
function makeNamespaces({ namespaces, volumes }: Stack, cluster: Cluster) {
  const kept = Object.values(volumes).flatMap((volume) =>
    volume.kind === "disk" && volume.keep ? [volume.namespace] : [],
  );
  return Object.fromEntries(
    Object.entries(namespaces).flatMap(([name, { create, ...args }]) => {
      const keep = kept.includes(name);
      return create ? [[name, new Namespace(name, { cluster, keep, ...args })] as const] : [];
    }),
  );
}
