import { Provider } from "@pulumi/kubernetes/provider";
import type * as pulumi from "@pulumi/pulumi";

/** Arguments for {@link objectsProvider}. */
export interface ObjectsProviderArgs {
  /** Text of the kubeconfig that leads to the cluster. */
  kubeconfig: pulumi.Input<string>;
  /**
   * What the cluster is known by for as long as it is the same one. All objects are replaced when it changes, and only then: a
   * rotated certificate authority or another address of the API server replaces nothing. Of a cluster that the stack makes it is an
   * output of that resource, so that the objects are replaced with the cluster.
   */
  identity: pulumi.Input<string>;
  /**
   * Whether the objects are in a cluster or in namespaces that the stack makes, so that nobody else has any of these names. What an
   * interrupted `up` made is taken up then, and objects are made by server-side apply, which a preview needs to see a field removed
   * (docs/facts.md 10.7). Elsewhere it would take over what somebody else has made.
   * @default false
   */
  ownsAll?: boolean;
}

/** Makes a Kubernetes provider; every one of ours is made here, because what is missing in one of them deletes live objects. */
export function objectsProvider(
  name: string,
  { kubeconfig, identity, ownsAll = false }: ObjectsProviderArgs,
  opts: pulumi.ResourceOptions,
): Provider {
  return new Provider(
    name,
    {
      kubeconfig,
      clusterIdentifier: identity,
      // A field that another manager set since, as `kubectl scale` does, becomes ours again instead of failing the update.
      enablePatchForce: true,
      ...(ownsAll && { upsertExistingObjects: true }),
    },
    opts,
  );
}
