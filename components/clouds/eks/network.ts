import { DefaultSecurityGroup } from "@pulumi/aws/ec2/defaultSecurityGroup";
import { Vpc } from "@pulumi/aws/ec2/vpc";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint";
import * as pulumi from "@pulumi/pulumi";
import { privateSubnet, waysOut, type EksNetworkArgs } from "./subnets";

/** A network with a private and a public subnet in each zone; private ones reach the internet through NAT, and S3 directly. */
export class EksNetwork extends pulumi.ComponentResource {
  /** Id of the VPC. */
  readonly vpcId: pulumi.Output<string>;
  /** Ids of the subnets of nodes, by zone. */
  readonly privateSubnets: ReadonlyMap<string, pulumi.Output<string>>;

  constructor(name: string, args: EksNetworkArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:EksNetwork", name, {}, opts);
    const { region, zones, cidr } = args;
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
    this.vpcId = vpc.id;
    const place = { ...args, name, vpcId: vpc.id, tagged, child };
    // Without rules nothing that lands in it by mistake is reachable.
    new DefaultSecurityGroup(`${name}-default`, { vpcId: vpc.id, ...tagged("default") }, child);
    const gateways = waysOut(place);
    const [onlyGateway] = gateways.values();
    const made = zones.map((zone) => ({
      zone,
      ...privateSubnet(place, zone, gateways.get(zone) ?? onlyGateway),
    }));
    // Weights come from S3: this way they cost nothing by the gigabyte and do not queue at the NAT.
    new VpcEndpoint(
      `${name}-s3`,
      {
        vpcId: vpc.id,
        vpcEndpointType: "Gateway",
        serviceName: `com.amazonaws.${region}.s3`,
        routeTableIds: made.map(({ table }) => table.id),
        ...tagged("s3"),
      },
      child,
    );
    this.privateSubnets = new Map(made.map(({ zone, subnet }) => [zone, subnet.id]));
    this.registerOutputs({ vpcId: vpc.id });
  }
}
