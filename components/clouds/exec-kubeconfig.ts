import { stringify } from "yaml";

/** What leads to a cluster of a cloud. */
export interface ExecKubeconfigArgs {
  /** Name of the cluster, for people who read the file. */
  name: string;
  /** Where the control plane answers; its authority in base64 where not every client trusts it. */
  cluster: { server: string; "certificate-authority-data"?: string };
  /** The cloud's command that prints a token, as Kubernetes's client-go credential plugins are described. */
  exec: {
    command: string;
    args?: string[];
    /** What to do where the command is missing. */
    installHint?: string;
    /** Whether the command is told of the cluster in KUBERNETES_EXEC_INFO. @default false */
    provideClusterInfo?: boolean;
  };
}

/** A kubeconfig that holds no credentials: each use asks the cloud's command for a token of whoever uses it. */
export function execKubeconfig({ name, cluster, exec }: ExecKubeconfigArgs): string {
  const apiVersion = "client.authentication.k8s.io/v1beta1";
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user: { exec: { apiVersion, ...exec, interactiveMode: "IfAvailable" } } }],
    "current-context": name,
  });
}
