import type { Cluster } from "@pulumi/gcp/container/cluster";
import * as pulumi from "@pulumi/pulumi";
import { execKubeconfig } from "../exec-kubeconfig";

/** The kubeconfig of a cluster, a secret; by address where the control plane is reached from given ranges. */
export function kubeconfigOf(cluster: Cluster, byAddress: boolean): pulumi.Output<string> {
  const { name, endpoint, masterAuth, controlPlaneEndpointsConfig } = cluster;
  const found = byAddress
    ? pulumi
        .all([name, endpoint, masterAuth.clusterCaCertificate])
        .apply(([name, host, authority]) => kubeconfig({ name, host, authority }))
    : pulumi
        .all([name, controlPlaneEndpointsConfig.dnsEndpointConfig])
        .apply(([name, dns]) => kubeconfig({ name, host: dns?.endpoint ?? "" }));
  return pulumi.secret(found);
}

/** Where a control plane answers. */
interface Endpoint {
  /** Name of the cluster, for people who read the file. */
  name: string;
  /** Host name or address. */
  host: string;
  /** Certificate of its authority, base64; undefined where any client trusts it, as at the DNS endpoint. */
  authority?: string;
}

function kubeconfig({ name, host, authority }: Endpoint): string {
  return execKubeconfig({
    name,
    cluster: {
      server: `https://${host}`,
      ...(authority && { "certificate-authority-data": authority }),
    },
    exec: {
      command: "gke-gcloud-auth-plugin",
      installHint: "gcloud components install gke-gcloud-auth-plugin",
      provideClusterInfo: true,
    },
  });
}
