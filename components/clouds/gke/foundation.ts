import type { Cluster } from "@pulumi/gcp/container/cluster";
import type { Service } from "@pulumi/gcp/projects/service";
import type * as pulumi from "@pulumi/pulumi";
import { enabledApis, projectNumber } from "./apis";
import { googleCluster, type GoogleClusterArgs } from "./control-plane";
import { clusterNetwork, type AddressRanges } from "./network";
import { nodeIdentity } from "./node-identity";
import type { NodeDefaults } from "./node-pool";
import { secretsKey } from "./secrets-key";

/** A cluster without nodes, and what they need. */
export interface Foundation {
  cluster: Cluster;
  /** What all nodes have in common. */
  defaults: NodeDefaults;
  /** What nodes need from their first minute to their last: the way out, and their account's roles. */
  needed: pulumi.Resource[];
  /** APIs of the project that are on. */
  apis: Service[];
  /** Number of the project. */
  number: pulumi.Output<string>;
}

/** What {@link foundation} takes. */
export interface FoundationArgs extends Omit<
  GoogleClusterArgs,
  "network" | "subnetwork" | "secretsKey" | "defaults" | "deletionProtection"
> {
  ranges?: AddressRanges;
  /** Whether Google and Pulumi refuse to delete the cluster and its key. */
  deletionProtection: boolean;
  /** Labels of everything that costs money. */
  labels: Record<string, string>;
}

/** Makes what stands before the first node: APIs, network, the nodes' account, the key of the Secrets, the cluster. */
export function foundation(
  name: string,
  args: FoundationArgs,
  child: { parent: pulumi.Resource },
): Foundation {
  const { clusterName, project, region, ranges, labels, deletionProtection } = args;
  const apis = enabledApis(name, project, child);
  const usable = { ...child, dependsOn: apis };
  const number = projectNumber(project, apis, child);
  const network = clusterNetwork(name, { clusterName, project, region, ranges }, usable);
  const nodes = nodeIdentity(name, { clusterName, project }, usable);
  const { key, use } = secretsKey(
    name,
    { project, region, labels, number, protect: deletionProtection },
    usable,
  );
  const defaults = { serviceAccount: nodes.account.email, resourceLabels: labels };
  const cluster = googleCluster(
    name,
    {
      ...{ ...args, defaults, secretsKey: key.id },
      ...{ network: network.network.id, subnetwork: network.subnetwork.id },
    },
    { ...child, dependsOn: [use] },
  );
  return { cluster, defaults, needed: [network.nat, ...nodes.roles], apis, number };
}
