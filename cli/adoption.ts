import { z } from "zod";

const resource = z.looseObject({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
});

/** A resource as the state has it. */
type Resource = z.output<typeof resource>;

/** What `pulumi stack export` prints, as far as it matters here; all else is handed on as it is. */
export const exportedState = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(resource).default([]),
    pending_operations: z.array(z.object({ type: z.string(), resource })).optional(),
  }),
});

/** What becomes of the operations that a killed engine had begun. */
export interface Adoption {
  /** The state in which they are resources, or gone; a refresh then looks at what is really there. */
  state: z.output<typeof exportedState>;
  /** Resources that came into the state, with the ids that their cloud knows them by. */
  taken: { urn: string; id: string }[];
  /** Names of resources whose ids nobody can tell from their inputs; the state must not be used while there are any. */
  unknown: string[];
}

/** The word for a resource that is not there after all. */
export const notThere = "none";

/**
 * Takes what was being created into the state, with the id its cloud gives such a thing, or the one in `given` by the
 * resource's name. Whatever was being changed or deleted is in the state already.
 */
export function adoption(
  { deployment, ...rest }: z.output<typeof exportedState>,
  given: Readonly<Record<string, string>>,
): Adoption {
  const { pending_operations: pending = [], resources, ...others } = deployment;
  const begun = pending
    .filter(({ type }) => type === "creating")
    .map(({ resource: one }) => ({
      one,
      name: nameOf(one),
      id: given[nameOf(one)] ?? idOf(one, resources),
    }));
  const taken = begun.flatMap(({ one, id }) =>
    id === undefined || id === notThere ? [] : [{ ...one, id }],
  );
  return {
    state: { ...rest, deployment: { ...others, resources: [...resources, ...taken] } },
    taken: taken.map(({ urn, id }) => ({ urn, id })),
    unknown: begun.filter(({ id }) => id === undefined).map(({ name }) => name),
  };
}

/** Name of a resource in the program. */
function nameOf({ urn }: Resource): string {
  return urn.split("::").slice(3).join("::");
}

/** How clouds build ids of what takes minutes to make, from its inputs; what is in braces is the last part of that input. */
const forms: Readonly<Record<string, string>> = {
  "gcp:container/cluster:Cluster": "projects/{project}/locations/{location}/clusters/{name}",
  "gcp:container/nodePool:NodePool":
    "projects/{project}/locations/{location}/clusters/{cluster}/nodePools/{name}",
  "aws:eks/cluster:Cluster": "{name}",
  "aws:eks/nodeGroup:NodeGroup": "{clusterName}:{nodeGroupName}",
  "aws:eks/addon:Addon": "{clusterName}:{addonName}",
  "azure-native:containerservice:ManagedCluster":
    "<group>/providers/Microsoft.ContainerService/managedClusters/{resourceName}",
  "azure-native:containerservice:AgentPool":
    "<group>/providers/Microsoft.ContainerService/managedClusters/{resourceName}/agentPools/{agentPoolName}",
};

function idOf({ type, inputs = {} }: Resource, resources: readonly Resource[]): string | undefined {
  if (type.startsWith("kubernetes:")) return objectId(inputs.metadata);
  const form = forms[type.replace(/^azure-native:(\w+)\/v\w+:/, "azure-native:$1:")];
  if (form === undefined) return undefined;
  const group = resources.find(
    (one) =>
      one.type === "azure-native:resources:ResourceGroup" &&
      one.inputs?.resourceGroupName === inputs.resourceGroupName,
  )?.id;
  if (form.startsWith("<group>") && group === undefined) return undefined;
  const parts = [...form.matchAll(/\{(\w+)\}/g)].map(([, key = ""]) => inputs[key]);
  if (!parts.every((part) => typeof part === "string")) return undefined;
  const id = form.replace(/\{(\w+)\}/g, (_, key: string) => lastPart(inputs[key]));
  return id.replace("<group>", group ?? "");
}

/** A thing's name, of its name or its id. */
function lastPart(value: unknown): string {
  return String(value).split("/").at(-1) ?? "";
}

const object = z.object({ name: z.string(), namespace: z.string().optional() });

/** Id that Kubernetes objects have in the state, by their metadata. */
export function objectId(metadata: unknown): string | undefined {
  const { data } = object.safeParse(metadata);
  return data && (data.namespace ? `${data.namespace}/${data.name}` : data.name);
}
