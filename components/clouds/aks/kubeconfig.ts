import { parseDocument } from "yaml";
import { z } from "zod";
import { execKubeconfig } from "../exec-kubeconfig";

/** What Azure hands out for a cluster, as far as we need it. */
const handedOut = z.object({
  clusters: z
    .array(
      z.object({
        cluster: z.object({ server: z.string(), "certificate-authority-data": z.string() }),
      }),
    )
    .min(1),
});

/** Application that stands for the API server of every AKS cluster (Azure/kubelogin, README). */
const serverId = "6dae42f8-4368-4678-94ff-3960e28e3630";

/**
 * Kubeconfig that gets a short-lived Entra token for each use. kubelogin takes the login of the Azure command line, which
 * people and pipelines both have; `AAD_LOGIN_METHOD` in the environment chooses another one. What cannot be read is handed on:
 * Azure's own text, which asks kubelogin too.
 */
export function entraKubeconfig(name: string, credentials: string): string {
  const read = handedOut.safeParse(parseDocument(credentials).toJS());
  const cluster = read.data?.clusters[0]?.cluster;
  if (!cluster) return credentials;
  return execKubeconfig({
    name,
    cluster,
    exec: {
      command: "kubelogin",
      args: ["get-token", "--server-id", serverId, "--login", "azurecli"],
      provideClusterInfo: false,
      installHint:
        "kubelogin gets tokens of Microsoft Entra: https://azure.github.io/kubelogin/install.html",
    },
  });
}
