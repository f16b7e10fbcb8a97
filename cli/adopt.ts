import { z } from "zod";
import { keptAnnotation } from "../components/workload/labels";
import { Fault } from "../process/fault";
import type { RunOptions } from "../process/run";
import { adoption, exportedState, notThere, objectId, resource, type Resource } from "./adoption";
import { provideEngine, pulumi, saidOf, type Run } from "./engine";

/** Runs pulumi on the stack with these arguments and returns what it printed; a failure is an error. */
export type Pulumi = (
  args: string[],
  options?: Pick<RunOptions, "input" | "env">,
) => Promise<string>;

/** Takes into the state of a stack what a killed update had begun, or else what was left; 2 where not all came in. */
export async function run(stack: string, given?: Record<string, string>): Promise<number> {
  await provideEngine();
  return adopt(stack, given, pulumi);
}

/** Does the same with an engine that is there. */
export async function adopt(
  stack: string,
  given: Record<string, string> = {},
  engine: Run,
  to: Pick<Console, "log" | "error"> = console,
): Promise<number> {
  const ask: Pulumi = async (args, options) => {
    const { code, stdout, stderr } = await engine([...args, "--stack", stack], options);
    if (code === 0) return stdout;
    throw new Fault(`pulumi ${args.slice(0, 2).join(" ")} failed: ${saidOf(stderr || stdout)}`);
  };
  const exported = exportedState.parse(JSON.parse(await ask(["stack", "export"])));
  if (!exported.deployment.pending_operations?.length) return await adoptLeftBehind(stack, ask, to);
  const { state, taken, changed, unknown } = adoption(exported, given);
  if (unknown.length > 0) {
    const known = Object.entries(given).map((pair) => pair.join("="));
    to.error(
      [
        "Nothing was changed: nobody can tell what the cloud calls these. Look there, and give each its id,",
        `or ${notThere} where it was not made:`,
        `  npm run adopt -- ${[stack, ...known, ...unknown.map((name) => `${name}=<id>`)].join(" ")}`,
      ].join("\n"),
    );
    return 2;
  }
  await ask(["stack", "import"], { input: JSON.stringify(state) });
  for (const { urn, id } of taken) to.log(`${urn.split("::").slice(2).join(" ")}: ${id}`);
  // What is not there after all goes again, and the rest gets what only its cloud knows.
  const begun = [...taken, ...changed];
  if (begun.length > 0) await refresh(stack, begun, ask);
  to.log("The state has what was begun, as far as it is there. Now run pulumi up.");
  return 0;
}

/** Reads resources back. Where that fails, nothing in the state says any more that something was begun with them. */
async function refresh(stack: string, begun: readonly Pick<Resource, "urn">[], ask: Pulumi) {
  const words = ["refresh", "--yes", "--skip-preview", ...targets(begun)];
  try {
    await ask(words);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    const command = ["pulumi", ...words.map(quoted), "--stack", stack].join(" ");
    throw new Fault(
      [
        thrown.message,
        "    The state has what was begun, but nobody looked at what is there. Before pulumi up,",
        `    do:  ${command}`,
      ].join("\n"),
    );
  }
}

/** A word as shells take it: URNs have `$` between the types of parents. */
function quoted(word: string): string {
  return /^[\w.:/-]+$/.test(word) ? word : `'${word}'`;
}

async function adoptLeftBehind(
  stack: string,
  ask: Pulumi,
  to: Pick<Console, "log" | "error">,
): Promise<number> {
  const { taken, others } = await takeUp(ask, stack);
  for (const one of taken) to.log(`${one}: left where it was, and in the state again`);
  for (const one of others) to.error(`${one}: left as it is: it is there, and not this stack's`);
  to.log(
    taken.length + others.length > 0
      ? "Now run pulumi up."
      : "Nothing is pending, and nothing that is kept is missing in the state: run pulumi up.",
  );
  return others.length > 0 ? 2 : 0;
}

