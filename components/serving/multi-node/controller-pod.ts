import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { Cluster } from "../../cluster/cluster";
import { awayFromOthers } from "../../workload/scheduling";
import { names } from "./webhooks";

/** Port of its webhooks, in place of 9443: the firewall of private nodes on GKE lets the API server reach 443 and this one (docs/facts.md 20.15). */
export const webhookPort = 10250;
const healthPort = 8081;
const configFolder = "/etc/lws";
const configFile = "controller_manager_config.yaml";

/** Files of its ConfigMap (docs/facts.md 21.16). */
export const configuration = {
  [configFile]: stringify({
    ...{ apiVersion: "config.lws.x-k8s.io/v1alpha1", kind: "Configuration" },
    webhook: { port: webhookPort },
    leaderElection: { leaderElect: true },
    internalCertManagement: { enable: true },
  }),
};

/** What the pods of the controller are made from. */
export interface ControllerPodArgs {
  /** Cluster that they run on. */
  cluster: Cluster;
  image: pulumi.Input<string>;
  /** ServiceAccount that may do what the controller does. */
  account: string;
  /** ConfigMap with {@link configuration}. */
  config: pulumi.Input<string>;
}

/** Pod of the controller of LeaderWorkerSets. */
export function controllerPod({
  cluster,
  image,
  account,
  config,
}: ControllerPodArgs): core.v1.PodSpec {
  const nodeAffinity = awayFromOthers(cluster.pools);
  const args = ["--zap-log-level=2", `--config=${configFolder}/${configFile}`];
  return {
    serviceAccountName: account,
    ...(nodeAffinity && { affinity: { nodeAffinity } }),
    priorityClassName: "system-cluster-critical",
    terminationGracePeriodSeconds: 10,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    volumes: [
      { name: "certificate", secret: { secretName: names.secret } },
      { name: "config", configMap: { name: config } },
    ],
    containers: [
      {
        ...{ name: "manager", image, command: ["/manager"], args },
        ports: [{ name: "webhooks", containerPort: webhookPort }],
        volumeMounts: [
          {
            ...{ name: "certificate", readOnly: true },
            mountPath: "/tmp/k8s-webhook-server/serving-certs",
          },
          { name: "config", readOnly: true, mountPath: configFolder },
        ],
        livenessProbe: {
          httpGet: { path: "/healthz", port: healthPort },
          initialDelaySeconds: 15,
          periodSeconds: 20,
        },
        // Its own readiness says nothing of the certificate: until it is there, no webhook answers.
        readinessProbe: { tcpSocket: { port: webhookPort }, periodSeconds: 5 },
        resources: { requests: { cpu: "100m", memory: "256Mi" } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
      },
    ],
  };
}
