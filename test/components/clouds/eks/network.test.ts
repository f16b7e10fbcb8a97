import assert from "node:assert/strict";
import type { Recorded } from "../../../support/deploy";
import { deployEks, eksPool } from "../../../support/eks";

function ofType(resources: Recorded[], type: string): Recorded[] {
  return resources.filter((one) => one.type === type);
}

describe("the network of an EKS cluster", () => {
  it("has a private and a public subnet in the first three zones, tagged for load balancers", async () => {
    const { resources, find } = await deployEks();
    const subnets = ofType(resources, "aws:ec2/subnet:Subnet");

    assert.equal(find("aws:ec2/vpc:Vpc", "cluster-network").inputs.cidrBlock, "10.0.0.0/16");
    assert.deepEqual(
      subnets.map(({ inputs }) => [inputs.availabilityZone, inputs.cidrBlock]).sort(),
      [
        ["us-east-1a", "10.0.0.0/19"],
        ["us-east-1a", "10.0.192.0/24"],
        ["us-east-1b", "10.0.193.0/24"],
        ["us-east-1b", "10.0.32.0/19"],
        ["us-east-1c", "10.0.194.0/24"],
        ["us-east-1c", "10.0.64.0/19"],
      ],
    );
    for (const { name, inputs } of subnets) {
      const role = name.includes("private") ? "internal-elb" : "elb";
      const tags = inputs.tags as Record<string, string>;
      assert.equal(tags[`kubernetes.io/role/${role}`], "1", name);
      assert.equal(inputs.mapPublicIpOnLaunch, undefined, name);
    }
  });

  it("has subnets in the zones of pools, too, but the control plane only in its own", async () => {
    const { resources, find } = await deployEks({
      zones: ["us-east-1a", "us-east-1b"],
      pools: { l4: eksPool({ zones: ["us-east-1d"] }) },
    });

    assert.equal(ofType(resources, "aws:ec2/subnet:Subnet").length, 6);
    assert.deepEqual(
      (find("aws:eks/cluster:Cluster", "cluster").inputs.vpcConfig as Record<string, unknown>)
        .subnetIds,
      ["cluster-network-private-us-east-1a-id", "cluster-network-private-us-east-1b-id"],
    );
  });

  for (const [nat, gateways] of [
    [undefined, ["a", "a", "a"]],
    ["zone", ["a", "b", "c"]],
  ] as const) {
    it(`leads private subnets out through ${nat ? "a NAT gateway in each zone" : "one NAT gateway"}`, async () => {
      const { resources, find } = await deployEks({ nat });

      assert.equal(
        ofType(resources, "aws:ec2/natGateway:NatGateway").length,
        new Set(gateways).size,
      );
      assert.deepEqual(
        ["a", "b", "c"].map(
          (zone) =>
            find("aws:ec2/route:Route", `cluster-network-private-us-east-1${zone}-out`).inputs
              .natGatewayId,
        ),
        gateways.map((zone) => `cluster-network-nat-us-east-1${zone}-id`),
      );
    });
  }

  it("leads public subnets out directly, and S3 traffic of the private ones past NAT", async () => {
    const { find } = await deployEks();

    assert.equal(
      find("aws:ec2/route:Route", "cluster-network-public-out").inputs.gatewayId,
      "cluster-network-internet-id",
    );
    const endpoint = find("aws:ec2/vpcEndpoint:VpcEndpoint", "cluster-network-s3").inputs;
    assert.equal(endpoint.vpcEndpointType, "Gateway");
    assert.equal(endpoint.serviceName, "com.amazonaws.us-east-1.s3");
    assert.deepEqual(
      endpoint.routeTableIds,
      ["a", "b", "c"].map((zone) => `cluster-network-private-us-east-1${zone}-id`),
    );
  });
});
