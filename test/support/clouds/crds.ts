/** A custom resource of a cloud's, with any content: the cloud's own controllers check it there. */
function anyContent(group: string, version: string, kind: string, plural: string) {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      ...{ group, scope: "Cluster" },
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          ...{ name: version, served: true, storage: true },
          schema: {
            openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
          },
        },
      ],
    },
  };
}

/** A kind that a cloud's clusters bring with them. */
export type CloudKind = ReturnType<typeof anyContent>;

/** What GKE's clusters bring with them. */
export const gkeKinds = [anyContent("cloud.google.com", "v1", "ComputeClass", "computeclasses")];

/** What EKS's clusters in Auto Mode bring with them. */
export const autoModeKinds = [
  anyContent("karpenter.sh", "v1", "NodePool", "nodepools"),
  anyContent("eks.amazonaws.com", "v1", "NodeClass", "nodeclasses"),
];

/** A node that exists in name only: its pods are scheduled and become Ready. With GPUs, unless it is of the cluster's own. */
export function simulatedNode(name: string, labels: Record<string, string>) {
  const gpu = labels["gpu-serving/pool"] !== "system";
  const gpus = gpu ? { "nvidia.com/gpu": "8" } : {};
  const taints = [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }];
  const resources = { cpu: "64", memory: "512Gi", pods: "110", ...gpus };
  return {
    ...{ apiVersion: "v1", kind: "Node" },
    metadata: {
      name,
      annotations: { "kwok.x-k8s.io/node": "fake" },
      labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", ...labels },
    },
    spec: gpu ? { taints } : {},
    status: { allocatable: resources, capacity: resources },
  };
}
