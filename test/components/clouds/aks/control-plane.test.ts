import assert from "node:assert/strict";
import { aksMachine, deployAks, reservationGroup, t4Pool } from "../../../support/aks";
import { assertInputs, at } from "../../../support/deploy";

const managedCluster = "azure-native:containerservice:ManagedCluster";
const role = "azure-native:authorization:RoleAssignment";
const maintenance = "azure-native:containerservice:MaintenanceConfiguration";

async function cluster(args: Parameters<typeof deployAks>[0] = {}) {
  const { find } = await deployAks(args);
  return find(managedCluster, "cluster");
}

describe("the control plane on AKS", () => {
  it("lets nobody in but identities of Entra, from the given ranges and its own nodes alone", async () => {
    assertInputs(await cluster(), {
      aadProfile: { managed: true, enableAzureRBAC: true },
      disableLocalAccounts: true,
      apiServerAccessProfile: { disableRunCommand: true },
    });
    assertInputs(await cluster({ access: ["203.0.113.0/24"] }), {
      apiServerAccessProfile: {
        authorizedIPRanges: ["203.0.113.0/24", "203.0.113.30/32"],
        disableRunCommand: true,
      },
    });
  });

  it("makes whoever makes the cluster its administrator, and no later one in the place of the first, besides the given groups", async () => {
    const { find } = await deployAks({ adminGroups: ["group of platform engineers"] });
    const admin = find(role, "cluster-admin");

    assertInputs(admin, {
      principalId: "whoever runs the program",
      principalType: "ServicePrincipal",
      scope: "cluster-id",
    });
    assert.match(String(admin.inputs.roleDefinitionId), /b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b$/);
    assert.deepEqual(admin.options.ignoreChanges, [
      ...["principalId", "principalType", "roleAssignmentName"],
    ]);
    assertInputs(find(managedCluster, "cluster"), {
      "aadProfile.adminGroupObjectIDs": ["group of platform engineers"],
    });
  });

  it("enforces NetworkPolicy, on a network of pods that no other one sees", async () => {
    const { result, find } = await deployAks();
    assertInputs(find(managedCluster, "cluster"), {
      networkProfile: {
        networkPlugin: "azure",
        networkPluginMode: "overlay",
        networkDataplane: "cilium",
        networkPolicy: "cilium",
        podCidr: "10.128.0.0/10",
        serviceCidr: "172.20.0.0/16",
        dnsServiceIP: "172.20.0.10",
        loadBalancerSku: "standard",
        outboundType: "userAssignedNATGateway",
      },
    });
    assert.equal(result.enforcesNetworkPolicy, true);
  });

  it("gives service accounts identities, and lets the autoscaler follow the capacity order and remove nodes with memory-backed volumes", async () => {
    assertInputs(await cluster(), {
      oidcIssuerProfile: { enabled: true },
      securityProfile: { workloadIdentity: { enabled: true } },
      autoScalerProfile: {
        expander: "priority",
        maxNodeProvisionTime: "15m",
        skipNodesWithLocalStorage: "false",
      },
    });
  });

  for (const [upgradeChannel, args] of [
    ["rapid", { channel: "rapid" }],
    ["stable", { channel: "regular" }],
    ["stable", { channel: "stable" }],
    ["patch", { version: "1.36" }],
  ] as const) {
    it(`follows AKS's channel ${upgradeChannel}, nodes included, with ${JSON.stringify(args)}`, async () => {
      const { find } = await deployAks({ ...args, pools: { t4: t4Pool() } });
      const version = "version" in args ? args.version : undefined;

      assertInputs(find(managedCluster, "cluster"), {
        "autoUpgradeProfile.upgradeChannel": upgradeChannel,
        kubernetesVersion: version,
        "agentPoolProfiles.0.orchestratorVersion": version,
      });
      assertInputs(find("azure-native:containerservice:AgentPool", "cluster-t4-on-demand"), {
        orchestratorVersion: version,
      });
    });
  }

  it("is upgraded by AKS on Sunday nights alone", async () => {
    const { find } = await deployAks();

    for (const schedule of ["aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"]) {
      assertInputs(find(maintenance, `cluster-${schedule}`), {
        configName: schedule,
        "maintenanceWindow.schedule": { weekly: { dayOfWeek: "Sunday", intervalWeeks: 1 } },
      });
    }
  });

  it("has two nodes of its own at least, over the zones of the region, for nothing but its own pods", async () => {
    const control = await cluster();
    assertInputs(
      { name: "system", inputs: { pool: at(control, "agentPoolProfiles[0]") } },
      {
        ...{ "pool.mode": "System", "pool.minCount": 2, "pool.count": 2, "pool.maxCount": 5 },
        "pool.availabilityZones": ["1", "2", "3"],
        "pool.nodeTaints": ["CriticalAddonsOnly=true:NoSchedule"],
        "pool.enableNodePublicIP": false,
        "pool.securityProfile": { enableSecureBoot: true, enableVTPM: true },
      },
    );
    assert.equal(
      control.options.ignoreChanges,
      undefined,
      "a place in a list is another one after a refresh",
    );
  });

  it("spreads nodes over the given zones, and over none where the region has none", async () => {
    const zones = "agentPoolProfiles[0].availabilityZones";
    assertInputs(await cluster({ zones: ["2", "3"] }), { [zones]: ["2", "3"] });
    assertInputs(await cluster({ region: "westus" }), { [zones]: undefined });
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
    assertInputs(find("azure-native:monitor:DiagnosticSetting", "cluster-audit"), {
      resourceUri: "cluster-id",
      workspaceId: "cluster-logs-id",
      logs: ["kube-audit-admin", "guard", "cluster-autoscaler"].map((category) => ({
        ...{ category, enabled: true },
      })),
    });
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
