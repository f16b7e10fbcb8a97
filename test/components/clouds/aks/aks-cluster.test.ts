import assert from "node:assert/strict";
import { Provider as AzureProvider } from "@pulumi/azure-native/provider";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { entraKubeconfig } from "../../../../components/clouds/aks/access";
import { anAksCluster, deployAks, t4Pool } from "../../../support/aks";
import { at, deploy, valueOf, type Recorded } from "../../../support/deploy";

const tags = { "cost-centre": "ml-42", owner: "platform" };
const everyRung = t4Pool({ capacity: [{ kind: "spot" }, { kind: "on-demand" }] });

/** What costs money on Azure, or holds something that does. */
const paidFor = [
  "azure-native:containerservice:AgentPool",
  "azure-native:containerservice:ManagedCluster",
  "azure-native:managedidentity:UserAssignedIdentity",
  "azure-native:network:NatGateway",
  "azure-native:network:PublicIPAddress",
  "azure-native:network:VirtualNetwork",
  "azure-native:operationalinsights:Workspace",
  "azure-native:resources:ResourceGroup",
];

/** Names of the resources that this one says it depends on. */
async function dependencies({ options }: Recorded): Promise<string[]> {
  const listed = await valueOf(pulumi.output(options.dependsOn as pulumi.Input<unknown>));
  const resources = [listed].flat().filter((it) => pulumi.Resource.isInstance(it));
  const urns = await Promise.all(resources.map(({ urn }) => valueOf(urn)));
  return urns.map((urn) => urn.split("::").at(-1) ?? "").sort();
}

