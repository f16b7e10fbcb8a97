import { Provider } from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import { identityIn } from "./kubeconfig";

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
   * Whether the stack makes the cluster, so that nobody else has objects of these names: what an interrupted `up` made is taken up.
   * @default false
   */
  ofOwnCluster?: boolean;
}

/** What a cluster that somebody else made is known by: its name in the kubeconfig, which is no secret. */
export function identityOf(kubeconfig: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.unsecret(pulumi.output(kubeconfig).apply(identityIn));
}

/** Makes a Kubernetes provider; every one of ours is made here, because what is missing in one of them deletes live objects. */
export function objectsProvider(
  name: string,
  { kubeconfig, identity, ofOwnCluster = false }: ObjectsProviderArgs,
  opts: pulumi.ResourceOptions,
): Provider {
  return new Provider(
    name,
    {
      kubeconfig,
      clusterIdentifier: identity,
      // A field that another manager set since, as `kubectl scale` does, becomes ours again instead of failing the update.
      enablePatchForce: true,
      ...(ofOwnCluster && { upsertExistingObjects: true }),
    },
    opts,
  );
}
