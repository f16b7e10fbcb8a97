import { createHash } from "node:crypto";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { PriorityClass } from "@pulumi/kubernetes/scheduling/v1";
import * as pulumi from "@pulumi/pulumi";
import type { PlacedPool } from "../../cluster/cluster";
import { notAwaited } from "../../cluster/wait-for";
import { resources, securityContext } from "../../workload/container";
import { metadataOf, selectorLabels, type Owner } from "../../workload/labels";
import { awayFromOthers, gpuDevices } from "../../workload/scheduling";
import type { WorkloadArgs } from "../../workload/workload";

/** Below every other pod, and not below what the cluster autoscaler brings nodes for (docs/facts.md 20). */
const priority = -10;

/** A program that does nothing (docs/facts.md 20.14). */
export const placeholderImage = "registry.k8s.io/pause:3.10";
/** The user that it runs as. */
const user = 65535;

/** Name of the placeholder pods of an entry. */
export function placeholdersOf(entry: string): string {
  return `${entry}-spare`;
}

/** Names of the PriorityClasses of all placeholder pods, as a regular expression of Prometheus; the group is the Deployment's name. */
export const placeholderClasses = "(.+-spare)-[0-9a-f]{8}";

/** Makes pods that take the place of so many replicas on nodes until a real pod needs it: the node of the next replica is there then. */
export function placeholders(
  { entry, namespace, child, labels }: Owner,
  count: number,
  args: Pick<WorkloadArgs, "cluster" | "gpus" | "cpu" | "cpuLimit" | "memory">,
  pool: PlacedPool | undefined,
): void {
  const owner = { entry: placeholdersOf(entry), namespace, labels };
  const metadata = metadataOf(owner);
  const priorityClass = new PriorityClass(
    `${owner.entry}-priority`,
    {
      metadata: { name: classOf(owner.entry), labels: metadata.labels },
      value: priority,
      preemptionPolicy: "Never",
      description: "Pods that keep nodes ready for replicas, and give way to every other pod.",
    },
    child,
  );
  const { cluster, gpus = 0 } = args;
  const nodeAffinity = pool || gpus > 0 ? undefined : awayFromOthers(cluster.pools);
  new Deployment(
    owner.entry,
    {
      // They wait while real pods have their place, which is what they are for.
      metadata: { ...metadata, annotations: notAwaited },
      spec: {
        replicas: count,
        revisionHistoryLimit: 0,
        selector: { matchLabels: selectorLabels(owner.entry) },
        template: {
          metadata: { labels: metadata.labels },
          spec: {
            priorityClassName: priorityClass.metadata.name,
            terminationGracePeriodSeconds: 0,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            nodeSelector: pool?.nodeSelector,
            tolerations: pool?.tolerations,
            ...(nodeAffinity && { affinity: { nodeAffinity } }),
            securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                ...{ name: "pause", image: placeholderImage },
                resources: resources(args, gpuDevices(gpus, pool)),
                securityContext: {
                  ...securityContext("restricted", { user }),
                  readOnlyRootFilesystem: true,
                },
              },
            ],
          },
        },
      },
    },
    child,
  );
}

/** A PriorityClass is the cluster's, which other stacks may share. */
function classOf(name: string): string {
  const stack = `${pulumi.getProject()}/${pulumi.getStack()}`;
  return `${name}-${createHash("sha256").update(stack).digest("hex").slice(0, 8)}`;
}
