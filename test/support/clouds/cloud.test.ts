import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cloud } from "./cloud";
import type { Values } from "./kind";
import { Refusal } from "./requests";
import { tables } from "./tables";

type CloudName = keyof typeof tables;
/** A thing to make: type without its package, name and inputs. */
type Wanted = [type: string, inputs: Values];

const network: Wanted[] = [
  ["compute/network:Network", { name: "n" }],
  ["compute/subnetwork:Subnetwork", { name: "s", network: "n" }],
  ["compute/router:Router", { name: "r", network: "n" }],
];
const nat: Wanted = ["compute/routerNat:RouterNat", { name: "x", router: "r" }];
const gke = (more: Values = {}): Wanted => [
  "container/cluster:Cluster",
  { name: "c", network: "n", subnetwork: "s", ...more },
];
const nodes = (more: Values = {}): Wanted => [
  "container/nodePool:NodePool",
  { name: "p", cluster: "c", ...more },
];
const gpu = { name: "gpu", nodeConfig: { guestAccelerators: [{ type: "nvidia-l4" }] } };
const email = "nodes@acme.iam.gserviceaccount.com";
const account: Wanted = ["serviceaccount/account:Account", { accountId: "nodes", project: "acme" }];
const ofAccount = nodes({ nodeConfig: { serviceAccount: email } });
const api = (service: string): Wanted => [
  "projects/service:Service",
  { project: "acme", service: `${service}.googleapis.com` },
];
const iam = api("iam");
const role: Wanted = [
  "projects/iAMMember:IAMMember",
  { role: "roles/artifactregistry.reader", member: `serviceAccount:${email}` },
];
/** A cluster as we make it, with what its project must have on. */
const ours = (more: Values = {}): Wanted =>
  gke({
    ...{ removeDefaultNodePool: true, initialNodeCount: 1 },
    nodeConfig: { diskType: "pd-standard", diskSizeGb: 50 },
    ...more,
  });
const compute = [...network, api("compute")];
const pools = [...network, nat, gke(), nodes({ name: "system" })];
const a3 = { machineType: "a3-highgpu-8g", guestAccelerators: [{ type: "nvidia-h100-80gb" }] };

const iamRole: Wanted = ["iam/role:Role", { name: "role" }];
const policy: Wanted = [
  "iam/rolePolicyAttachment:RolePolicyAttachment",
  { role: "role", policyArn: "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy" },
];
const roleArn = "arn:aws:iam::111122223333:role/role";
const eks: Wanted = ["eks/cluster:Cluster", { name: "c", roleArn }];
const cni: Wanted = ["eks/addon:Addon", { clusterName: "c", addonName: "vpc-cni" }];

const group: Wanted = ["resources:ResourceGroup", { resourceGroupName: "g" }];
const identity: Wanted = [
  "managedidentity:UserAssignedIdentity",
  { resourceGroupName: "g", resourceName: "i" },
];
const aks: Wanted = [
  "containerservice:ManagedCluster",
  { resourceGroupName: "g", resourceName: "c" },
];
const agents: Wanted = [
  "containerservice:AgentPool",
  { resourceGroupName: "g", resourceName: "c", agentPoolName: "a" },
];
const lock: Wanted = [
  "authorization:ManagementLockByScope",
  {
    lockName: "l",
    scope:
      "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c",
  },
];

