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
import { zoneAddresses } from "./zones";

/** Arguments for {@link EksNetwork}. */
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

    const vpc = new Vpc(
      name,
      { cidrBlock: cidr, enableDnsSupport: true, enableDnsHostnames: true, ...tagged("vpc") },
      child,
    );
    const vpcId = vpc.id;
    // Without rules nothing that lands in it by mistake is reachable.
    new DefaultSecurityGroup(`${name}-default`, { vpcId, ...tagged("default") }, child);
    const internet = new InternetGateway(
      `${name}-internet`,
      { vpcId, ...tagged("internet") },
      child,
    );

    const publicTable = new RouteTable(`${name}-public`, { vpcId, ...tagged("public") }, child);
    new Route(
      `${name}-public-out`,
      {
        region,
        routeTableId: publicTable.id,
        destinationCidrBlock: "0.0.0.0/0",
        gatewayId: internet.id,
      },
      child,
    );
    const gateways = new Map<string, NatGateway>();
    for (const zone of zones) {
      const role = `public-${zone}`;
      const subnet = new Subnet(
        `${name}-${role}`,
        {
          vpcId,
          availabilityZone: zone,
          cidrBlock: zoneAddresses(cidr, zone).public,
          ...tagged(role, { "kubernetes.io/role/elb": "1" }),
        },
        child,
      );
      const association = new RouteTableAssociation(
        `${name}-${role}`,
        { region, subnetId: subnet.id, routeTableId: publicTable.id },
        child,
      );
      if (nat === "one" && gateways.size > 0) continue;
      const address = new Eip(
        `${name}-nat-${zone}`,
        { domain: "vpc", ...tagged(`nat-${zone}`) },
        { ...child, dependsOn: [internet] },
      );
      gateways.set(
        zone,
        new NatGateway(
          `${name}-nat-${zone}`,
          { subnetId: subnet.id, allocationId: address.id, ...tagged(`nat-${zone}`) },
          { ...child, dependsOn: [internet, association] },
        ),
      );
    }

    const [onlyGateway] = gateways.values();
    const tables: RouteTable[] = [];
    const subnets = new Map<string, pulumi.Output<string>>();
    for (const zone of zones) {
      const role = `private-${zone}`;
      const table = new RouteTable(`${name}-${role}`, { vpcId, ...tagged(role) }, child);
      const gateway = gateways.get(zone) ?? onlyGateway;
      new Route(
        `${name}-${role}-out`,
        {
          region,
          routeTableId: table.id,
          destinationCidrBlock: "0.0.0.0/0",
          natGatewayId: gateway?.id,
        },
        child,
      );
      const subnet = new Subnet(
        `${name}-${role}`,
        {
          vpcId,
          availabilityZone: zone,
          cidrBlock: zoneAddresses(cidr, zone).private,
          ...tagged(role, { "kubernetes.io/role/internal-elb": "1" }),
        },
        child,
      );
      new RouteTableAssociation(
        `${name}-${role}`,
        { region, subnetId: subnet.id, routeTableId: table.id },
        child,
      );
      tables.push(table);
      subnets.set(zone, subnet.id);
    }
    // Weights come from S3: this way they cost nothing by the gigabyte and do not queue at the NAT.
    new VpcEndpoint(
      `${name}-s3`,
      {
        vpcId,
        vpcEndpointType: "Gateway",
        serviceName: `com.amazonaws.${region}.s3`,
        routeTableIds: tables.map(({ id }) => id),
        ...tagged("s3"),
      },
      child,
    );

    this.vpcId = vpcId;
    this.privateSubnets = subnets;
    this.registerOutputs({ vpcId });
  }
}