describe("a cluster on AKS", () => {
  it("has a network of its own, whose only way out is its NAT gateway", async () => {
    const { find } = await deployAks();
    const subnet = find("azure-native:network:Subnet", "cluster-nodes");

    assert.deepEqual(subnet.inputs.natGateway, { id: "cluster-nat-id" });
    assert.equal(subnet.inputs.defaultOutboundAccess, false);
    assert.equal(subnet.inputs.addressPrefix, "10.224.0.0/16");
    assert.deepEqual(
      find("azure-native:network:NatGateway", "cluster-nat").inputs.publicIpAddresses,
      [{ id: "cluster-nat-address-id" }],
    );
  });

  it("leaves the network's list of subnets to Azure, which would else remove the nodes' one", async () => {
    const { find } = await deployAks();
    const network = find("azure-native:network:VirtualNetwork", "cluster-network");

    assert.equal(network.inputs.subnets, undefined);
    assert.deepEqual(network.options.ignoreChanges, ["subnets"]);
  });

  it("puts all nodes into its subnet, none with a public address", async () => {
    const { resources, find } = await deployAks({ pools: { t4: everyRung } });
    const system = at(
      find("azure-native:containerservice:ManagedCluster", "cluster"),
      "agentPoolProfiles[0]",
    ) as Recorded["inputs"];
    const pools = resources.filter(({ type }) => type.endsWith(":AgentPool"));

    assert.equal(pools.length, 3);
    for (const inputs of [system, ...pools.map(({ inputs }) => inputs)]) {
      assert.equal(inputs.vnetSubnetID, "cluster-nodes-id");
      assert.equal(inputs.enableNodePublicIP, false);
    }
  });

  it("tags everything that costs money", async () => {
    const { result, resources, find } = await deployAks({ tags, pools: { t4: everyRung } });
    result.bucketAccess("weights", {
      ...{
        namespace: "chat",
        serviceAccount: "chat",
        bucket: "shared/models/weights",
        write: false,
      },
    });
    const taggable = resources.filter(({ type }) => paidFor.includes(type));

    assert.deepEqual([...new Set(taggable.map(({ type }) => type))].sort(), paidFor);
    for (const { type, name, inputs } of taggable) {
      assert.deepEqual(inputs.tags, tags, `${type} ${name}`);
    }
    const cluster = find("azure-native:containerservice:ManagedCluster", "cluster");
    assert.deepEqual(at(cluster, "agentPoolProfiles[0].tags"), tags);
    assert.equal(
      at(find("kubernetes:storage.k8s.io/v1:StorageClass", "cluster-disk"), "parameters.tags"),
      "cost-centre=ml-42,owner=platform",
    );
    assert.equal(
      result.loadBalancer("public").annotations?.["service.beta.kubernetes.io/azure-pip-tags"],
      "cost-centre=ml-42,owner=platform",
    );
  });

  it("cannot be deleted, in Azure or by Pulumi, until its stack file says so", async () => {
    const kept = await deployAks({ pools: { t4: everyRung } });
    const free = await deployAks({ deletionProtection: false });
    const lockType = "azure-native:authorization:ManagementLockByScope";
    const isProtected = ({ resources }: typeof kept) =>
      resources.filter(({ options }) => options.protect).map(({ name }) => name);

    const lock = kept.find(lockType, "cluster-lock");
    assert.equal(lock.inputs.level, "CanNotDelete");
    assert.equal(lock.inputs.scope, "cluster-id");
    assert.deepEqual(isProtected(kept).sort(), ["cluster", "cluster-group"]);
    assert.deepEqual(isProtected(free), []);
    assert.deepEqual(
      free.resources.filter(({ type }) => type === lockType),
      [],
    );
  });

  it("takes the lock off before it removes what the lock keeps", async () => {
    const { find } = await deployAks({ pools: { t4: everyRung } });

    assert.deepEqual(
      await dependencies(find("azure-native:authorization:ManagementLockByScope", "cluster-lock")),
      ["cluster-plain", "cluster-t4-on-demand", "cluster-t4-spot"],
    );
  });

  it("goes in the order that leaves nothing behind: objects, add-ons, nodes, cluster, rights", async () => {
    const { find, resources } = await deployAks({ pools: { t4: everyRung } });
    const provider = (name: string) => find("pulumi:providers:kubernetes", name);
    const addOns = resources.filter(({ type }) => type.startsWith("kubernetes:"));

    assert.deepEqual(await dependencies(provider("cluster")), [
      "cluster-device-plugin",
      "cluster-disk",
      "cluster-ladder",
    ]);
    for (const { provider, name } of addOns) assert.match(provider, /::cluster-add-ons::/, name);
    assert.deepEqual(await dependencies(provider("cluster-add-ons")), [
      "cluster-admin",
      "cluster-plain",
      "cluster-t4-on-demand",
      "cluster-t4-spot",
    ]);
    assert.deepEqual(
      await dependencies(find("azure-native:containerservice:ManagedCluster", "cluster")),
      ["cluster-in-network"],
    );
  });

  it("hands its provider to every child", async () => {
    const { resources } = await deploy(() => {
      const azure = new AzureProvider("elsewhere");
      return anAksCluster({ pools: { t4: everyRung } }, "cluster", { provider: azure });
    });

    for (const { type, name, provider } of resources) {
      if (type.startsWith("azure-native:")) assert.match(provider, /::elsewhere::/, name);
    }
  });

  it("has a secret kubeconfig that gets a token of Entra for each use and holds none", async () => {
    const { result, find } = await deployAks();
    const text = await valueOf(result.kubeconfig);
    const { clusters, users } = parse(text) as {
      clusters: unknown[];
      users: { user: { exec: { command: string; args: string[] } } }[];
    };

    assert.deepEqual(clusters, [
      {
        name: "gpu-serving-test-cluster",
        cluster: {
          server: "https://gpu-serving-test-cluster.hcp.eastus.azmk8s.io:443",
          "certificate-authority-data": "Y2VydGlmaWNhdGU=",
        },
      },
    ]);
    assert.deepEqual(Object.keys(users[0]?.user ?? {}), ["exec"]);
    assert.equal(users[0]?.user.exec.command, "kubelogin");
    assert.deepEqual(users[0]?.user.exec.args, [
      "get-token",
      "--server-id",
      "6dae42f8-4368-4678-94ff-3960e28e3630",
      "--login",
      "azurecli",
    ]);
    assert.doesNotMatch(text, /a token that must not be kept/);
    assert.equal(await pulumi.isSecret(result.kubeconfig), true);
    for (const name of ["cluster", "cluster-add-ons"]) {
      const { secrets, inputs } = find("pulumi:providers:kubernetes", name);
      assert.deepEqual(secrets, ["kubeconfig"]);
      assert.equal(inputs.upsertExistingObjects, "true");
    }
  });

  it("hands on credentials in a form that it does not know", () => {
    assert.equal(entraKubeconfig("cluster", "clusters: []"), "clusters: []");
    assert.equal(entraKubeconfig("cluster", "{"), "{");
  });

  it("makes load balancers that keep quiet streams, public with ranges or internal", async () => {
    const { result } = await deployAks();
    const common = {
      "service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout": "30",
      "service.beta.kubernetes.io/azure-load-balancer-health-probe-protocol": "tcp",
    };

    const times = { readyTime: 0, drainTime: 0 };

    assert.deepEqual(result.loadBalancer("public"), { annotations: common, ...times });
    assert.deepEqual(result.loadBalancer("internal"), {
      ...times,
      annotations: {
        ...common,
        "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
      },
    });
  });

  it("has a class of disks that wait for their first pod's node", async () => {
    const { result, find } = await deployAks();
    const { inputs } = find("kubernetes:storage.k8s.io/v1:StorageClass", "cluster-disk");

    assert.deepEqual(inputs.metadata, { name: result.diskStorageClass });
    assert.equal(inputs.provisioner, "disk.csi.azure.com");
    assert.equal(inputs.volumeBindingMode, "WaitForFirstConsumer");
    assert.deepEqual(inputs.parameters, { skuName: "Premium_ZRS" });
  });

  for (const [where, args, sku] of [
    ["nodes in zones beside nodes in none", { pools: { t4: t4Pool() } }, "Premium_ZRS"],
    ["nodes in several zones", { zones: ["1", "2"] }, "Premium_ZRS"],
    [
      "a pool in another zone",
      { zones: ["1"], pools: { t4: t4Pool({ zones: ["2"] }) } },
      "Premium_ZRS",
    ],
    ["all nodes in one zone", { zones: ["1"], pools: { t4: t4Pool() } }, "Premium_LRS"],
    ["a region without zones", { region: "westus", pools: { t4: t4Pool() } }, "Premium_LRS"],
  ] as const) {
    it(`makes disks of the kind ${sku} for ${where}`, async () => {
      const { find } = await deployAks({
        ...args,
        zones: "zones" in args ? [...args.zones] : undefined,
      });
      const { inputs } = find("kubernetes:storage.k8s.io/v1:StorageClass", "cluster-disk");

      assert.deepEqual(inputs.parameters, { skuName: sku });
    });
  }

  it("can be made twice in one program", async () => {
    const { resources } = await deploy(() => ({
      one: anAksCluster({ pools: { t4: everyRung } }, "one"),
      two: anAksCluster({ pools: { t4: everyRung }, clusterName: "second" }, "two"),
    }));
    const urns = resources.map(({ type, name }) => `${type} ${name}`);
    const groups = resources
      .filter(({ type }) => type === "azure-native:resources:ResourceGroup")
      .map(({ inputs }) => inputs.resourceGroupName);

    assert.deepEqual([...new Set(urns)], urns);
    assert.deepEqual(groups.sort(), ["gpu-serving-test-one", "second"]);
  });

  it("needs no device plugin without a GPU pool, and has one with it", async () => {
    const plugins = async (args: Parameters<typeof deployAks>[0]) => {
      const { resources } = await deployAks(args);
      return resources.filter(({ type }) => type.endsWith(":DaemonSet")).map(({ name }) => name);
    };

    assert.deepEqual(await plugins({}), []);
    assert.deepEqual(await plugins({ pools: { t4: everyRung } }), ["cluster-device-plugin"]);
  });
});