const subscription = "/subscriptions/00000000-0000-4000-8000-000000000001";
const clusterId = `${subscription}/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c`;
const person = "00000000-0000-4000-8000-000000000002";
const grant = (more: Values = {}): Wanted => [
  "authorization:RoleAssignment",
  {
    ...{ scope: clusterId, roleAssignmentName: "r", principalId: person, principalType: "User" },
    roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b`,
    ...more,
  },
];
const pool = (more: Values = {}) => ({
  ...{ name: "system", enableAutoScaling: true, count: 2, minCount: 2, maxCount: 5 },
  ...{ vmSize: "Standard_D4ds_v5", availabilityZones: ["1", "2", "3"], ...more },
});
const aksWith = (...agentPoolProfiles: Values[]): Wanted => [
  "containerservice:ManagedCluster",
  { resourceGroupName: "g", resourceName: "c", agentPoolProfiles },
];
const inOwnGroup = `${subscription}/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acme/blobServices/default/containers/models`;

/** What a cloud refuses to make on top of what is there, and what it says. */
const creations: [claim: string, CloudName, there: Wanted[], wanted: Wanted, says: RegExp][] = [
  ["what is there already", "gcp", network, ["compute/network:Network", { name: "n" }], /exists/],
  ["a type that no row tells of", "gcp", [], ["compute/disk:Disk", {}], /no row for/],
  ["what lacks a part of its id", "aws", [], ["iam/role:Role", {}], /name is missing/],
  ["what names something unknown", "gcp", network, gke({ subnetwork: "t" }), /subnetwork is t/],
  ["what refers to an unknown id", "gcp", [], gke({ x: "projects/p/global/x/y" }), /not exist/],
  ["nodes without NAT", "gcp", [...network, gke()], nodes(), /without a NAT/],
  [
    "nodes whose account may do nothing",
    "gcp",
    [...network, nat, gke(), iam, account],
    ofAccount,
    /allowed to write logs/,
  ],
  ["GPUs before other nodes", "gcp", [...network, nat, gke()], nodes(gpu), /pool without GPUs/],
  [
    "a bucket's reader before its identity pool",
    "gcp",
    [],
    [
      "storage/bucketIAMMember:BucketIAMMember",
      {
        ...{ bucket: "b", role: "roles/storage.objectViewer" },
        member: "principal://x/p.svc.id.goog/subject",
      },
    ],
    /first cluster/,
  ],
  [
    "a role that there is none of",
    "gcp",
    [],
    ["projects/iAMMember:IAMMember", { role: "roles/container.nodeServiceAgent", member: "x" }],
    /is not supported/,
  ],
  ["an account before IAM's API is on", "gcp", [], account, /SERVICE_DISABLED: iam/],
  [
    "a key ring before its API is on",
    "gcp",
    [],
    ["kms/keyRing:KeyRing", { name: "r" }],
    /SERVICE_DISABLED: cloudkms/,
  ],
  [
    "GKE's account before its API is on",
    "gcp",
    [],
    ["projects/serviceIdentity:ServiceIdentity", { service: "container.googleapis.com" }],
    /SERVICE_DISABLED: container/,
  ],
  [
    "a cluster before Compute Engine's API is on",
    "gcp",
    network,
    ours(),
    /SERVICE_DISABLED: compute/,
  ],
  [
    "a cluster in no release channel",
    "gcp",
    network,
    gke({ releaseChannel: { channel: "UNSPECIFIED" } }),
    /existing customers only/,
  ],
  [
    "a cluster whose first pool takes SSDs",
    "gcp",
    compute,
    ours({ nodeConfig: {} }),
    /"SSD_TOTAL_GB": request requires '300.0' and is short '50.0'/,
  ],
  [
    "a cluster for ranges with host bits",
    "gcp",
    network,
    gke({ masterAuthorizedNetworksConfig: { cidrBlocks: [{ cidrBlock: "203.0.113.7/24" }] } }),
    /Invalid value for field "cidrBlock"/,
  ],
  [
    "nodes without GPUs whose SSDs are too large",
    "gcp",
    [...network, nat, gke()],
    nodes({ initialNodeCount: 1, nodeConfig: { diskType: "pd-balanced", diskSizeGb: 100 } }),
    /SSD_TOTAL_GB/,
  ],
  [
    "a pool of a channel's cluster that is not upgraded",
    "gcp",
    [...network, nat, gke()],
    nodes({ management: { autoUpgrade: false } }),
    /Auto_upgrade cannot be false/,
  ],
  [
    "a pool with a path for a name",
    "gcp",
    [...network, nat, gke()],
    nodes({ name: "l4-reserved-projects/p/reservations/r" }),
    /node_pool.name/,
  ],
  [
    "nodes of half a path to a reservation",
    "gcp",
    pools,
    nodes({
      ...gpu,
      nodeConfig: { ...gpu.nodeConfig, reservationAffinity: { values: ["shared/r1"] } },
    }),
    /Invalid reservation/,
  ],
  [
    "flex-start nodes close to each other",
    "gcp",
    pools,
    nodes({ placementPolicy: { type: "COMPACT" }, nodeConfig: { ...a3, flexStart: true } }),
    /A3 Ultra, A4 and H4D only/,
  ],
  [
    "reserved nodes of a policy of GKE's",
    "gcp",
    pools,
    nodes({
      placementPolicy: { type: "COMPACT" },
      nodeConfig: { ...a3, reservationAffinity: { values: ["r1"] } },
    }),
    /no such placement policy/,
  ],
  [
    "a Persistent Disk on a machine of Hyperdisks",
    "gcp",
    pools,
    nodes({ nodeConfig: { machineType: "g4-standard-48", diskType: "pd-balanced" } }),
    /cannot be used by g4-standard-48/,
  ],
  [
    "slices that an A100 would be cut into otherwise",
    "gcp",
    pools,
    nodes({
      nodeConfig: {
        guestAccelerators: [{ type: "nvidia-tesla-a100", gpuPartitionSize: "1g.10gb" }],
      },
    }),
    /not a valid GPU partition size/,
  ],
  [
    "nodes that stream images without their API",
    "gcp",
    [...pools, iam, api("cloudresourcemanager"), account, role],
    nodes({ nodeConfig: { serviceAccount: email, gcfsConfig: { enabled: true } } }),
    /SERVICE_DISABLED: containerfilesystem/,
  ],
  [
    "nodes that stream images without the right to",
    "gcp",
    [...pools, iam, api("cloudresourcemanager"), api("containerfilesystem"), account, role],
    nodes({ nodeConfig: { serviceAccount: email, gcfsConfig: { enabled: true } } }),
    /Service Usage Consumer/,
  ],
  ["a cluster whose role may do nothing", "aws", [iamRole], eks, /network interfaces/],
  [
    "a cluster that logs before its log group",
    "aws",
    [iamRole, policy],
    ["eks/cluster:Cluster", { ...eks[1], enabledClusterLogTypes: ["audit"] }],
    /without an end to its retention/,
  ],
  [
    "an add-on with pods before nodes",
    "aws",
    [iamRole, policy, eks],
    ["eks/addon:Addon", { clusterName: "c", addonName: "coredns" }],
    /Degraded/,
  ],
  [
    "private nodes without a way out",
    "aws",
    [iamRole, policy, eks, cni],
    ["eks/nodeGroup:NodeGroup", { clusterName: "c", nodeGroupName: "g", nodeRoleArn: roleArn }],
    /route to a NAT/,
  ],
  [
    "a cluster with more ranges than it takes",
    "aws",
    [iamRole, policy],
    [
      "eks/cluster:Cluster",
      { ...eks[1], vpcConfig: { publicAccessCidrs: Array.from({ length: 41 }, String) } },
    ],
    /up to 40 ranges/,
  ],
  [
    "an access entry for whoever made the cluster",
    "aws",
    [
      iamRole,
      policy,
      [eks[0], { ...eks[1], accessConfig: { bootstrapClusterCreatorAdminPermissions: true } }],
    ],
    [
      "eks/accessEntry:AccessEntry",
      { clusterName: "c", principalArn: "arn:aws:iam::111122223333:user/stand-in" },
    ],
    /ResourceInUseException/,
  ],
  ["anything without its resource group", "azure-native", [], identity, /resourceGroupName is g/],
  [
    "a credential for tokens of nobody's",
    "azure-native",
    [group, identity],
    [
      "managedidentity:FederatedIdentityCredential",
      {
        ...{ resourceGroupName: "g", resourceName: "i", issuer: "https://oidc.example/none/" },
        federatedIdentityCredentialResourceName: "f",
      },
    ],
    /tokens of this issuer/,
  ],
  [
    "a grant of a role that does not exist",
    "azure-native",
    [group, aks],
    grant({ roleDefinitionId: "x/roleDefinitions/b1ff04bb-8a4e-4dc4-8ac5-8693973ce19b" }),
    /RoleDefinitionDoesNotExist/,
  ],
  [
    "a grant that exists under another name",
    "azure-native",
    [group, aks, grant()],
    grant({ roleAssignmentName: "other" }),
    /RoleAssignmentExists/,
  ],
  [
    "a grant for a person as for a program",
    "azure-native",
    [group, aks],
    grant({ principalType: "ServicePrincipal" }),
    /UnmatchedPrincipalType/,
  ],
  [
    "access to a storage account in a group that was made a moment ago",
    "azure-native",
    [group],
    grant({ scope: inOwnGroup }),
    /ResourceNotFound: the storage account/,
  ],
  [
    "nodes without SSH, which is a preview",
    "azure-native",
    [group],
    aksWith(pool({ securityProfile: { sshAccess: "Disabled" } })),
    /DisableSSHPreview/,
  ],
  [
    "a pool without SSH, likewise",
    "azure-native",
    [group, aks],
    [agents[0], { ...agents[1], securityProfile: { sshAccess: "Disabled" } }],
    /DisableSSHPreview/,
  ],
];

/** What a cloud refuses to change of the last that is there, and what it says. */
const changes: [claim: string, CloudName, there: Wanted[], change: Values, says: RegExp][] = [
  [
    "the zones of the cluster's own pool",
    "azure-native",
    [group, aksWith(pool())],
    { agentPoolProfiles: [pool({ availabilityZones: ["1"] })] },
    /PropertyChangeNotAllowed/,
  ],
  [
    "the name of the cluster's own pool",
    "azure-native",
    [group, aksWith(pool())],
    { agentPoolProfiles: [pool({ name: "system1" })] },
    /a new agent pool was introduced/,
  ],
  [
    "the number of its nodes to that of another pool",
    "azure-native",
    [group, aksWith(pool())],
    { agentPoolProfiles: [pool({ count: 7 })] },
    /count must be between/,
  ],
];

/** What a cloud refuses to delete of what is there, and what it says. */
const deletions: [claim: string, CloudName, there: Wanted[], index: number, says: RegExp][] = [
  ["a network with a subnetwork", "gcp", network, 0, /in use by gcp:compute\/subnetwork/],
  ["a subnetwork with a cluster", "gcp", [...network, gke()], 1, /in use by gcp:container/],
  ["a cluster with node pools", "gcp", [...network, nat, gke(), nodes()], 4, /in use by/],
  ["a NAT that nodes need", "gcp", [...network, nat, gke(), nodes()], 3, /still needed by/],
  [
    "the role of nodes' account",
    "gcp",
    [...network, nat, gke(), iam, api("cloudresourcemanager"), account, role, ofAccount],
    8,
    /still needed by/,
  ],
  ["the policies of a cluster's role", "aws", [iamRole, policy, eks], 1, /still needed by c/],
  ["a cluster's role", "aws", [iamRole, policy, eks], 0, /in use by aws:/],
  ["a cluster with add-ons", "aws", [iamRole, policy, eks, cni], 2, /in use by aws:eks\/addon/],
  ["a resource group that is not empty", "azure-native", [group, identity], 0, /in use by/],
  ["a cluster with agent pools", "azure-native", [group, aks, agents], 1, /in use by/],
  ["what a lock holds", "azure-native", [group, aks, lock], 1, /in use by .*ManagementLock/],
  ["a grant below a lock", "azure-native", [group, aks, grant(), lock], 2, /ScopeLocked/],
  ["an agent pool below a lock", "azure-native", [group, aks, agents, lock], 2, /ScopeLocked/],
];

/** Nodes in the subnets of two zones, with all else that they need. */
async function groupOverZones(cloud: Cloud, zones: string[]) {
  const make = (type: string, inputs: Values) => cloud.create(`aws:${type}`, "made", inputs);
  const vpc = await make("ec2/vpc:Vpc", { cidrBlock: "10.0.0.0/16" });
  await make("ec2/internetGateway:InternetGateway", { vpcId: vpc.id });
  const subnetIds = [];
  for (const availabilityZone of zones)
    subnetIds.push((await make("ec2/subnet:Subnet", { vpcId: vpc.id, availabilityZone })).id);
  const nat = await make("ec2/natGateway:NatGateway", { subnetId: subnetIds[0] });
  await make("ec2/route:Route", {
    ...{ vpcId: vpc.id, natGatewayId: nat.id },
    routeTableId: (await make("ec2/routeTable:RouteTable", { vpcId: vpc.id })).id,
  });
  for (const [type, inputs] of [iamRole, policy, eks, cni]) await make(type, inputs);
  return make("eks/nodeGroup:NodeGroup", {
    ...{ clusterName: "c", nodeGroupName: "g", nodeRoleArn: roleArn, subnetIds },
  });
}

describe("a stand-in cloud", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloud-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = (name: CloudName) =>
    new Cloud(tables[name], folder, { server: "https://192.0.2.1", authority: "" });
  const make = (cloud: Cloud, name: CloudName, [type, inputs]: Wanted) =>
    cloud.create(`${name}:${type}`, "made", inputs);
  const refusal = (says: RegExp) => (error: unknown) => {
    assert.ok(error instanceof Refusal);
    assert.match(error.message, says);
    return true;
  };

  for (const [claim, name, there, wanted, says] of creations) {
    it(`refuses to make ${claim} (${name})`, async () => {
      const cloud = open(name);
      for (const one of there) await make(cloud, name, one);
      await assert.rejects(make(cloud, name, wanted), refusal(says));
      assert.equal(cloud.everything().length, there.length);
    });
  }

  for (const [claim, name, there, change, says] of changes) {
    it(`refuses to change ${claim} (${name})`, async () => {
      const cloud = open(name);
      const made = [];
      for (const one of there) made.push(await make(cloud, name, one));
      const { type = "", id = "", inputs } = made.at(-1) ?? {};
      await assert.rejects(cloud.update(type, "made", id, { ...inputs, ...change }), refusal(says));
      assert.deepEqual(cloud.everything().at(-1)?.inputs, inputs);
    });
  }

  it("refuses what the account has not switched on", async () => {
    const cloud = open("azure-native");
    const logs: Wanted = ["monitor:DiagnosticSetting", { resourceUri: clusterId, name: "audit" }];
    for (const one of [group, aks]) await make(cloud, "azure-native", one);
    const control = (switchedOff: string[]) =>
      writeFileSync(join(folder, "control.json"), JSON.stringify({ switchedOff }));
    control(["Microsoft.Insights"]);
    await assert.rejects(make(cloud, "azure-native", logs), refusal(/not registered to use/));
    control([]);
    await make(cloud, "azure-native", logs);
  });

  it("refuses to make nodes over several zones, of which the autoscaler sees one (aws)", async () => {
    await assert.rejects(
      groupOverZones(open("aws"), ["us-east-1a", "us-east-1b"]),
      refusal(/looks at the first one alone/),
    );
  });

  it("makes nodes in several subnets of one zone (aws)", async () => {
    await groupOverZones(open("aws"), ["us-east-1a", "us-east-1a"]);
  });

  for (const [claim, name, there, index, says] of deletions) {
    it(`refuses to delete ${claim} (${name}), and lets all go in the order of creation reversed`, async () => {
      const cloud = open(name);
      const made = [];
      for (const one of there) made.push(await make(cloud, name, one));
      const { type = "", id = "" } = made[index] ?? {};
      await assert.rejects(cloud.delete(type, "made", id), refusal(says));
      assert.equal(cloud.everything().length, there.length);
      for (const thing of made.reverse()) await cloud.delete(thing.type, "made", thing.id);
      assert.deepEqual(cloud.everything(), []);
    });
  }

  it("takes an API that is on as it is, whoever switches it on", async () => {
    const cloud = open("gcp");
    const first = await make(cloud, "gcp", iam);
    assert.deepEqual(await make(cloud, "gcp", iam), first);
    assert.equal(cloud.everything().length, 1);
  });

  it("refuses to delete a protected cluster until the protection is off", async () => {
    const cloud = open("gcp");
    for (const one of network) await make(cloud, "gcp", one);
    const { type, id, inputs } = await make(cloud, "gcp", gke({ deletionProtection: true }));
    await assert.rejects(cloud.delete(type, "made", id), refusal(/deletionProtection is on/));
    await cloud.update(type, "made", id, { ...inputs, deletionProtection: false });
    await cloud.delete(type, "made", id);
    assert.equal(cloud.known(id), undefined);
  });

  it("takes the time of its table, scaled, and lets nothing refer to what is not ready", async () => {
    const cloud = open("gcp");
    writeFileSync(join(folder, "control.json"), JSON.stringify({ timeScale: 0.01 }));
    const start = Date.now();
    const making = make(cloud, "gcp", ["compute/network:Network", { name: "n" }]);
    const subnetwork: Wanted = ["compute/subnetwork:Subnetwork", { name: "s", network: "n" }];
    await assert.rejects(make(cloud, "gcp", subnetwork), refusal(/not ready/));
    await making;
    assert.ok(Date.now() - start >= 220, "22 s, a hundred times as fast");
    assert.equal(open("gcp").everything().length, 1, "another process knows of it");
  });

  it("adds the times of the longest chain up", async () => {
    const cloud = open("gcp");
    for (const one of [...network, nat, gke(), nodes()]) await make(cloud, "gcp", one);
    const chain = cloud.longestChain();
    assert.deepEqual(
      chain.types.map((type) => type.split(":").at(-1)),
      ["Network", "Subnetwork", "Cluster", "NodePool"],
    );
    assert.equal(chain.seconds, 22 + 23 + 402 + 82);
  });
});
