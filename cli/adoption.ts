import { z } from "zod";
import { nameIn } from "./engine-events";

/** A resource as the state and previews have it. */
export const resource = z.looseObject({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  parent: z.string().optional(),
  provider: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
});
export type Resource = z.output<typeof resource>;

/** What `pulumi stack export` prints, as far as it matters here; all else is handed on as it is. */
export const exportedState = z.looseObject({
  deployment: z.looseObject({
    resources: z.array(resource).default([]),
    pending_operations: z.array(z.object({ type: z.string(), resource })).optional(),
  }),
});

/** The word for a resource that is not there after all. */
export const notThere = "none";

/**
 * What becomes of the operations that a killed engine had begun. Takes what was being created into the state, with the id its cloud
 * gives such a thing, or the one in `given` by the resource's name. Whatever was being changed or deleted is in the state already, as
 * it was before.
 * @returns the state in which they are resources, or gone; those that came into it; those that may have changed; and names of those
 * whose ids nobody can tell: the state must not be used while there are any. A refresh then looks at what is really there.
 */
export function adoption(
  { deployment, ...rest }: z.output<typeof exportedState>,
  given: Readonly<Record<string, string>>,
) {
  const { pending_operations: pending = [], resources, ...others } = deployment;
  const begun = pending
    .filter(({ type }) => type === "creating")
    .map(({ resource: one }) => {
      const name = nameIn(one.urn);
      return { one, name, id: given[name] ?? idOf(one, resources) };
    });
  const made = begun.flatMap(({ one, id }) =>
    id === undefined || id === notThere ? [] : [{ ...one, id }],
  );
  const isThere = ({ urn, id }: Resource) =>
    resources.some((one) => isLive(one, urn) && one.pendingReplacement !== true && one.id === id);
  const taken = made.filter((one) => !isThere(one));
  return {
    state: { ...rest, deployment: { ...others, resources: taken.reduce(withMade, resources) } },
    taken: taken.map(({ urn, id }) => ({ urn, id })),
    changed: [
      ...pending.flatMap(({ type, resource: { urn } }) => (type === "updating" ? [{ urn }] : [])),
      ...made.filter(isThere).map(({ urn }) => ({ urn })),
    ],
    unknown: begun.filter(({ id }) => id === undefined).map(({ name }) => name),
  };
}

function isLive(one: Resource, urn: string): boolean {
  return one.urn === urn && one.delete !== true;
}

/**
 * The resources with one that was made. What it takes the place of is deleted by the next `up` where it was to be made first, and is gone
 * where it was to be deleted first, as the engine has it when it ends such a step (docs/facts.md 10.14).
 */
function withMade(resources: Resource[], made: Resource): Resource[] {
  const at = resources.findIndex((one) => isLive(one, made.urn));
  const before = resources[at];
  if (before === undefined) return [...resources, made];
  const left = before.pendingReplacement === true ? [] : [{ ...before, delete: true }];
  return [...resources.slice(0, at), made, ...left, ...resources.slice(at + 1)];
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
  const group = resources.find(
    (one) =>
      one.type === "azure-native:resources:ResourceGroup" &&
      one.inputs?.resourceGroupName === inputs.resourceGroupName,
  )?.id;
  let isWhole = form !== undefined;
  const part = (value: unknown): string => {
    isWhole &&= typeof value === "string";
    return String(value);
  };
  const id = form
    ?.replace(/\{(\w+)\}/g, (_, key: string) => part(inputs[key]).split("/").at(-1) ?? "")
    .replace("<group>", () => part(group));
  return isWhole ? id : undefined;
}

const object = z.object({ name: z.string(), namespace: z.string().optional() });

/** Id that Kubernetes objects have in the state, by their metadata. */
export function objectId(metadata: unknown): string | undefined {
  const { data } = object.safeParse(metadata);
  return data && (data.namespace ? `${data.namespace}/${data.name}` : data.name);
}
