import { Network } from "@pulumi/gcp/compute/network";
import { Router } from "@pulumi/gcp/compute/router";
import { RouterNat } from "@pulumi/gcp/compute/routerNat";
import { Subnetwork } from "@pulumi/gcp/compute/subnetwork";
import type * as pulumi from "@pulumi/pulumi";
import { rangeNames, type ClusterSettings } from "./control-plane";

/** A cluster's own network: one subnetwork, no way in, and a way out through Cloud NAT for nodes without an address. */
export function clusterNetwork(
  name: string,
  { clusterName, project, region, ranges = {} }: ClusterSettings,
  opts: pulumi.CustomResourceOptions,
) {
  const { nodes = "10.0.0.0/20", pods = "10.4.0.0/14", services = "10.1.0.0/20" } = ranges;
  const network = new Network(
    `${name}-network`,
    { name: clusterName, project, autoCreateSubnetworks: false, routingMode: "REGIONAL" },
    opts,
  );
  const subnetwork = new Subnetwork(
    `${name}-subnetwork`,
    {
      name: clusterName,
      ...{ project, region, network: network.id },
      ipCidrRange: nodes,
      secondaryIpRanges: [
        { rangeName: rangeNames.pods, ipCidrRange: pods },
        { rangeName: rangeNames.services, ipCidrRange: services },
      ],
      // Google's registries and APIs are reached without NAT.
      privateIpGoogleAccess: true,
    },
    opts,
  );
  const router = new Router(
    `${name}-router`,
    { name: clusterName, project, region, network: network.id },
    opts,
  );
  const nat = new RouterNat(
    `${name}-nat`,
    {
      name: clusterName,
      ...{ project, region, router: router.name },
      natIpAllocateOption: "AUTO_ONLY",
      sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
      // Image layers and weights come over many connections to few addresses; the fixed default is 64 ports a node.
      enableDynamicPortAllocation: true,
      minPortsPerVm: 256,
      maxPortsPerVm: 8192,
      logConfig: { enable: true, filter: "ERRORS_ONLY" },
    },
    opts,
  );
  return { network, subnetwork, nat };
}
