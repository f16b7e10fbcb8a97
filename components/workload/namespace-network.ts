import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import type { meta, networking } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";

/**
 * Closes a namespace: its pods take no connection and make none but those to the cluster's DNS; what an entry needs
 * besides is in a policy of its own.
 */
export function closeNetwork(
  name: string,
  metadata: (role: string) => meta.v1.ObjectMeta,
  child: pulumi.CustomResourceOptions,
): NetworkPolicy[] {
  return [
    new NetworkPolicy(
      `${name}-closed`,
      {
        // Policies of entries are named like those, which have no dot.
        metadata: metadata("namespace.closed"),
        spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
      },
      child,
    ),
    new NetworkPolicy(
      `${name}-dns`,
      {
        metadata: metadata("namespace.dns"),
        spec: {
          podSelector: {},
          policyTypes: ["Egress"],
          egress: [dns],
        },
      },
      child,
    ),
  ];
}

/**
 * Connections to DNS. To any address: it is served by pods (GKE, AKS), by the node itself (EKS Auto Mode, NodeLocal DNSCache) or by the
 * cloud's metadata server (Cloud DNS for GKE), which no selector finds together.
 */
export const dns: networking.v1.NetworkPolicyEgressRule = {
  ports: ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 })),
};

/** Label that Kubernetes itself gives each namespace. */
export const namespaceNameLabel = "kubernetes.io/metadata.name";
