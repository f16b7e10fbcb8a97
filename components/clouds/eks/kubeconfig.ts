import type { Cluster } from "@pulumi/aws/eks/cluster";
import * as pulumi from "@pulumi/pulumi";
import { execKubeconfig } from "../exec-kubeconfig";
import type { TokenCredentials } from "./credentials";

/** What leads to a cluster. */
export interface Endpoint {
  /** Name of the cluster in the account. */
  name: string;
  /** Region of the cluster. */
  region: string;
  /** URL of the control plane. */
  url: string;
  /** Certificate of its authority, base64. */
  authority: string;
  /** Whose token it is. @default whoever the AWS command line is logged in as */
  credentials?: TokenCredentials;
}

/** A kubeconfig that asks the AWS command line for a token of quarter of an hour each time; it holds no credentials. */
export function kubeconfig({ name, region, url, authority, credentials }: Endpoint): string {
  const { profile, role } = credentials ?? {};
  return execKubeconfig({
    name,
    cluster: { server: url, "certificate-authority-data": authority },
    exec: {
      command: "aws",
      args: [
        ...["eks", "get-token", "--cluster-name", name, "--region", region],
        ...(profile === undefined ? [] : ["--profile", profile]),
        ...(role === undefined ? [] : ["--role-arn", role]),
      ],
    },
  });
}

/** The kubeconfig of a cluster, a secret. */
export function kubeconfigOf(
  { endpoint, certificateAuthority }: Cluster,
  where: Pick<Endpoint, "name" | "region" | "credentials">,
): pulumi.Output<string> {
  return pulumi.secret(
    pulumi
      .all([endpoint, certificateAuthority])
      .apply(([url, { data }]) => kubeconfig({ ...where, url, authority: data })),
  );
}
