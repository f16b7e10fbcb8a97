import { z } from "zod";
import { Fault } from "../process/fault";
import { isKept } from "./adopt";
import { exportedState, objectId, type Resource } from "./adoption";
import { provideEngine, pulumi, saidOf, type Run } from "./engine";

/** Something that a destroy leaves where it is. */
export interface Left {
  kind: "disk" | "namespace" | "cluster";
  /** Name by which kubectl knows it; of a cluster, what the stack knows it by. */
  name: string;
  /** Why it stays, and what else is known of it. */
  why: string;
}

/** What is shown, and where the lines of the engine go. */
interface To {
  log: (text: string) => void;
  error: (text: string) => void;
}

/** Destroys a stack, or previews that, and says what stays. */
export async function run(
  stack: string,
  { yes = false, json = false }: { yes?: boolean; json?: boolean },
): Promise<number> {
  await provideEngine();
  return destroyStack(stack, { yes, json }, pulumi);
}

/** Does the same with an engine that is there. */
export async function destroyStack(
  stack: string,
  { yes, json }: { yes: boolean; json: boolean },
  engine: Run,
  { log, error }: To = console,
): Promise<number> {
  const exported = await engine(["stack", "export", "--stack", stack]);
  if (exported.code !== 0) {
    throw new Fault(`The state of ${stack} cannot be read: ${saidOf(exported.stderr)}`);
  }
  const left = leftBy(exportedState.parse(JSON.parse(exported.stdout)).deployment.resources);
  const mode = yes ? ["--yes"] : ["--preview-only"];
  // Its outputs would be printed as deleted.
  const args = ["destroy", ...mode, "--suppress-outputs", "--stack", stack];
  const { code } = await engine(args, { onLine: json ? error : log });
  if (json) log(JSON.stringify({ stack, destroyed: yes && code === 0, left }));
  else if (code === 0) for (const line of report(stack, yes, left)) log(line);
  return code;
}

const claim = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string(), uid: z.string().optional() }),
  spec: z.object({ resources: z.object({ requests: z.object({ storage: z.string() }) }) }),
});
const namespaced = z.object({ metadata: z.object({ namespace: z.string() }) });

/** What stays of a stack with these resources. */
export function leftBy(resources: readonly Resource[]): Left[] {
  const disks = resources.flatMap((one): Left[] => {
    if (!one.type.endsWith(":PersistentVolumeClaim") || !isKept(one)) return [];
    const { data } = claim.safeParse({ ...one.inputs, ...outputsOf(one) });
    const name = one.id ?? objectId(one.inputs?.metadata) ?? "";
    const { metadata, spec } = data ?? {};
    const volume = metadata?.uid === undefined ? "" : `, volume pvc-${metadata.uid}`;
    return [{ kind: "disk", name, why: `kept, ${spec?.resources.requests.storage}${volume}` }];
  });
  const made = resources.filter(({ type }) => type === "kubernetes:core/v1:Namespace");
  const kept = made.filter(isKept).map((one): Left => {
    return { kind: "namespace", name: nameOf(one), why: "kept, because of its disk" };
  });
  const own = made.map(nameOf);
  const used = resources.flatMap(({ inputs }) => {
    const { data } = namespaced.safeParse(inputs);
    return data && !own.includes(data.metadata.namespace) ? [data.metadata.namespace] : [];
  });
  const others = [...new Set(used)].sort().map((name): Left => {
    return { kind: "namespace", name, why: "not made by this stack" };
  });
  const clusters = resources.flatMap(({ type, urn }): Left[] => {
    const [, how] = /^gpu-serving:index:(ExistingCluster|ClusterOfStack)$/.exec(type) ?? [];
    if (how === undefined) return [];
    const provider = resources.find(
      ({ parent, type: of }) => parent === urn && of === "pulumi:providers:kubernetes",
    );
    const identity = provider?.inputs?.clusterIdentifier;
    const name = typeof identity === "string" ? identity : "cluster";
    const why = how === "ClusterOfStack" ? "made by another stack" : "not made by this stack";
    return [{ kind: "cluster", name, why }];
  });
  return [...disks, ...kept, ...others, ...clusters];
}

const outputsOf = ({ outputs }: Resource & { outputs?: unknown }) =>
  typeof outputs === "object" && outputs !== null ? outputs : {};

function nameOf({ inputs, id }: Resource): string {
  const { data } = z.object({ metadata: z.object({ name: z.string() }) }).safeParse(inputs);
  return data?.metadata.name ?? id ?? "";
}

/** What stays, and what to do next, as lines for people. */
function report(stack: string, done: boolean, left: readonly Left[]): string[] {
  const lines = left.map(({ kind, name, why }) => `  ${kind} ${name} (${why})`);
  const disks = left.filter(({ kind }) => kind === "disk");
  const namespaces = new Set(disks.map(({ name }) => name.split("/")[0]));
  const takeUp = [
    `To use ${disks.length === 1 ? "the disk" : "the disks"} again: npm run adopt -- ${stack}, then pulumi up --stack ${stack}.`,
    `To delete ${disks.length === 1 ? "it" : "them"} for good: kubectl delete namespace ${[...namespaces].join(" ")}.`,
  ];
  return [
    "",
    ...(left.length === 0
      ? [done ? "Nothing is left." : "Nothing would be left."]
      : [done ? "Left where it is:" : "This would stay where it is:", ...lines]),
    ...(done && disks.length > 0 ? takeUp : []),
    done
      ? `The empty stack and its file are there for the next pulumi up. To remove the stack: pulumi stack rm ${stack} --preserve-config, without which Pulumi deletes Pulumi.${stack}.yaml too.`
      : `Nothing was deleted. To destroy it: npm run destroy -- ${stack} --yes`,
  ];
}
