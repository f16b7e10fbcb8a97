import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import { DaemonSet } from "@pulumi/kubernetes/apps/v1";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { gpuToleration } from "../gpu-nodes";
import type { ManagedPool } from "../managed";
import type { EksPlace } from "./settings";

/** Label of nodes with EFA, on which its device plugin runs. */
export const efaLabel = { "gpu-serving/efa": "true" } as const;

/** Resource by which pods ask for EFA. */
const efaResource = "vpc.amazonaws.com/efa";

/** Resource of huge pages of 2 MiB, from which libfabric takes its buffers. */
const hugePages = "hugepages-2Mi";

/** Huge pages of a node, as many as the EFA installer reserves where it is not told to install the least (EKS user guide, node-efa). */
const pagesOfNode = 5128;

/** Bytes of huge pages that go with all EFAs of a node (the examples of the EKS user guide ask for 5120Mi). */
const bytesOfWorkers = 5120 * 2 ** 20;

/** Network cards of a pool's nodes that get an EFA; undefined: none do. */
export function efaCards({ machine, network }: ManagedPool): readonly number[] | undefined {
  return network === "fast" ? machine.efa : undefined;
}

/** What nodes with EFA offer to workers. */
export function efaResources(cards: readonly number[]): Record<string, number> {
  return { [efaResource]: cards.length, [hugePages]: bytesOfWorkers };
}

/** Tags by which the cluster autoscaler learns of resources that a group's nodes would offer; they go before what it knows of the machine. */
export const nodeTemplate = "k8s.io/cluster-autoscaler/node-template/resources";

/** Tags of a node group without nodes, which tell the cluster autoscaler what one would offer. */
export function efaTags(cards: readonly number[]): Record<string, string> {
  return {
    [`${nodeTemplate}/${efaResource}`]: String(cards.length),
    [`${nodeTemplate}/${hugePages}`]: `${pagesOfNode * 2}Mi`,
  };
}

/**
 * Network interfaces of a node: one with addresses, and on each card one that has EFA alone, which takes none. The first card
 * may have both (EC2 user guide, "Maximize network bandwidth").
 */
export function efaInterfaces(cards: readonly number[], securityGroups: pulumi.Input<string>[]) {
  const efaOnly = cards.map((card) => ({
    ...{ networkCardIndex: card, deviceIndex: card === 0 ? 1 : 0, interfaceType: "efa-only" },
  }));
  return [{ networkCardIndex: 0, deviceIndex: 0, interfaceType: "interface" }, ...efaOnly].map(
    (one) => ({ ...one, securityGroups, deleteOnTermination: "true" }),
  );
}

/** What a node does before its kubelet starts, which counts the huge pages once; as user data, in base64 (docs/facts.md 3.21). */
export const efaUserData = Buffer.from(
  `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="//"

--//
Content-Type: text/x-shellscript; charset="us-ascii"

#!/bin/bash
echo vm.nr_hugepages=${pagesOfNode} > /etc/sysctl.d/90-efa-hugepages.conf
sysctl --load=/etc/sysctl.d/90-efa-hugepages.conf

--//--
`,
).toString("base64");

/** Makes the security group of EFA: what is in it reaches what is in it, in both directions, by rules that say so. */
export function efaSecurityGroup(
  name: string,
  { clusterName, region, tags }: EksPlace,
  vpcId: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): SecurityGroup {
  const itself = { protocol: "-1", fromPort: 0, toPort: 0, self: true };
  return new SecurityGroup(
    `${name}-efa`,
    {
      ...{ region, vpcId, name: `${clusterName}-efa` },
      description: `EFA between nodes of ${clusterName}`,
      ingress: [itself],
      egress: [itself],
      tags: { ...tags, Name: `${clusterName}-efa` },
    },
    opts,
  );
}

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
    const spec = {
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
    };
    new DaemonSet(
      name,
      {
        metadata: { name: plugin, namespace, labels },
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
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
