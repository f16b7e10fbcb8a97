import { z } from "zod";
import type { RunResult } from "../process/run";
import { nameIn } from "./engine-events";
import { readOutput, typeOf, type StackPreview, type Step } from "./preview-output";

/** Inputs of a provider that name the cluster's identity. */
const identified = z.object({ clusterIdentifier: z.string().min(1) });

const provider = "pulumi:providers:kubernetes";
/** Clusters that a stack makes. */
const clusters = [
  /^gcp:container\/cluster:Cluster$/,
  /^aws:eks\/cluster:Cluster$/,
  /^azure-native:containerservice(\/\w+)?:ManagedCluster$/,
];

/** What an update would do by what `pulumi preview --json` printed, and why it is refused; undefined where it may go on. */
export function readPlan(
  stack: string,
  printed: RunResult,
): { preview: StackPreview; refusal?: string } {
  const { preview, steps } = readOutput(stack, printed);
  const { errors } = preview;
  if (errors.length > 0) return { preview, refusal: errors.join("\n") };
  return { preview, refusal: lostObjects(stack, steps) ?? contestedCount(stack, steps) };
}

/**
 * A provider that is replaced takes all objects made with it along. That is right where its cluster is replaced, or its name for
 * the cluster, `clusterIdentifier`, changes; a state from before that name has only address and certificate to compare.
 */
function lostObjects(stack: string, steps: readonly Step[]): string | undefined {
  const replaced = steps.filter(({ op }) => op === "replace" || op === "create-replacement");
  const newCluster = replaced.some((step) => clusters.some((kind) => kind.test(typeOf(step))));
  const lost = replaced.find(
    (step) => typeOf(step) === provider && !identified.safeParse(step.oldState?.inputs).success,
  );
  if (!lost || newCluster) return undefined;
  return [
    `${stack}: this update would delete every object on the cluster and make it anew; nothing was created or changed.`,
    `    why: the kubeconfig has another address or certificate, and the state does not tell yet that it is the same cluster`,
    `    do:  put the old kubeconfig back and run npm run apply -- ${stack}, which notes the cluster's identity in the state (clusterIdentifier); then change the kubeconfig and apply again.`,
    `         For a cluster that is really another one: pulumi destroy --stack ${stack} with the old kubeconfig, then apply with the new one.`,
  ].join("\n");
}

const whole = z.number().optional();
/** Bounds of the autoscaler of a service: of a ScaledObject, or a HorizontalPodAutoscaler. */
const bounds = z.object({
  spec: z
    .object({
      minReplicaCount: whole,
      maxReplicaCount: whole,
      minReplicas: whole,
      maxReplicas: whole,
    })
    .transform(({ minReplicaCount, maxReplicaCount, minReplicas, maxReplicas }) => ({
      min: minReplicaCount ?? minReplicas,
      max: maxReplicaCount ?? maxReplicas,
    })),
});
const counted = z.object({ spec: z.object({ replicas: z.number() }) });
const scalers = /:(ScaledObject|HorizontalPodAutoscaler)$/;

/**
 * The engine deletes an autoscaler after it has changed the Deployment. Until then the autoscaler sets the number of replicas back, and
 * the update waits for one that does not come. That is right only where the autoscaler has no other number left.
 */
function contestedCount(stack: string, steps: readonly Step[]): string | undefined {
  const lines = steps.flatMap((step) => {
    const end = "-scaler";
    if (step.op !== "delete" || !scalers.test(typeOf(step)) || !step.urn.endsWith(end)) return [];
    const service = nameIn(step.urn).slice(0, -end.length);
    const owner = step.urn.slice(0, step.urn.lastIndexOf("$"));
    const deployment = steps.find(
      ({ urn }) => urn === `${owner}$kubernetes:apps/v1:Deployment::${service}`,
    );
    const replicas = counted.safeParse(deployment?.newState?.inputs).data?.spec.replicas;
    const old = bounds.safeParse(step.oldState?.inputs).data?.spec;
    if (deployment?.op === "delete" || replicas === undefined || !old) return [];
    if (old.min === replicas && old.max === replicas) return [];
    const held = Math.max(1, replicas);
    const then =
      replicas === 0 ? "replicas: 1 and apply, then replicas: 0" : `replicas: ${replicas}`;
    return [
      `${stack}: services.${service} cannot go from its autoscaler (${old.min} to ${old.max} replicas) to ${replicas} at once; nothing was created or changed.`,
      `    why: the autoscaler goes after the Deployment has changed, and sets the number back until then`,
      `    do:  write replicas: { min: ${held}, max: ${held} } and apply, then ${then}`,
    ];
  });
  return lines.length > 0 ? lines.join("\n") : undefined;
}

/** What an update would do, one line for each kind of step. */
export function summary({ changes }: StackPreview): string[] {
  if (changes.length === 0) return ["  no change"];
  const operations = [...new Set(changes.map(({ operation }) => operation))];
  return operations.map((operation) => {
    const those = changes.filter((one) => one.operation === operation);
    const names = those.slice(0, 5).map(({ kind, name }) => `${kind} ${name}`);
    const more = those.length > names.length ? ` and ${those.length - names.length} more` : "";
    return `  ${those.length} to ${operation}: ${names.join(", ")}${more}`;
  });
}
