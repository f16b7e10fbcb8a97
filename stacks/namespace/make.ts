import type { Cluster } from "../../components/cluster/cluster";
import { Namespace } from "../../components/workload/namespace";
import type { Stack } from "../stack";
import { keptNamespaces } from "../volume/make";

/** Makes the namespaces of a stack, without those that are there already. */
export function makeNamespaces(stack: Stack, cluster: Cluster): Record<string, Namespace> {
  const kept = keptNamespaces(stack);
  return Object.fromEntries(
    Object.entries(stack.namespaces).flatMap(([name, { create, ...args }]) => {
      const keep = kept.includes(name);
      return create ? [[name, new Namespace(name, { cluster, keep, ...args })] as const] : [];
    }),
  );
}
