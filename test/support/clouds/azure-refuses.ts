import type { Refused, Values, World } from "./kind";
import { at } from "./values";

const role = "azure-native:authorization:RoleAssignment";
const cluster = "azure-native:containerservice:ManagedCluster";
const agentPool = "azure-native:containerservice:AgentPool";

/** Built-in roles that Azure has, by id: those that programs like ours give (Azure docs, built-in roles). */
const builtInRoles = new Set([
  "b24988ac-6180-42a0-ab88-20f7382dd24c", // Contributor
  "acdd72a7-3385-48ef-bd42-f606fba81ae7", // Reader
  "4d97b98b-1d4f-4787-a291-c67834d212e7", // Network Contributor
  "7f951dda-4ed3-4680-a7ca-43fe172d538d", // AcrPull
  "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", // Storage Blob Data Reader
  "ba92f5b4-2d11-453d-a403-e96b0029c9fe", // Storage Blob Data Contributor
  "4abbcc35-e782-43d8-92c5-2d3f1bd2253f", // Azure Kubernetes Service Cluster User Role
  "3498e952-d568-435e-9b2c-8d77e338d7f7", // Azure Kubernetes Service RBAC Admin
  "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b", // Azure Kubernetes Service RBAC Cluster Admin
]);

const list = (value: unknown): Values[] => (Array.isArray(value) ? (value as Values[]) : []);
const profiles = (inputs: Values): Values[] => list(inputs.agentPoolProfiles);
const named = (inputs: Values, name: unknown) =>
  profiles(inputs).find((profile) => profile.name === name);
const text = (value: unknown): string => JSON.stringify(value ?? null);

/** What of a pool is fixed once it is made. */
const fixed = ["availabilityZones", "vmSize", "osDiskSizeGB", "osDiskType"];

/** Whether its number of nodes is outside of what the autoscaler may choose. */
function outOfRange({ enableAutoScaling, count, minCount, maxCount }: Values): boolean {
  return (
    enableAutoScaling === true &&
    !(Number(count) >= Number(minCount) && Number(count) <= Number(maxCount))
  );
}

const sameGrant = (one: Values, other: Values) =>
  ["scope", "principalId", "roleDefinitionId"].every((key) => one[key] === other[key]);

/** Resource group of a storage account that this world made: nobody had a chance to put an account into it. */
function inOwnGroup(scope: unknown, world: World): boolean {
  const [, group] =
    /\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Storage\//i.exec(String(scope)) ?? [];
  return world
    .all("azure-native:resources:ResourceGroup")
    .some(({ inputs }) => inputs.resourceGroupName === group);
}

/** What Azure does not grant; `person` is the object id of whoever runs the program. */
export function azureRefuses(person: string): readonly Refused[] {
  return [
    {
      type: role,
      when: ({ inputs }) =>
        !builtInRoles.has(String(inputs.roleDefinitionId).split("/").at(-1) ?? ""),
      why: "RoleDefinitionDoesNotExist: the specified role definition does not exist",
    },
    {
      type: role,
      on: ["create"],
      when: ({ inputs }, world) => world.all(role).some((it) => sameGrant(it.inputs, inputs)),
      why: "RoleAssignmentExists: the role assignment already exists under another name",
    },
    {
      type: role,
      when: ({ inputs }) => (inputs.principalId === person) !== (inputs.principalType === "User"),
      why: "UnmatchedPrincipalType: the principal is of another type",
    },
    {
      type: role,
      on: ["create"],
      when: ({ inputs }, world) => inOwnGroup(inputs.scope, world),
      why: "ResourceNotFound: the storage account is not there, in a resource group that was made a moment ago",
    },
    {
      type: "azure-native:monitor:DiagnosticSetting",
      on: ["create"],
      when: (_, world) => world.switchedOff().includes("Microsoft.Insights"),
      why: "Conflict: the subscription is not registered to use microsoft.insights",
    },
    ...[cluster, agentPool].map((type) => ({
      type,
      when: ({ inputs }: { inputs: Values }) =>
        [inputs, ...profiles(inputs)].some(
          (pool) => at(pool, "securityProfile.sshAccess") === "Disabled",
        ),
      why: "PreviewFeatureNotRegistered: Microsoft.ContainerService/DisableSSHPreview",
    })),
    {
      type: cluster,
      when: ({ inputs }) => profiles(inputs).some(outOfRange),
      why: "InvalidParameter: count must be between minCount and maxCount",
    },
    {
      type: cluster,
      on: ["update"],
      when: ({ inputs, before = {} }, world) =>
        profiles(inputs).some(
          ({ name }) =>
            !named(before, name) &&
            !world.all(agentPool).some((pool) => pool.inputs.agentPoolName === name),
        ),
      why: "BadRequest: a new agent pool was introduced; adding agent pools through the cluster is not allowed",
    },
    {
      type: cluster,
      on: ["update"],
      when: ({ inputs, before = {} }) =>
        profiles(inputs).some((profile) => {
          const old = named(before, profile.name);
          return old && fixed.some((key) => text(old[key]) !== text(profile[key]));
        }),
      why: "PropertyChangeNotAllowed: zones, machine and disk of an agent pool cannot change",
    },
    {
      on: ["delete"],
      when: ({ id }, world) =>
        world
          .all("azure-native:authorization:ManagementLockByScope")
          .some(({ inputs, id: lock }) => lock !== id && id.startsWith(`${String(inputs.scope)}/`)),
      why: "ScopeLocked: the scope cannot be deleted because of a lock",
    },
  ];
}
