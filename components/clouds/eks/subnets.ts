import { Eip } from "@pulumi/aws/ec2/eip";
import { InternetGateway } from "@pulumi/aws/ec2/internetGateway";
import { NatGateway } from "@pulumi/aws/ec2/natGateway";
import { Route } from "@pulumi/aws/ec2/route";
import { RouteTable } from "@pulumi/aws/ec2/routeTable";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation";
import { Subnet } from "@pulumi/aws/ec2/subnet";
import type * as pulumi from "@pulumi/pulumi";
import { zoneAddresses } from "./zones";

/** Arguments for the network of a cluster. */
export interface EksNetworkArgs {
  /** Region. */
  region: string;
  /** Zones with subnets, sorted. */
  zones: string[];
  /** Addresses of the network, a range of /16. */
  cidr: string;
  /** One way out for all zones, or one in each. */
  nat: "one" | "zone";
  /** Tags of everything in it. */
  tags: Record<string, string>;
}

/** The network that subnets are in. */
export interface NetworkPlace extends Omit<EksNetworkArgs, "tags"> {
  /** Name of the component, with which the names of all its resources begin. */
  name: string;
  vpcId: pulumi.Output<string>;
  /** Region and tags of a resource: the network's, its name, and more. */
  tagged: (
    role: string,
    more?: Record<string, string>,
  ) => { region: string; tags: Record<string, string> };
  /** Options of every resource. */
  child: { parent: pulumi.Resource };
}

/** Makes a public subnet in each zone, and NAT gateways in the first one or in all of them; the gateways by zone. */
export function waysOut(place: NetworkPlace): ReadonlyMap<string, NatGateway> {
  const { name, vpcId, zones, nat, tagged, child } = place;
  const internet = new InternetGateway(`${name}-internet`, { vpcId, ...tagged("internet") }, child);
  const table = new RouteTable(`${name}-public`, { vpcId, ...tagged("public") }, child);
  everywhere(`${name}-public-out`, place, table, { gatewayId: internet.id });
  const gateways = zones.map((zone, at): [string, NatGateway][] => {
    const { subnet, association } = zoneSubnet(place, "public", zone, table);
    if (nat === "one" && at > 0) return [];
    const address = new Eip(
      `${name}-nat-${zone}`,
      { domain: "vpc", ...tagged(`nat-${zone}`) },
      { ...child, dependsOn: [internet] },
    );
    const gateway = new NatGateway(
      `${name}-nat-${zone}`,
      { subnetId: subnet.id, allocationId: address.id, ...tagged(`nat-${zone}`) },
      { ...child, dependsOn: [internet, association] },
    );
    return [[zone, gateway]];
  });
  return new Map(gateways.flat());
}

/** Makes the private subnet of a zone, whose way out is a NAT gateway. */
export function privateSubnet(
  place: NetworkPlace,
  zone: string,
  gateway: NatGateway | undefined,
): { subnet: Subnet; table: RouteTable } {
  const { name, vpcId, tagged, child } = place;
  const role = `private-${zone}`;
  const table = new RouteTable(`${name}-${role}`, { vpcId, ...tagged(role) }, child);
  everywhere(`${name}-${role}-out`, place, table, { natGatewayId: gateway?.id });
  return { table, subnet: zoneSubnet(place, "private", zone, table).subnet };
}

/** Label by which the load balancer controllers find the subnets of each scope. */
const loadBalancerTag = {
  public: "kubernetes.io/role/elb",
  private: "kubernetes.io/role/internal-elb",
} as const;

/** Makes a subnet that a route table is for. */
function zoneSubnet(
  { name, region, vpcId, cidr, tagged, child }: NetworkPlace,
  scope: "public" | "private",
  zone: string,
  table: RouteTable,
): { subnet: Subnet; association: RouteTableAssociation } {
  const role = `${scope}-${zone}`;
  const subnet = new Subnet(
    `${name}-${role}`,
    {
      vpcId,
      availabilityZone: zone,
      cidrBlock: zoneAddresses(cidr, zone)[scope],
      ...tagged(role, { [loadBalancerTag[scope]]: "1" }),
    },
    child,
  );
  const association = new RouteTableAssociation(
    `${name}-${role}`,
    { region, subnetId: subnet.id, routeTableId: table.id },
    child,
  );
  return { subnet, association };
}

/** Sends what is for no address of the network to a gateway. */
function everywhere(
  name: string,
  { region, child }: NetworkPlace,
  table: RouteTable,
  gateway: { gatewayId: pulumi.Input<string> } | { natGatewayId?: pulumi.Input<string> },
): void {
  new Route(
    name,
    { region, routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", ...gateway },
    child,
  );
}
