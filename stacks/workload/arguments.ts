import type { Cluster } from "../../components/cluster/cluster";
import type { Namespace } from "../../components/workload/namespace";
import { network } from "../derived/network";
import { imagesFor } from "../image/built";
import { secretOf, variablesOf } from "../secret/values";
import type { JobConfig, ServiceConfig, Stack } from "../stack";
import { mountsOf, type VolumeOf } from "../volume/make";

/** What the entries of a stack are made with. */
export interface Surroundings {
  /** Cluster that they run on. */
  cluster: Cluster;
  /** Namespaces that the stack makes, by name. */
  namespaces: Readonly<Record<string, Namespace>>;
  /** Volumes that they mount. */
  volumeOf: VolumeOf;
}

/** The arguments of a stack's entries; those that build the same image share it. */
export function argumentsIn(stack: Stack, { cluster, namespaces, volumeOf }: Surroundings) {
  const imageOf = imagesFor(cluster);
  return (name: string, entry: ServiceConfig | JobConfig) => ({
    cluster: (namespaces[entry.namespace] && cluster.inOwnNamespaces?.()) ?? cluster,
    namespace: namespaces[entry.namespace]?.name ?? entry.namespace,
    network: network(name, stack),
    image: imageOf(entry),
    env: variablesOf(entry, stack),
    mounts: mountsOf(entry, volumeOf),
    sidecars: Object.fromEntries(
      Object.entries(entry.sidecars).map(([sidecar, of]) => [
        sidecar,
        { ...of, env: variablesOf(of, stack) },
      ]),
    ),
    pullSecrets: entry.pullSecrets.map((key) => secretOf(stack, key)),
  });
}

/** The arguments of an entry, by its name. */
export type ArgumentsOf = ReturnType<typeof argumentsIn>;
