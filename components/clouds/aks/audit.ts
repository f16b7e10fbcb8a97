import { DiagnosticSetting } from "@pulumi/azure-native/monitor";
import { Workspace } from "@pulumi/azure-native/operationalinsights";
import type * as pulumi from "@pulumi/pulumi";
import type { Place } from "./place";

/** Days that logs are kept; 30 are in the price of ingestion, further ones cost. */
const retentionInDays = 90;

/**
 * What is kept: changes to objects and who made them (without the reads of `kube-audit`, which are most of the volume),
 * who was let in, and why the autoscaler did or did not add a node.
 */
const categories = ["kube-audit-admin", "guard", "cluster-autoscaler"];

/** Keeps the control plane's logs. */
export function keepAuditLogs(name: string, place: Place, clusterId: pulumi.Output<string>): void {
  const { resourceGroupName, location, tags, azureName, child } = place;
  const workspace = new Workspace(
    `${name}-logs`,
    {
      workspaceName: `${azureName}-logs`,
      ...{ resourceGroupName, location, tags },
      sku: { name: "PerGB2018" },
      retentionInDays,
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
