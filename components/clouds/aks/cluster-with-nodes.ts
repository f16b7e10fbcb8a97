import { ManagementLockByScope } from "@pulumi/azure-native/authorization";
import type { ManagedCluster } from "@pulumi/azure-native/containerservice";
import { DiagnosticSetting } from "@pulumi/azure-native/monitor";
import { Workspace } from "@pulumi/azure-native/operationalinsights";
import type * as pulumi from "@pulumi/pulumi";
import { makeAdmin } from "./access";
import { makeAgentPools, proximityGroups } from "./agent-pools";
import { makeControlPlane } from "./control-plane";
import { makeNetwork } from "./network";
import { makePlace, type AksSettings, type Place } from "./place";

/** Makes a cluster in a resource group and network of its own, with all its nodes; `ready` is what its objects wait for. */
export function clusterWithNodes(
  name: string,
  settings: AksSettings,
  child: Place["child"],
): { place: Place; cluster: ManagedCluster; ready: pulumi.Resource[] } {
  const place = makePlace(name, settings, child);
  const network = makeNetwork(name, place);
  const proximity = proximityGroups(name, place, settings.pools);
  const cluster = makeControlPlane(name, place, settings, { network, proximity });
  const agentPools = makeAgentPools(name, place, settings, { cluster, network, proximity });
  const admin = makeAdmin(name, place, cluster);
  keepAuditLogs(name, place, cluster.id);
  if (settings.deletionProtection) lock(name, cluster, { ...child, dependsOn: agentPools });
  return { place, cluster, ready: [...agentPools, admin] };
}

/** Makes Azure refuse the deletion, whoever asks for it. */
function lock(name: string, cluster: ManagedCluster, opts: pulumi.CustomResourceOptions): void {
  new ManagementLockByScope(
    `${name}-lock`,
    {
      lockName: "gpu-serving",
      scope: cluster.id,
      level: "CanNotDelete",
      notes:
        "Set deletionProtection to false in the stack file before the cluster or one of its pools is deleted.",
    },
    opts,
  );
}

/**
 * What is kept: changes to objects and who made them (without the reads of `kube-audit`, which are most of the volume),
 * who was let in, and why the autoscaler did or did not add a node.
 */
const categories = ["kube-audit-admin", "guard", "cluster-autoscaler"];

/** Keeps the control plane's logs. */
function keepAuditLogs(name: string, place: Place, clusterId: pulumi.Output<string>): void {
  const { resourceGroupName, location, tags, azureName, child } = place;
  const workspace = new Workspace(
    `${name}-logs`,
    {
      workspaceName: `${azureName}-logs`,
      ...{ resourceGroupName, location, tags },
      sku: { name: "PerGB2018" },
      // 30 are in the price of ingestion, further ones cost.
      retentionInDays: 90,
    },
    child,
  );
  new DiagnosticSetting(
    `${name}-audit`,
    {
      name: "audit",
      resourceUri: clusterId,
      workspaceId: workspace.id,
      logAnalyticsDestinationType: "Dedicated",
      logs: categories.map((category) => ({ category, enabled: true })),
    },
    child,
  );
}
