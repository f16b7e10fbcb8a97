import assert from "node:assert/strict";
import { join } from "node:path";
import { applied } from "../../../cli/apply";
import { step } from "../../../process/progress";
import { localPulumiTools } from "../../../local/tool-list";
import { provide } from "../../../local/tools";
import type { Listed } from "../../support/clouds/programs/listed";
import { Sandbox } from "../../support/clouds/stand-ins";

const program = join(__dirname, "..", "..", "support", "clouds", "programs", "listed.ts");
const listed = (type: string, name: string, inputs: Listed["inputs"] = {}): Listed => ({
  ...{ type, name, inputs },
});
const groupType = "aws:eks/nodeGroup:NodeGroup";

/** A cluster with one node group of this range, and what a node group needs. */
const withGroup = (maxSize: number): Listed[] => [
  listed("aws:ec2/vpc:Vpc", "vpc", { cidrBlock: "10.0.0.0/16" }),
  listed("aws:ec2/internetGateway:InternetGateway", "way-out", { vpcId: "@vpc" }),
  listed("aws:ec2/subnet:Subnet", "subnet", { vpcId: "@vpc", cidrBlock: "10.0.0.0/20" }),
  listed("aws:ec2/routeTable:RouteTable", "table", { vpcId: "@vpc" }),
  {
    ...listed("aws:ec2/natGateway:NatGateway", "nat", { subnetId: "@subnet" }),
    dependsOn: ["way-out"],
  },
  listed("aws:ec2/route:Route", "route", {
    ...{ routeTableId: "@table", destinationCidrBlock: "0.0.0.0/0", natGatewayId: "@nat" },
  }),
  listed("aws:iam/role:Role", "role", { name: "r" }),
  listed("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "policy", {
    ...{ role: "@role.name", policyArn: "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy" },
  }),
  {
    ...listed("aws:eks/cluster:Cluster", "cluster", {
      ...{ name: "c", roleArn: "@role.arn", vpcConfig: { subnetIds: ["@subnet"] } },
    }),
    dependsOn: ["policy"],
  },
  listed("aws:eks/addon:Addon", "cni", { clusterName: "@cluster.name", addonName: "vpc-cni" }),
  {
    ...listed(groupType, "cluster-nodes-l4", {
      ...{ clusterName: "@cluster.name", nodeGroupName: "l4", nodeRoleArn: "@role.arn" },
      subnetIds: ["@subnet"],
      scalingConfig: { minSize: 0, maxSize, desiredSize: 0 },
    }),
    dependsOn: ["route", "cni", "policy"],
    ignoreChanges: ["scalingConfig.desiredSize"],
  },
];

describe("the node counts of EKS node groups under the real engine", function () {
  this.slow(120_000);

  before("pulumi is there", async function () {
    this.timeout(45 * 60_000);
    await step("pulumi", (say) => provide(localPulumiTools, say));
  });

  it("stay the autoscaler's when a stack with another range is applied, also from its first time on", async () => {
    const name = "node-counts";
    const box = new Sandbox({ name, program });
    const apply = async () => {
      const said: string[] = [];
      const engine = async (args: string[]) => {
        const result = await box.pulumi(args, { mayFail: true });
        said.push(result.output);
        return result;
      };
      const code = await applied(name, engine, (advice) => said.push(advice));
      assert.equal(code, 0, said.join("\n"));
    };
    const scaling = () => box.things("aws").find(({ type }) => type === groupType)?.inputs;
    await box.init();
    box.settings({ resources: withGroup(4) });
    await apply();
    assert.deepEqual(scaling()?.scalingConfig, { minSize: 0, maxSize: 4, desiredSize: 0 });

    box.scale("aws", 4);
    box.settings({ resources: withGroup(8) });
    await apply();
    assert.deepEqual(scaling()?.scalingConfig, { minSize: 0, maxSize: 8, desiredSize: 4 });

    const from = box.operations().length;
    await apply();
    assert.deepEqual(box.operations(from), []);
  });
});
