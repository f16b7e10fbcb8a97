import { Addon } from "@pulumi/aws/eks/addon";
import type { Cluster } from "@pulumi/aws/eks/cluster";
import { getAddonVersionOutput } from "@pulumi/aws/eks/getAddonVersion";
import type * as pulumi from "@pulumi/pulumi";
import type { EksPlace } from "./settings";

/** What EKS installs on a cluster. */
export interface AddOn {
  /** Name of the add-on at EKS. */
  addOn: string;
  /** Settings. @default the add-on's own */
  settings?: Record<string, unknown>;
  /** Service account that takes a role. @default none */
  identity?: { serviceAccount: string; roleArn: pulumi.Input<string> };
}

/** Installs add-ons in the version that EKS recommends for the cluster's; they follow when that rises, which EKS does not do by itself. */
export function installed(
  name: string,
  addOns: readonly AddOn[],
  { cluster, region, tags }: Omit<EksPlace, "clusterName"> & { cluster: Cluster },
  opts: pulumi.CustomResourceOptions,
): Addon[] {
  return addOns.map(
    ({ addOn, settings, identity }) =>
      new Addon(
        `${name}-${addOn}`,
        {
          ...{ region, tags, clusterName: cluster.name, addonName: addOn },
          addonVersion: getAddonVersionOutput(
            { addonName: addOn, kubernetesVersion: cluster.version, region },
            { parent: opts.parent },
          ).version,
          configurationValues: settings && JSON.stringify(settings),
          podIdentityAssociations: identity && [identity],
          resolveConflictsOnCreate: "OVERWRITE",
          resolveConflictsOnUpdate: "OVERWRITE",
        },
        opts,
      ),
  );
}
