import assert from "node:assert/strict";
import { at } from "../../../support/deploy";
import { allOf, deployEks, eksPool } from "../../../support/eks";

const subnet = "aws:ec2/subnet:Subnet";
const route = "aws:ec2/route:Route";

describe("the network of an EKS cluster", () => {
  it("has a private and a public subnet in the first three zones, tagged for load balancers", async () => {
    const run = await deployEks();

    assert.equal(run.find("aws:ec2/vpc:Vpc", "cluster-network").inputs.cidrBlock, "10.0.0.0/16");
    assert.deepEqual(
      allOf(run, subnet)
        .map(({ name, inputs }) => {
          const role = name.includes("private") ? "internal-elb" : "elb";
          const tags = inputs.tags as Record<string, string>;
          assert.equal(tags[`kubernetes.io/role/${role}`], "1", name);
          assert.equal(inputs.mapPublicIpOnLaunch, undefined, name);
          return `${String(inputs.availabilityZone)} ${String(inputs.cidrBlock)}`;
        })
        .sort(),
      [
        ...["us-east-1a 10.0.0.0/19", "us-east-1a 10.0.192.0/24"],
        ...["us-east-1b 10.0.193.0/24", "us-east-1b 10.0.32.0/19"],
        ...["us-east-1c 10.0.194.0/24", "us-east-1c 10.0.64.0/19"],
      ],
    );
  });

  it("has subnets in the zones of pools, too, but the control plane only in its own", async () => {
    const run = await deployEks({
      zones: ["us-east-1a", "us-east-1b"],
      pools: { l4: eksPool({ zones: ["us-east-1d"] }) },
    });

    assert.equal(allOf(run, subnet).length, 6);
    assert.deepEqual(at(run.find("aws:eks/cluster:Cluster", "cluster"), "vpcConfig.subnetIds"), [
      ...["cluster-network-private-us-east-1a-id", "cluster-network-private-us-east-1b-id"],
    ]);
  });

  for (const [nat, gateways] of [
    [undefined, ["a", "a", "a"]],
    ["zone", ["a", "b", "c"]],
  ] as const) {
    it(`leads private subnets out through ${nat ? "a NAT gateway in each zone" : "one NAT gateway"}`, async () => {
      const run = await deployEks({ nat });
      const out = (zone: string) => `cluster-network-private-us-east-1${zone}-out`;

      assert.equal(
        allOf(run, "aws:ec2/natGateway:NatGateway").length,
        new Set<string>(gateways).size,
      );
      assert.deepEqual(
        ["a", "b", "c"].map((zone) => run.find(route, out(zone)).inputs.natGatewayId),
        gateways.map((zone) => `cluster-network-nat-us-east-1${zone}-id`),
      );
    });
  }

  it("leads public subnets out directly, and S3 traffic of the private ones past NAT", async () => {
    const { find } = await deployEks();
    const { gatewayId } = find(route, "cluster-network-public-out").inputs;
    const { tags, ...endpoint } = find(
      "aws:ec2/vpcEndpoint:VpcEndpoint",
      "cluster-network-s3",
    ).inputs;

    assert.ok(tags);
    assert.equal(gatewayId, "cluster-network-internet-id");
    assert.deepEqual(endpoint, {
      ...{ region: "us-east-1", vpcId: "cluster-network-id", vpcEndpointType: "Gateway" },
      serviceName: "com.amazonaws.us-east-1.s3",
      routeTableIds: ["a", "b", "c"].map((zone) => `cluster-network-private-us-east-1${zone}-id`),
    });
  });
});
