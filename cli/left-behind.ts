import { z } from "zod";
import { keptAnnotation } from "../components/workload/labels";
import type { RunOptions } from "../process/run";
import { exportedState, objectId } from "./adoption";

const metadata = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

const resource = z.looseObject({
  urn: z.string(),
  type: z.string(),
  parent: z.string().optional(),
  provider: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
});

/** What `pulumi preview --json` prints, as far as it matters here. */
export const previewed = z.object({
  steps: z
    .array(z.object({ op: z.string(), urn: z.string(), newState: resource.nullish() }))
    .default([]),
});

type State = z.output<typeof exportedState>;
type Resource = z.output<typeof resource>;

/** What an earlier `destroy` may have left, and what the next `up` would make before it. */
export interface LeftBehind {
  /** Objects that are kept and not in the state. */
  objects: Resource[];
  /** URNs of their providers and of what they are parts of, as far as they are not in the state either. */
  before: string[];
}

/** What a preview would make that `destroy` leaves where it is. */
export function leftBehind({ steps }: z.output<typeof previewed>): LeftBehind {
  const made = new Map(
    steps.flatMap(({ op, urn, newState }) =>
      op === "create" && newState ? [[urn, newState]] : [],
    ),
  );
  const kept = [...made.values()].filter(
    ({ inputs = {}, retainOnDelete }) =>
      retainOnDelete === true && annotationOf(inputs.metadata) !== undefined,
  );
  // Namespaces stay because of disks; without one that stays, as on a cluster that goes with its stack, nothing was left.
  const objects = kept.some(({ type }) => type.endsWith(":PersistentVolumeClaim")) ? kept : [];
  const before = new Set<string>();
  const add = (urn: string | undefined) => {
    const found = urn === undefined ? undefined : made.get(urn);
    if (!found || before.has(found.urn)) return;
    before.add(found.urn);
    add(found.parent);
  };
  for (const { parent, provider } of objects) {
    add(parent);
    add(provider && urnOf(provider));
  }
  return { objects, before: [...before] };
}

/** The state with the objects in it; a refresh then looks which of them are there. */
export function withObjects({ deployment, ...rest }: State, objects: readonly Resource[]): State {
  const { resources } = deployment;
  const added = objects.map((object) => {
    const urn = object.provider && urnOf(object.provider);
    const provider = resources.find((one) => one.urn === urn);
    return {
      ...object,
      // Not all that they depend on is in the state; the next `up` says it anew.
      dependencies: [],
      propertyDependencies: {},
      id: objectId(object.inputs?.metadata),
      ...(provider && { provider: `${provider.urn}::${provider.id}` }),
    };
  });
  return { ...rest, deployment: { ...deployment, resources: [...resources, ...added] } };
}

/** Which of the objects a refresh has found, and the state without those that are not this stack's after all. */
export function found(
  { deployment, ...rest }: State,
  objects: readonly Resource[],
  stack: string,
): { state: State; taken: string[]; others: string[] } {
  const there = deployment.resources.filter(({ urn }) => objects.some((one) => one.urn === urn));
  const isOurs = ({ outputs }: (typeof there)[number]) => {
    const live = z.object({ metadata }).safeParse(outputs).data?.metadata;
    return annotationOf(live) !== undefined && live?.labels?.["gpu-serving/stack"] === stack;
  };
  const others = there.filter((one) => !isOurs(one));
  const resources = deployment.resources.filter((one) => !others.includes(one));
  return {
    state: { ...rest, deployment: { ...deployment, resources } },
    taken: there.filter(isOurs).map(inWords),
    others: others.map(inWords),
  };
}

/** The state without the marks of kept objects that something began to make anew: nothing of them is gone. */
export function notReplaced({ deployment, ...rest }: State): { state: State; taken: string[] } {
  const taken: string[] = [];
  const resources = deployment.resources.map((one) => {
    const { pendingReplacement, ...before } = one;
    const kept = one.retainOnDelete === true && annotationOf(one.inputs?.metadata) !== undefined;
    if (pendingReplacement !== true || !kept) return one;
    taken.push(inWords(one));
    return before;
  });
  return { state: { ...rest, deployment: { ...deployment, resources } }, taken };
}

/** Runs pulumi with these arguments and returns what it printed; a failure is an error. */
export type Pulumi = (
  args: string[],
  options?: Pick<RunOptions, "input" | "env">,
) => Promise<string>;

/** Previews are dry runs, in which the provider refuses to make what is there since 4.29 (pulumi/pulumi-kubernetes 4278). */
const evenIfThere = { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true" };

/** Takes into the state of a stack the kept objects that a `destroy` or a failed replacement left, as far as they are there and its own. */
export async function takeUp(
  pulumi: Pulumi,
  stack: string,
): Promise<{ taken: string[]; others: string[] }> {
  const state = async () => exportedState.parse(JSON.parse(await pulumi(["stack", "export"])));
  const put = (changed: State) => pulumi(["stack", "import"], { input: JSON.stringify(changed) });
  const targets = (urns: string[]) => urns.flatMap((urn) => ["--target", urn]);

  const back = notReplaced(await state());
  if (back.taken.length > 0) await put(back.state);
  const preview = await pulumi(["preview", "--json"], { env: evenIfThere });
  const { objects, before } = leftBehind(previewed.parse(JSON.parse(preview)));
  if (objects.length === 0) return { taken: back.taken, others: [] };
  if (before.length > 0) await pulumi(["up", "--yes", "--skip-preview", ...targets(before)]);
  await put(withObjects(await state(), objects));
  const urns = objects.map(({ urn }) => urn);
  await pulumi(["refresh", "--yes", "--skip-preview", ...targets(urns)]);
  const looked = found(await state(), objects, stack);
  if (looked.others.length > 0) await put(looked.state);
  return { taken: [...back.taken, ...looked.taken], others: looked.others };
}

/** An object as people call it: its kind and its id. */
function inWords({ type, id }: Pick<Resource, "type"> & { id?: string }): string {
  return `${type.split(":").at(-1)} ${id}`;
}

function annotationOf(of: unknown): string | undefined {
  return metadata.safeParse(of).data?.annotations?.[keptAnnotation];
}

/** URN of a provider, of the reference that resources have. */
function urnOf(reference: string): string {
  return reference.slice(0, reference.lastIndexOf("::"));
}
