import type { KubernetesListObject, KubernetesObject } from "@kubernetes/client-node";
import type { z } from "zod";
import { askerOf, NoAnswer, sentence, type Api, type Ask } from "./ask";
import {
  isReady,
  observedDaemonSet,
  observedDeployment,
  observedEvent,
  observedJob,
  observedNode,
  observedPod,
  observedReplicaSet,
  type ObservedEvent,
  type ObservedPod,
} from "./observed";
import type { LogOf } from "./problem";
import type { Patience } from "./reach";
import { ofDaemonSet, ofDeployment, ofJob, type Observed } from "./workload";

/** A workload that is watched until its newest version is in place, or as a Job has started. */
export interface Workload {
  kind: "Deployment" | "DaemonSet" | "Job";
  namespace: string;
  name: string;
}

/** What is asked of a cluster. */
export interface Cluster {
  /** What is seen of a workload; undefined while it does not exist. */
  observe(workload: Workload): Promise<Observed | undefined>;
  /** The last lines of a container's log. */
  lastLines(namespace: string, of: LogOf): Promise<string[]>;
  /** The Deployments and DaemonSets that carry a label, in some namespaces or in all. */
  labelled(label: string, namespaces?: readonly string[]): Promise<Workload[]>;
}

/** Lines of a log that are shown. */
const shownLines = 10;

/** The cluster that a kubeconfig leads to. */
export async function clusterOf(kubeconfig: string): Promise<Cluster> {
  return new ApiCluster(await askerOf(kubeconfig));
}

/** The uid of a cluster's namespace `kube-system`, or why it cannot be read. */
export type SeenUid = { uid: string } | { unseen: string };

/** What no other cluster has, whatever its name (docs/facts.md 10.9). */
export async function clusterUid(kubeconfig: string, patience?: Patience): Promise<SeenUid> {
  try {
    const ask = await askerOf(kubeconfig, patience);
    const found = await ask(({ core }) => core.readNamespace({ name: "kube-system" }));
    const uid = found?.metadata?.uid;
    return uid === undefined ? { unseen: "it shows no namespace kube-system" } : { uid };
  } catch (error) {
    return { unseen: sentence(error) };
  }
}

class ApiCluster implements Cluster {
  constructor(private readonly ask: Ask) {}

  observe(workload: Workload): Promise<Observed | undefined> {
    if (workload.kind === "Job") return this.job(workload);
    return workload.kind === "Deployment" ? this.deployment(workload) : this.daemonSet(workload);
  }

  async lastLines(namespace: string, { pod, container, previous }: LogOf): Promise<string[]> {
    const read = async (previous: boolean) => {
      const of = { name: pod, namespace, container, previous, tailLines: shownLines };
      const log = this.ask(({ core }) => core.readNamespacedPodLog(of));
      const text = await log.catch(() => undefined);
      return (text ?? "").split("\n").filter((line) => line.trim() !== "");
    };
    const lines = await read(previous);
    return lines.length > 0 ? lines : read(!previous);
  }

  async labelled(label: string, namespaces?: readonly string[]): Promise<Workload[]> {
    const query = { labelSelector: label };
    const lists = namespaces
      ? namespaces.flatMap((namespace) => {
          const within = { namespace, ...query };
          return [
            this.list("Deployment", ({ apps }) => apps.listNamespacedDeployment(within)),
            this.list("DaemonSet", ({ apps }) => apps.listNamespacedDaemonSet(within)),
          ];
        })
      : [
          this.list("Deployment", ({ apps }) => apps.listDeploymentForAllNamespaces(query)),
          this.list("DaemonSet", ({ apps }) => apps.listDaemonSetForAllNamespaces(query)),
        ];
    return (await Promise.all(lists)).flat();
  }

  private async list(
    kind: Workload["kind"],
    question: (api: Api) => Promise<KubernetesListObject<KubernetesObject>>,
  ): Promise<Workload[]> {
    const found = await this.ask(question);
    return (found?.items ?? []).map(({ metadata }) => ({
      kind,
      namespace: metadata?.namespace ?? "",
      name: metadata?.name ?? "",
    }));
  }

