import { DefaultSecurityGroup } from "@pulumi/aws/ec2/defaultSecurityGroup";
import { Eip } from "@pulumi/aws/ec2/eip";
import { InternetGateway } from "@pulumi/aws/ec2/internetGateway";
import { NatGateway } from "@pulumi/aws/ec2/natGateway";
import { Route } from "@pulumi/aws/ec2/route";
import { RouteTable } from "@pulumi/aws/ec2/routeTable";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation";
import { Subnet } from "@pulumi/aws/ec2/subnet";
import { Vpc } from "@pulumi/aws/ec2/vpc";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint";
import * as pulumi from "@pulumi/pulumi";
import type { EksSettings } from "./settings";
import { zoneAddresses } from "./zones";

/** Arguments for {@link EksNetwork}; its zones are those of all subnets, sorted. */
type EksNetworkArgs = Pick<EksSettings, "region" | "zones" | "cidr" | "nat" | "tags">;

/** A network with a private and a public subnet in each zone; private ones reach the internet through NAT, and S3 directly. */
export class EksNetwork extends pulumi.ComponentResource {
  /** Id of the VPC. */
  readonly vpcId: pulumi.Output<string>;
  /** Ids of the subnets of nodes, by zone. */
  readonly privateSubnets: ReadonlyMap<string, pulumi.Output<string>>;

  constructor(name: string, args: EksNetworkArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:EksNetwork", name, {}, opts);
    const { region, zones, cidr, nat } = args;
    const child = { parent: this };
    const tagged = (role: string, more: Record<string, string> = {}) => ({
      region,
      tags: { ...args.tags, ...more, Name: `${name}-${role}` },
    });

    const { id: vpcId } = new Vpc(
      name,
      { cidrBlock: cidr, enableDnsSupport: true, enableDnsHostnames: true, ...tagged("vpc") },
      child,
    );
    // Without rules nothing that lands in it by mistake is reachable.
    new DefaultSecurityGroup(`${name}-default`, { vpcId, ...tagged("default") }, child);
    const internet = new InternetGateway(
      `${name}-internet`,
      { vpcId, ...tagged("internet") },
      child,
    );
    const place = { name, cidr, vpcId, internet, tagged, child };
    const publicTable = routeTable(place, "public", { gatewayId: internet.id });
    const gateways = zones.map((zone, at) => {
      const subnet = zoneSubnet(place, "public", zone, publicTable);
      return nat === "one" && at > 0 ? undefined : natGateway(place, zone, subnet);
    });
    const privates = zones.map((zone, at) => {
      const gateway = gateways[at] ?? gateways[0];
      const table = routeTable(place, `private-${zone}`, { natGatewayId: gateway?.id });
      return { zone, table, subnet: zoneSubnet(place, "private", zone, table).subnet };
    });
    // Weights come from S3: this way they cost nothing by the gigabyte and do not queue at the NAT.
    new VpcEndpoint(
      `${name}-s3`,
      {
        vpcId,
        vpcEndpointType: "Gateway",
        serviceName: `com.amazonaws.${region}.s3`,
        routeTableIds: privates.map(({ table }) => table.id),
        ...tagged("s3"),
      },
      child,
    );
    this.vpcId = vpcId;
    this.privateSubnets = new Map(privates.map(({ zone, subnet }) => [zone, subnet.id]));
    this.registerOutputs({ vpcId });
  }
}

/** The network that subnets are in. */
interface NetworkPlace extends Pick<EksNetworkArgs, "cidr"> {
  /** Name of the component, with which the names of all its resources begin. */
  name: string;
  vpcId: pulumi.Output<string>;
  internet: InternetGateway;
  /** Region and tags of a resource: the network's, its name, and more. */
  tagged: (
    role: string,
    more?: Record<string, string>,
  ) => { region: string; tags: Record<string, string> };
  /** Options of every resource. */
  child: { parent: pulumi.Resource };
}

/** Makes a route table that sends what is for no address of the network to a gateway. */
function routeTable(
  { name, vpcId, tagged, child }: NetworkPlace,
  role: string,
  gateway: { gatewayId: pulumi.Input<string> } | { natGatewayId?: pulumi.Input<string> },
): RouteTable {
  const { region, tags } = tagged(role);
  const table = new RouteTable(`${name}-${role}`, { vpcId, region, tags }, child);
  new Route(
    `${name}-${role}-out`,
    { region, routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", ...gateway },
    child,
  );
  return table;
}

/** Label by which the load balancer controllers find the subnets of each scope. */
const loadBalancerTag = {
  public: "kubernetes.io/role/elb",
  private: "kubernetes.io/role/internal-elb",
} as const;

/** Makes a subnet that a route table is for. */
function zoneSubnet(
  { name, vpcId, cidr, tagged, child }: NetworkPlace,
  scope: "public" | "private",
  zone: string,
  table: RouteTable,
): { subnet: Subnet; association: RouteTableAssociation } {
  const role = `${scope}-${zone}`;
  const { region, tags } = tagged(role, { [loadBalancerTag[scope]]: "1" });
  const cidrBlock = zoneAddresses(cidr, zone)[scope];
  const subnet = new Subnet(
    `${name}-${role}`,
    { vpcId, availabilityZone: zone, cidrBlock, region, tags },
    child,
  );
  const association = new RouteTableAssociation(
    `${name}-${role}`,
    { region, subnetId: subnet.id, routeTableId: table.id },
    child,
  );
  return { subnet, association };
}

/** Makes the way out of private subnets, in the public subnet of a zone. */
function natGateway(
  { name, internet, tagged, child }: NetworkPlace,
  zone: string,
  { subnet, association }: ReturnType<typeof zoneSubnet>,
): NatGateway {
  const role = `nat-${zone}`;
  const address = new Eip(
    `${name}-${role}`,
    { domain: "vpc", ...tagged(role) },
    { ...child, dependsOn: [internet] },
  );
  return new NatGateway(
    `${name}-${role}`,
    { subnetId: subnet.id, allocationId: address.id, ...tagged(role) },
    { ...child, dependsOn: [internet, association] },
  );
}