/** Previews are dry runs, in which the provider refuses to make what is there since 4.29 (pulumi/pulumi-kubernetes 4278). */
const evenIfThere = { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true" };

/** Takes into the state of a stack the kept objects that a `destroy` or a failed replacement left, as far as they are there and its own. */
export async function takeUp(
  pulumi: Pulumi,
  stack: string,
): Promise<{ taken: string[]; others: string[] }> {
  const state = async () => exportedState.parse(JSON.parse(await pulumi(["stack", "export"])));
  const put = (changed: State) => pulumi(["stack", "import"], { input: JSON.stringify(changed) });

  const back = notReplaced(await state());
  if (back.taken.length > 0) await put(back.state);
  const preview = await pulumi(["preview", "--json"], { env: evenIfThere });
  const { objects, before } = leftBehind(previewed.parse(JSON.parse(preview)));
  if (objects.length === 0) return { taken: back.taken, others: [] };
  if (before.length > 0) await pulumi(["up", "--yes", "--skip-preview", ...targets(before)]);
  await put(withObjects(await state(), objects));
  await pulumi(["refresh", "--yes", "--skip-preview", ...targets(objects)]);
  const looked = found(await state(), objects, stack);
  if (looked.others.length > 0) await put(looked.state);
  return { taken: [...back.taken, ...looked.taken], others: looked.others };
}

function targets(resources: readonly Pick<Resource, "urn">[]): string[] {
  return resources.flatMap(({ urn }) => ["--target", urn]);
}

/** What `pulumi preview --json` prints, as far as it matters here. */
export const previewed = z.object({
  steps: z.array(z.object({ op: z.string(), newState: resource.nullish() })).default([]),
});

type State = z.output<typeof exportedState>;

/** What a preview would make that `destroy` leaves where it is; first what it would make of their providers and of what they are parts of. */
export function leftBehind({ steps }: z.output<typeof previewed>) {
  const made = steps.flatMap(({ op, newState }) => (op === "create" && newState ? newState : []));
  const kept = made.filter(isKept);
  // Namespaces stay because of disks; without one that stays, as on a cluster that goes with its stack, nothing was left.
  const objects = kept.some(({ type }) => type.endsWith(":PersistentVolumeClaim")) ? kept : [];
  const before = new Set<Resource>();
  const add = (urn: string | undefined) => {
    const found = made.find((one) => one.urn === urn);
    if (!found || before.has(found)) return;
    before.add(found);
    add(found.parent);
  };
  for (const { parent, provider } of objects) {
    add(parent);
    add(provider && urnOf(provider));
  }
  return { objects, before: [...before] };
}

/** The state with the objects in it; a refresh then looks which of them are there. */
export function withObjects(state: State, objects: readonly Resource[]): State {
  const { resources } = state.deployment;
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
  return withResources(state, [...resources, ...added]);
}

/** Which of the objects a refresh has found, and the state without those that are not this stack's after all. */
export function found(state: State, objects: readonly Resource[], stack: string) {
  const { resources } = state.deployment;
  const there = resources.filter(({ urn }) => objects.some((one) => one.urn === urn));
  const isOurs = ({ outputs }: Resource) => {
    const live = z.object({ metadata }).safeParse(outputs).data?.metadata;
    return isMarked(live) && live?.labels?.["gpu-serving/stack"] === stack;
  };
  const others = there.filter((one) => !isOurs(one));
  return {
    state: withResources(
      state,
      resources.filter((one) => !others.includes(one)),
    ),
    taken: there.filter(isOurs).map(inWords),
    others: others.map(inWords),
  };
}

/** The state without the marks of kept objects that something began to make anew: nothing of them is gone. */
export function notReplaced(state: State) {
  const taken: string[] = [];
  const resources = state.deployment.resources.map((one) => {
    const { pendingReplacement, ...before } = one;
    if (pendingReplacement !== true || !isKept(one)) return one;
    taken.push(inWords(one));
    return before;
  });
  return { state: withResources(state, resources), taken };
}

function withResources(state: State, resources: Resource[]): State {
  return { ...state, deployment: { ...state.deployment, resources } };
}

/** An object as people call it: its kind and its id. */
function inWords({ type, id }: Resource): string {
  return `${type.split(":").at(-1)} ${id}`;
}

const texts = z.record(z.string(), z.string()).optional();
const metadata = z.object({ name: z.string(), labels: texts, annotations: texts });

/** Whether an object outlives its stack. */
export function isKept({ retainOnDelete, inputs }: Resource): boolean {
  return retainOnDelete === true && isMarked(inputs?.metadata);
}

function isMarked(of: unknown): boolean {
  return metadata.safeParse(of).data?.annotations?.[keptAnnotation] !== undefined;
}

/** URN of a provider, of the reference that resources have. */
function urnOf(reference: string): string {
  return reference.slice(0, reference.lastIndexOf("::"));
}
