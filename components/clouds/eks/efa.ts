import type { LaunchTemplateArgs } from "@pulumi/aws/ec2/launchTemplate";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup";
import * as pulumi from "@pulumi/pulumi";
import type { Interconnect } from "../../cluster/cluster";
import type { ManagedPool } from "../managed";

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
export function efaResources(cards: readonly number[]): Required<Pick<Interconnect, "resources">> {
  return { resources: { [efaResource]: cards.length, [hugePages]: bytesOfWorkers } };
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
export function efaInterfaces(
  cards: readonly number[],
  securityGroups: pulumi.Input<string>[],
): NonNullable<LaunchTemplateArgs["networkInterfaces"]> {
  const common = { securityGroups, deleteOnTermination: "true" };
  return [
    { networkCardIndex: 0, deviceIndex: 0, interfaceType: "interface", ...common },
    ...cards.map((card) => ({
      ...{ networkCardIndex: card, deviceIndex: card === 0 ? 1 : 0, interfaceType: "efa-only" },
      ...common,
    })),
  ];
}

/** What a node does before its kubelet starts, which counts the huge pages once; as user data, in base64. */
export const efaUserData = Buffer.from(
  [
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="//"',
    "",
    "--//",
    'Content-Type: text/x-shellscript; charset="us-ascii"',
    "",
    "#!/bin/bash",
    `echo vm.nr_hugepages=${pagesOfNode} > /etc/sysctl.d/90-efa-hugepages.conf`,
    "sysctl --load=/etc/sysctl.d/90-efa-hugepages.conf",
    "",
    "--//--",
    "",
  ].join("\n"),
).toString("base64");

/** Makes the security group of EFA: what is in it reaches what is in it, in both directions, by rules that say so. */
export function efaSecurityGroup(
  name: string,
  args: {
    /** Name of the cluster in the account. */
    clusterName: string;
    region: string;
    vpcId: pulumi.Input<string>;
    tags: Record<string, string>;
  },
  opts: pulumi.CustomResourceOptions,
): SecurityGroup {
  const { clusterName, region, vpcId, tags } = args;
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
