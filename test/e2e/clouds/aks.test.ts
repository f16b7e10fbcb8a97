import { stackOn } from "../../support/clouds/life-of-a-stack";

stackOn("aks", {
  kind: "aks",
  plugin: "azure-native",
  cluster: { region: "eastus" },
  config: {},
  machines: ["Standard_NC24ads_A100_v4", "Standard_NC48ads_A100_v4"],
  capacity: ["spot", "on-demand"],
  locks: ["azure-native:authorization:ManagementLockByScope"],
  clusterType: "azure-native:containerservice:ManagedCluster",
  down: [
    ["kubernetes:apps/v1:DaemonSet"],
    ["azure-native:containerservice:AgentPool"],
    ["azure-native:containerservice:ManagedCluster"],
    ["azure-native:network:Subnet"],
    ["azure-native:network:NatGateway", "azure-native:network:VirtualNetwork"],
    ["azure-native:resources:ResourceGroup"],
  ],
  token: /^kubelogin get-token --server-id/,
  kinds: [],
  own: ["configmap/cluster-autoscaler-priority-expander", "storageclass/gpu-serving-disk"],
});
