import assert from "node:assert/strict";
import { aksMachine, deployAks, reservationGroup, t4Pool } from "../../../support/aks";
import { at } from "../../../support/deploy";

const managedCluster = "azure-native:containerservice:ManagedCluster";
const role = "azure-native:authorization:RoleAssignment";
const maintenance = "azure-native:containerservice:MaintenanceConfiguration";

async function cluster(args: Parameters<typeof deployAks>[0] = {}) {
  const { find } = await deployAks(args);
  return find(managedCluster, "cluster");
}

describe("the control plane on AKS", () => {
  it("lets nobody in but identities of Entra, with Azure's roles", async () => {
    const { inputs } = await cluster();

    assert.deepEqual(inputs.aadProfile, { managed: true, enableAzureRBAC: true });
    assert.equal(inputs.disableLocalAccounts, true);
    assert.deepEqual(inputs.apiServerAccessProfile, { disableRunCommand: true });
  });

  it("takes connections from the given ranges and from its own nodes alone", async () => {
    const { inputs } = await cluster({ access: ["203.0.113.0/24"] });

    assert.deepEqual(inputs.apiServerAccessProfile, {
      authorizedIPRanges: ["203.0.113.0/24", "203.0.113.30/32"],
      disableRunCommand: true,
    });
  });

  it("makes whoever makes the cluster its administrator, and no later one in the place of the first", async () => {
    const { find } = await deployAks();
    const admin = find(role, "cluster-admin");

    assert.equal(admin.inputs.principalId, "whoever runs the program");
    assert.equal(admin.inputs.principalType, "ServicePrincipal");
    assert.equal(admin.inputs.scope, "cluster-id");
    assert.match(String(admin.inputs.roleDefinitionId), /b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b$/);
    assert.deepEqual(admin.options.ignoreChanges, [
      "principalId",
      "principalType",
      "roleAssignmentName",
    ]);
  });

  it("is administered by the given groups as well", async () => {
    const { find } = await deployAks({ adminGroups: ["group of platform engineers"] });

    assert.deepEqual(at(find(managedCluster, "cluster"), "aadProfile.adminGroupObjectIDs"), [
      "group of platform engineers",
    ]);
    assert.equal(find(role, "cluster-admin").inputs.principalId, "whoever runs the program");
  });

  it("enforces NetworkPolicy, on a network of pods that no other one sees", async () => {
    const { result, find } = await deployAks();
    const profile = find(managedCluster, "cluster").inputs.networkProfile as object;

    assert.deepEqual(profile, {
      networkPlugin: "azure",
      networkPluginMode: "overlay",
      networkDataplane: "cilium",
      networkPolicy: "cilium",
      podCidr: "10.128.0.0/10",
      serviceCidr: "172.20.0.0/16",
      dnsServiceIP: "172.20.0.10",
      loadBalancerSku: "standard",
      outboundType: "userAssignedNATGateway",
    });
    assert.equal(result.enforcesNetworkPolicy, true);
  });

  it("gives service accounts identities", async () => {
    const { inputs } = await cluster();

    assert.deepEqual(inputs.oidcIssuerProfile, { enabled: true });
    assert.deepEqual(inputs.securityProfile, { workloadIdentity: { enabled: true } });
  });

  it("lets the autoscaler follow the capacity order and remove nodes with memory-backed volumes", async () => {
    const { inputs } = await cluster();

    assert.deepEqual(inputs.autoScalerProfile, {
      expander: "priority",
      maxNodeProvisionTime: "15m",
      skipNodesWithLocalStorage: "false",
    });
  });

  for (const [channel, upgradeChannel] of [
    ["rapid", "rapid"],
    ["regular", "stable"],
    ["stable", "stable"],
  ] as const) {
    it(`follows AKS's channel ${upgradeChannel} on the channel ${channel}, and names no version`, async () => {
      const { inputs } = await cluster({ channel });

      assert.equal(at({ inputs }, "autoUpgradeProfile.upgradeChannel"), upgradeChannel);
      assert.equal(inputs.kubernetesVersion, undefined);
      assert.equal(at({ inputs }, "agentPoolProfiles[0].orchestratorVersion"), undefined);
    });
  }

  it("stays on a pinned minor version and takes its patches, nodes included", async () => {
    const { find } = await deployAks({ version: "1.36", pools: { t4: t4Pool() } });
    const { inputs } = find(managedCluster, "cluster");
    const pool = find("azure-native:containerservice:AgentPool", "cluster-t4-on-demand");

    assert.equal(inputs.kubernetesVersion, "1.36");
    assert.equal(at({ inputs }, "autoUpgradeProfile.upgradeChannel"), "patch");
    assert.equal(at({ inputs }, "agentPoolProfiles[0].orchestratorVersion"), "1.36");
    assert.equal(pool.inputs.orchestratorVersion, "1.36");
  });

  it("is upgraded by AKS on Sunday nights alone", async () => {
    const { find } = await deployAks();

    for (const schedule of ["aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"]) {
      const { inputs } = find(maintenance, `cluster-${schedule}`);
      assert.equal(inputs.configName, schedule);
      assert.deepEqual(at({ inputs }, "maintenanceWindow.schedule"), {
        weekly: { dayOfWeek: "Sunday", intervalWeeks: 1 },
      });
    }
  });

  it("has two nodes of its own at least, over the zones of the region, for nothing but its own pods", async () => {
    const profile = at(await cluster(), "agentPoolProfiles[0]") as Record<string, unknown>;

    assert.equal(profile.mode, "System");
    assert.equal(profile.minCount, 2);
    assert.equal(profile.count, 2);
    assert.equal(profile.maxCount, 5);
    assert.deepEqual(profile.availabilityZones, ["1", "2", "3"]);
    assert.deepEqual(profile.nodeTaints, ["CriticalAddonsOnly=true:NoSchedule"]);
    assert.equal(profile.enableNodePublicIP, false);
    assert.deepEqual(profile.securityProfile, { enableSecureBoot: true, enableVTPM: true });
  });

  it("spreads nodes over the given zones, and over none where the region has none", async () => {
    const given = await cluster({ zones: ["2", "3"] });
    const without = await cluster({ region: "westus" });

    assert.deepEqual(at(given, "agentPoolProfiles[0].availabilityZones"), ["2", "3"]);
    assert.equal(at(without, "agentPoolProfiles[0].availabilityZones"), undefined);
  });

  it("ignores nothing of its list of pools", async () => {
    const { options } = await cluster();

    assert.equal(options.ignoreChanges, undefined, "a place in a list that a refresh rearranges");
  });

  it("acts in the network, and on the reservations of its pools, once each", async () => {
    const reserved = { kind: "reserved", reservation: reservationGroup } as const;
    const { find, resources } = await deployAks({
      pools: { t4: t4Pool({ capacity: [reserved] }), more: t4Pool({ capacity: [reserved] }) },
    });
    const own = resources.filter(
      ({ type, inputs }) => type === role && inputs.principalType === "ServicePrincipal",
    );

    assert.deepEqual(
      own
        .map(({ inputs }) => [inputs.scope, String(inputs.roleDefinitionId).split("/").at(-1)])
        .sort(),
      [
        [reservationGroup, "b24988ac-6180-42a0-ab88-20f7382dd24c"],
        ["cluster-id", "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"],
        ["cluster-nodes-id", "4d97b98b-1d4f-4787-a291-c67834d212e7"],
      ],
    );
    assert.equal(
      find(role, "cluster-in-network").inputs.principalId,
      "principal of gpu-serving-test-cluster",
    );
    assert.deepEqual(find(managedCluster, "cluster").inputs.identity, {
      type: "UserAssigned",
      userAssignedIdentities: ["cluster-identity-id"],
    });
  });

  it("keeps its audit logs", async () => {
    const { find } = await deployAks();
    const { inputs } = find("azure-native:monitor:DiagnosticSetting", "cluster-audit");

    assert.equal(inputs.resourceUri, "cluster-id");
    assert.equal(inputs.workspaceId, "cluster-logs-id");
    assert.deepEqual(inputs.logs, [
      { category: "kube-audit-admin", enabled: true },
      { category: "guard", enabled: true },
      { category: "cluster-autoscaler", enabled: true },
    ]);
  });

  it("refuses at once, with every fault of its arguments", async () => {
    await assert.rejects(
      deployAks({
        clusterName: "prod-",
        access: ["2001:db8::/32"],
        pools: {
          t4: t4Pool({ capacity: [], diskGiB: 4096 }),
          a10: t4Pool({ machine: aksMachine("Standard_NV36ads_A10_v5"), zones: ["7"] }),
        },
      }),
      (error: Error) => {
        for (const path of [
          /cluster\.access\.0: an IPv6 range/,
          /pools\.t4\.capacity: no capacity type/,
          /pools\.t4\.disk: larger/,
          /pools\.a10\.zones\.0: not a zone/,
          /clusterName: not a name of a cluster, got "prod-"/,
        ]) {
          assert.match(error.message, path);
        }
        return true;
      },
    );
  });
});
