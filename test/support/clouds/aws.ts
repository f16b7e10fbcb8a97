import type { CloudTable, Kind, Thing, Values, World } from "./kind";
import { awsTimes } from "./times";
import { at } from "./values";

const account = "111122223333";
const region = "us-east-1";
const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${account}:${rest}`;
/** Who asks. */
const caller = `arn:aws:iam::${account}:user/stand-in`;
const iam = (rest: string) => `arn:aws:iam::${account}:${rest}`;

/** Something of EC2 with an id of its own. */
const ec2 = (prefix: string, part: string, fixed: string[] = [], outputs: Values = {}): Kind => ({
  id: `${prefix}-{hex}`,
  fixed,
  outputs: ({ id, inputs }) => ({
    arn: arn("ec2", `${part}/${id}`),
    tagsAll: inputs.tags ?? {},
    ...outputs,
  }),
});

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const named = (type: string, name: unknown, world: World) =>
  world.all(type).find(({ inputs }) => inputs.name === name);

/** Subnets of a cluster, or of the nodes in one. */
const subnetsOf = (nodes: Values): unknown[] =>
  list(nodes.subnetIds ?? at(nodes, "vpcConfig.subnetIds"));

/** Zones of the subnets of a cluster, or of the nodes in one. */
function zonesOf(nodes: Values, world: World): number {
  const subnets = subnetsOf(nodes);
  const zones = world
    .all("aws:ec2/subnet:Subnet")
    .filter(({ id }) => subnets.includes(id))
    .map(({ inputs }) => inputs.availabilityZone);
  return new Set(zones).size;
}

function vpcOf(nodes: Values, world: World): unknown {
  const [first] = subnetsOf(nodes);
  return world.all("aws:ec2/subnet:Subnet").find(({ id }) => id === first)?.inputs.vpcId;
}

/** Whether a route leads nodes out of their private subnets. */
function leadsOut(nodes: Values, { inputs }: Thing, world: World): boolean {
  const toNat =
    inputs.natGatewayId !== undefined ||
    list(inputs.routes).some((route) => at(route, "natGatewayId") !== undefined);
  const table = inputs.routeTableId ?? undefined;
  const ofVpc =
    inputs.vpcId ??
    world.all("aws:ec2/routeTable:RouteTable").find(({ id }) => id === table)?.inputs.vpcId;
  return toNat && ofVpc === vpcOf(nodes, world);
}

const hasNodes = (cluster: Values) => at(cluster, "computeConfig.enabled") === true;
const roleName = (roleArn: unknown) => String(roleArn).split("/").at(-1);
const attachedTo =
  (path: string) =>
  (thing: Values, { inputs }: Thing) =>
    [roleName(at(thing, path)), at(thing, path)].includes(inputs.role);

/** AWS as far as our clusters use it. */
export const aws: CloudTable = {
  name: "aws",
  defaults: { account, region },
  seconds: awsTimes,
  reference: /^arn:aws[\w-]*:|^(vpc|subnet|sg|rtb|nat|igw|eipalloc|lt|eni|vpce)-[0-9a-f]{8,}$/,
  foreign:
    /^arn:aws[\w-]*:(iam::aws:|eks::aws:|s3:::|iam::\d+:(root|user|oidc-provider)|ec2:[^:]*:\d+:capacity-reservation|\w*:[^:]*:\d*:\*|sts:|logs:[^:]*:\d+:log-group:.*:\*$)/,
  locks: ["deletionProtection"],
  kinds: {
    "aws:ec2/vpc:Vpc": {
      ...ec2("vpc", "vpc", ["cidrBlock"]),
      outputs: ({ id, inputs }) => ({
        arn: arn("ec2", `vpc/${id}`),
        tagsAll: inputs.tags ?? {},
        defaultSecurityGroupId: `sg-${id.slice(4)}`,
      }),
      handles: ["arn", "defaultSecurityGroupId"],
    },
    "aws:ec2/subnet:Subnet": ec2("subnet", "subnet", ["vpcId", "cidrBlock", "availabilityZone"]),
    "aws:ec2/internetGateway:InternetGateway": ec2("igw", "internet-gateway"),
    "aws:ec2/eip:Eip": {
      ...ec2("eipalloc", "elastic-ip", ["domain"]),
      outputs: ({ id }) => ({
        ...{ allocationId: id, publicIp: "203.0.113.20", arn: arn("ec2", `elastic-ip/${id}`) },
      }),
    },
    "aws:ec2/natGateway:NatGateway": ec2("nat", "natgateway", ["subnetId", "allocationId"]),
    "aws:ec2/routeTable:RouteTable": ec2("rtb", "route-table", ["vpcId"]),
    "aws:ec2/route:Route": {
      id: "r-{routeTableId}-{hex}",
      fixed: ["routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock"],
    },
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {
      id: "rtbassoc-{hex}",
      fixed: ["subnetId"],
    },
    "aws:ec2/securityGroup:SecurityGroup": ec2("sg", "security-group", [
      ...["name", "description", "vpcId"],
    ]),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
      id: "default-{vpcId}",
      fixed: ["vpcId"],
    },
    "aws:ec2/securityGroupRule:SecurityGroupRule": {
      id: "sgrule-{hex}",
      fixed: ["securityGroupId", "type", "protocol", "fromPort", "toPort", "cidrBlocks"],
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
      id: "sgr-{hex}",
      fixed: ["securityGroupId"],
    },
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
      id: "sgr-{hex}",
      fixed: ["securityGroupId"],
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint": ec2("vpce", "vpc-endpoint", ["vpcId", "serviceName"]),
    "aws:ec2/flowLog:FlowLog": ec2("fl", "vpc-flow-log", ["vpcId", "trafficType"]),
    "aws:ec2/launchTemplate:LaunchTemplate": ec2("lt", "launch-template", ["name"], {
      latestVersion: 1,
      defaultVersion: 1,
    }),
    "aws:iam/role:Role": {
      id: "{name}",
      fixed: ["name", "path"],
      outputs: ({ inputs }) => ({ arn: iam(`role/${String(inputs.name)}`), uniqueId: "AROA1" }),
    },
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
      id: "{role}-{policyArn}",
      fixed: ["role", "policyArn"],
      names: { role: "aws:iam/role:Role" },
    },
    "aws:iam/rolePolicy:RolePolicy": {
      id: "{role}:{name}",
      fixed: ["role", "name"],
      names: { role: "aws:iam/role:Role" },
    },
    "aws:iam/policy:Policy": {
      id: "arn:aws:iam::{account}:policy/{name}",
      fixed: ["name", "path", "description"],
      outputs: ({ id }) => ({ arn: id }),
    },
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
      id: "arn:aws:iam::{account}:oidc-provider/{url}",
      fixed: ["url"],
      outputs: ({ id }) => ({ arn: id }),
    },
    "aws:kms/key:Key": {
      id: "{uuid}",
      outputs: ({ id }) => ({ arn: arn("kms", `key/${id}`), keyId: id }),
      handles: ["arn"],
    },
    "aws:kms/alias:Alias": {
      id: "{name}",
      fixed: ["name"],
      outputs: ({ id }) => ({ arn: arn("kms", id) }),
    },
    "aws:cloudwatch/logGroup:LogGroup": {
      id: "{name}",
      fixed: ["name"],
      outputs: ({ id }) => ({ arn: arn("logs", `log-group:${id}`) }),
    },
    "aws:eks/cluster:Cluster": {
      id: "{name}",
      fixed: [
        ...["name", "roleArn", "encryptionConfig", "bootstrapSelfManagedAddons"],
        ...[
          "accessConfig.bootstrapClusterCreatorAdminPermissions",
          "kubernetesNetworkConfig.ipFamily",
        ],
      ],
      handles: ["arn", "vpcConfig.clusterSecurityGroupId"],
      outputs: ({ id, inputs, serial }, { server, authority }) => ({
        arn: arn("eks", `cluster/${id}`),
        endpoint: server,
        certificateAuthority: { data: authority },
        certificateAuthorities: [{ data: authority }],
        identities: [{ oidcs: [{ issuer: `https://oidc.eks.${region}.amazonaws.com/id/${id}` }] }],
        vpcConfig: {
          ...(inputs.vpcConfig as Values | undefined),
          clusterSecurityGroupId: `sg-${String(serial).padStart(17, "0")}`,
        },
        platformVersion: "eks.1",
        status: "ACTIVE",
        version: inputs.version ?? "1.35",
      }),
    },
    "aws:eks/nodeGroup:NodeGroup": {
      id: "{clusterName}:{nodeGroupName}",
      fixed: [
        ...["clusterName", "nodeGroupName", "nodeRoleArn", "subnetIds", "amiType", "capacityType"],
        ...["instanceTypes", "diskSize", "launchTemplate.id", "launchTemplate.name"],
      ],
      names: { clusterName: "aws:eks/cluster:Cluster" },
      outputs: ({ id, inputs }) => ({
        arn: arn("eks", `nodegroup/${id.replace(":", "/")}`),
        status: "ACTIVE",
        resources: [{ autoscalingGroups: [{ name: `eks-${String(inputs.nodeGroupName)}-1` }] }],
      }),
    },
    "aws:eks/addon:Addon": {
      id: "{clusterName}:{addonName}",
      fixed: ["clusterName", "addonName"],
      names: { clusterName: "aws:eks/cluster:Cluster" },
      outputs: ({ id }) => ({ arn: arn("eks", `addon/${id.replace(":", "/")}`) }),
    },
    "aws:eks/accessEntry:AccessEntry": {
      id: "{clusterName}:{principalArn}",
      fixed: ["clusterName", "principalArn", "type"],
      names: { clusterName: "aws:eks/cluster:Cluster" },
    },
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {
      id: "{clusterName}#{principalArn}#{policyArn}",
      fixed: ["clusterName", "principalArn", "policyArn"],
      names: { clusterName: "aws:eks/cluster:Cluster" },
    },
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
      id: "a-{hex}",
      fixed: ["clusterName", "namespace", "serviceAccount"],
      names: { clusterName: "aws:eks/cluster:Cluster" },
      outputs: ({ id }) => ({ associationId: id, associationArn: arn("eks", `podidentity/${id}`) }),
    },
    "aws:autoscaling/tag:Tag": { id: "{autoscalingGroupName},{tag.key}", fixed: ["tag.key"] },
  },
  needs: [
    {
      type: "aws:eks/cluster:Cluster",
      of: "aws:iam/role:Role",
      only: (cluster) => list(at(cluster, "vpcConfig.publicAccessCidrs")).length > 40,
      when: () => false,
      untilGone: false,
      why: "a public endpoint takes up to 40 ranges (containers-roadmap issue 2174)",
    },
    {
      type: "aws:eks/accessEntry:AccessEntry",
      of: "aws:eks/cluster:Cluster",
      only: ({ principalArn }) => principalArn === caller,
      when: ({ clusterName }, { inputs }) =>
        inputs.name === clusterName &&
        at(inputs, "accessConfig.bootstrapClusterCreatorAdminPermissions") === false,
      untilGone: false,
      why: "ResourceInUseException: EKS made one for whoever made the cluster (pulumi-eks issue 2373)",
    },
    {
      type: "aws:eks/nodeGroup:NodeGroup",
      of: "aws:eks/cluster:Cluster",
      only: (group) => subnetsOf(group).length > 1,
      when: (group, _, world) => zonesOf(group, world) === 1,
      untilGone: false,
      why: "of a group over several zones the cluster autoscaler looks at the first one alone (aws_manager.go)",
    },
    {
      type: "aws:eks/nodeGroup:NodeGroup",
      of: "aws:ec2/route:Route",
      only: () => true,
      when: leadsOut,
      why: "private nodes reach neither the control plane nor a registry without a route to a NAT",
    },
    {
      type: "aws:ec2/natGateway:NatGateway",
      of: "aws:ec2/internetGateway:InternetGateway",
      when: (nat, gateway, world) =>
        world.known(nat.subnetId)?.inputs.vpcId === gateway.inputs.vpcId,
      why: "the network of a public NAT gateway has an internet gateway",
    },
    {
      type: "aws:eks/cluster:Cluster",
      of: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      when: attachedTo("roleArn"),
      anyOne: false,
      why: "the control plane creates and deletes network interfaces with this role",
    },
    {
      type: "aws:eks/nodeGroup:NodeGroup",
      of: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      when: attachedTo("nodeRoleArn"),
      anyOne: false,
      why: "nodes join, pull and leave with this role",
    },
    {
      type: "aws:eks/cluster:Cluster",
      of: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      only: (cluster) => at(cluster, "computeConfig.nodeRoleArn") !== undefined,
      when: attachedTo("computeConfig.nodeRoleArn"),
      anyOne: false,
      why: "nodes join, pull and leave with this role",
    },
    {
      type: "aws:eks/addon:Addon",
      of: "aws:eks/nodeGroup:NodeGroup",
      only: ({ addonName }) => ["coredns", "metrics-server"].includes(String(addonName)),
      when: (addon, { inputs }, world) =>
        inputs.clusterName === addon.clusterName ||
        hasNodes(named("aws:eks/cluster:Cluster", addon.clusterName, world)?.inputs ?? {}),
      untilGone: false,
      why: "its pods need a node, else the add-on is Degraded (terraform-aws-eks issue 3001)",
    },
    {
      type: "aws:eks/nodeGroup:NodeGroup",
      of: "aws:eks/addon:Addon",
      only: () => true,
      when: (group, { inputs }) =>
        inputs.clusterName === group.clusterName && inputs.addonName === "vpc-cni",
      why: "nodes are not ready without the network plugin",
    },
    {
      type: "aws:eks/cluster:Cluster",
      of: "aws:cloudwatch/logGroup:LogGroup",
      only: (cluster) => list(cluster.enabledClusterLogTypes).length > 0,
      when: ({ name }, group) => group.inputs.name === `/aws/eks/${String(name)}/cluster`,
      why: "EKS makes a missing log group itself, without an end to its retention, and leaves it behind",
    },
    {
      type: "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
      of: "aws:eks/accessEntry:AccessEntry",
      when: ({ clusterName, principalArn }, { inputs }) =>
        inputs.clusterName === clusterName && inputs.principalArn === principalArn,
      why: "a policy is given to an access entry",
    },
  ],
  functions: {
    "aws:index/getCallerIdentity:getCallerIdentity": () => ({
      ...{ id: account, accountId: account, userId: "AIDA1" },
      arn: caller,
    }),
    "aws:index/getPartition:getPartition": () => ({
      ...{ id: "aws", partition: "aws", dnsSuffix: "amazonaws.com" },
      reverseDnsPrefix: "com.amazonaws",
    }),
    "aws:index/getRegion:getRegion": () => ({ id: region, name: region, region, endpoint: "" }),
    "aws:index/getAvailabilityZones:getAvailabilityZones": (args) => {
      const of = typeof args.region === "string" ? args.region : region;
      const names = ["a", "b", "c", "d"].map((zone) => `${of}${zone}`);
      const zoneIds = ["use1-az1", "use1-az2", "use1-az4", "use1-az6"];
      return { id: of, names, zoneIds, groupNames: [of], state: "available" };
    },
    "aws:iam/getSessionContext:getSessionContext": ({ arn: of }) => ({
      ...{ id: of, arn: of, issuerArn: of, issuerId: "AIDA1", issuerName: "stand-in" },
      sessionName: "",
    }),
    "aws:eks/getAddonVersion:getAddonVersion": ({ addonName }) => ({
      ...{ id: addonName, addonName, version: "v1.0.0-eksbuild.1" },
    }),
    "aws:iam/getPolicyDocument:getPolicyDocument": ({ statements }) => ({
      id: "1",
      json: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
    }),
  },
};