  private async deployment({ namespace, name }: Workload): Promise<Observed | undefined> {
    const read = await this.ask(({ apps }) => apps.readNamespacedDeployment({ namespace, name }));
    if (!read) return undefined;
    const deployment = observedDeployment.parse(read);
    const query = { namespace, labelSelector: selectorOf(deployment) };
    const [sets, pods] = await Promise.all([
      this.items(observedReplicaSet, ({ apps }) => apps.listNamespacedReplicaSet(query)),
      this.items(observedPod, ({ core }) => core.listNamespacedPod(query)),
    ]);
    const observed = ofDeployment(deployment, sets, pods, []);
    return { ...observed, events: await this.events(namespace, observed.pods) };
  }

  private async job({ namespace, name }: Workload): Promise<Observed | undefined> {
    const read = await this.ask(({ batch }) => batch.readNamespacedJob({ namespace, name }));
    if (!read) return undefined;
    const job = observedJob.parse(read);
    const query = { namespace, labelSelector: selectorOf(job) };
    const pods = await this.items(observedPod, ({ core }) => core.listNamespacedPod(query));
    const [own, ofPods] = await Promise.all([
      this.eventsOf(namespace, job.metadata),
      this.events(namespace, pods),
    ]);
    return ofJob(job, pods, [...own, ...ofPods]);
  }

  private async daemonSet({ namespace, name }: Workload): Promise<Observed | undefined> {
    const read = await this.ask(({ apps }) => apps.readNamespacedDaemonSet({ namespace, name }));
    if (!read) return undefined;
    const set = observedDaemonSet.parse(read);
    const query = { namespace, labelSelector: selectorOf(set) };
    const pods = await this.items(observedPod, ({ core }) => core.listNamespacedPod(query));
    const observed = ofDaemonSet(set, pods, [], await this.away(pods));
    return { ...observed, events: await this.events(namespace, observed.pods) };
  }

  /** Nodes of these pods that are not ready; who may not look at nodes sees none. */
  private async away(pods: readonly ObservedPod[]): Promise<string[]> {
    const waiting = pods.filter((pod) => !isReady(pod));
    const names = [...new Set(waiting.flatMap(({ spec }) => spec.nodeName ?? []))];
    const nodes = names.map(async (name) => {
      const node = await this.ask(({ core }) => core.readNode({ name }));
      // One that was deleted is not among those that the DaemonSet counts.
      return !node || isReady(observedNode.parse(node)) ? [] : [name];
    });
    return Promise.all(nodes).then(
      (found) => found.flat(),
      (error: unknown) => {
        if (error instanceof NoAnswer && error.refused) return [];
        throw error;
      },
    );
  }

  /** What happened to pods that are not ready; a namespace may have thousands of other events. */
  private async events(namespace: string, pods: readonly ObservedPod[]): Promise<ObservedEvent[]> {
    const lists = pods
      .filter((pod) => !isReady(pod))
      .map(({ metadata }) => this.eventsOf(namespace, metadata));
    return (await Promise.all(lists)).flat();
  }

  private eventsOf(
    namespace: string,
    { name, uid }: { name: string; uid: string },
  ): Promise<ObservedEvent[]> {
    const query = {
      namespace,
      fieldSelector: `involvedObject.name=${name},involvedObject.uid=${uid}`,
    };
    return this.items(observedEvent, ({ core }) => core.listNamespacedEvent(query));
  }

  private async items<Shape extends z.ZodType>(
    shape: Shape,
    question: (api: Api) => Promise<{ items: unknown[] }>,
  ): Promise<z.output<Shape>[]> {
    return ((await this.ask(question))?.items ?? []).map((item) => shape.parse(item));
  }
}

function selectorOf({
  spec,
}: {
  spec: { selector?: { matchLabels?: Record<string, string> | null } | null };
}): string {
  const labels = Object.entries(spec.selector?.matchLabels ?? {});
  return labels.map(([key, value]) => `${key}=${value}`).join(",");
}
