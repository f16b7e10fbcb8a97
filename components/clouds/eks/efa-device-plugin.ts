import { DaemonSet } from "@pulumi/kubernetes/apps/v1";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { gpuToleration } from "../gpu-nodes";
import { efaLabel } from "./efa";

/** AWS's device plugin, which offers EFA to pods as `vpc.amazonaws.com/efa`, on the nodes that have it; as AWS's chart makes it. */
export class EfaDevicePlugin extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:EfaDevicePlugin", name, {}, opts);
    const child = { parent: this };
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: { name: plugin, namespace }, automountServiceAccountToken: false },
      child,
    );
    const labels = { "app.kubernetes.io/name": plugin };
    new DaemonSet(
      name,
      {
        metadata: { name: plugin, namespace, labels },
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              serviceAccountName: account.metadata.name,
              automountServiceAccountToken: false,
              priorityClassName: "system-node-critical",
              hostNetwork: true,
              nodeSelector: efaLabel,
              tolerations: [gpuToleration],
              containers: [
                {
                  name: plugin,
                  image,
                  resources: { requests: { cpu: "10m", memory: "20Mi" } },
                  securityContext: { privileged: true, runAsUser: 0 },
                  volumeMounts: folders.map(({ name, path }) => ({ name, mountPath: path })),
                },
              ],
              volumes: folders.map(({ name, path, type }) => ({ name, hostPath: { path, type } })),
            },
          },
        },
      },
      child,
    );
    this.registerOutputs({});
  }
}

const plugin = "aws-efa-k8s-device-plugin";
/** The plugin is privileged, which namespaces with a Pod Security level forbid. */
const namespace = "kube-system";

/** Registry and version of AWS's chart (docs/facts.md 3.19); nodes of all regions of the partition `aws` may pull from it. */
const image = `602401143452.dkr.ecr.us-west-2.amazonaws.com/eks/${plugin}:v0.5.20`;

/** Folders of the node: where kubelet is told, the devices, and the place of a tool that maps accelerators to them. */
const folders = [
  { name: "device-plugins", path: "/var/lib/kubelet/device-plugins", type: "Directory" },
  { name: "infiniband", path: "/dev/infiniband", type: "Directory" },
  { name: "neuron-tools", path: "/opt/aws/neuron", type: "DirectoryOrCreate" },
];
