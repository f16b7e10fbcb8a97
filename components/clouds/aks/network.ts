import { NatGateway, PublicIPAddress, Subnet, VirtualNetwork } from "@pulumi/azure-native/network";
import type * as pulumi from "@pulumi/pulumi";
import type { Place } from "./place";

/** Addresses of nodes and internal load balancers. */
export const networkRange = "10.224.0.0/14";
const nodeRange = "10.224.0.0/16";
/** Addresses of pods, an overlay that no other network sees: 256 for each node, so this is 16,384 nodes. */
export const podRange = "10.128.0.0/10";
/** Addresses of Services inside the cluster, and that of its DNS. */
export const serviceRange = "172.20.0.0/16";
export const dnsAddress = "172.20.0.10";

/** The cluster's own network: one subnet whose only way out is a NAT gateway. */
export interface Network {
  /** Subnet of all nodes. */
  subnet: Subnet;
  /** Address that everything in the network has outside. */
  outboundAddress: pulumi.Output<string | undefined>;
}

/** Makes the network. */
export function makeNetwork(name: string, place: Place): Network {
  const { resourceGroupName, location, tags, azureName, child } = place;
  const address = new PublicIPAddress(
    `${name}-nat-address`,
    {
      publicIpAddressName: `${azureName}-nat`,
      ...{ resourceGroupName, location, tags },
      sku: { name: "Standard" },
      publicIPAllocationMethod: "Static",
    },
    child,
  );
  const gateway = new NatGateway(
    `${name}-nat`,
    {
      natGatewayName: `${azureName}-nat`,
      ...{ resourceGroupName, location, tags },
      sku: { name: "Standard" },
      publicIpAddresses: [{ id: address.id }],
    },
    child,
  );
  const network = new VirtualNetwork(
    `${name}-network`,
    {
      virtualNetworkName: azureName,
      ...{ resourceGroupName, location, tags },
      addressSpace: { addressPrefixes: [networkRange] },
    },
    // Azure has a network list its subnets: left to ours, it would remove the one below.
    { ...child, ignoreChanges: ["subnets"] },
  );
  const subnet = new Subnet(
    `${name}-nodes`,
    {
      subnetName: "nodes",
      resourceGroupName,
      virtualNetworkName: network.name,
      addressPrefix: nodeRange,
      natGateway: { id: gateway.id },
      defaultOutboundAccess: false,
    },
    child,
  );
  return { subnet, outboundAddress: address.ipAddress };
}
