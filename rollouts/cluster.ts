import type {
  CoreV1Event,
  KubernetesListObject,
  KubernetesObject,
  V1LabelSelector,
  V1ObjectMeta,
  V1Pod,
} from "@kubernetes/client-node";
import { askerOf, NoAnswer, sentence, type Api, type Ask } from "./ask";
import { LoginFailure, type FailedLogin } from "./login";
import type { LogOf } from "./problem";
import type { Patience } from "./reach";
import { notBegun, ofGroups, setKind, setLabel } from "./groups";
import { isReady, ofDaemonSet, ofDeployment, ofJob, type Observed } from "./workload";

/** A workload that is watched until its newest version is in place, or as a Job has started. */
export interface Workload {
  kind: "Deployment" | "DaemonSet" | "Job" | "LeaderWorkerSet";
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

/** What the kubelet answers in place of the log of a run that it has removed. */
const noLog = /^unable to retrieve container logs for \S+$/;

/** The cluster that a kubeconfig leads to. */
export async function clusterOf(kubeconfig: string): Promise<Cluster> {
  return new ApiCluster(await askerOf(kubeconfig));
}

/** The uid of a cluster's namespace `kube-system`, or why it cannot be read. */
export type SeenUid = { uid: string } | { unseen: string; login?: FailedLogin };

/** What no other cluster has, whatever its name (docs/facts.md 10.9). */
export async function clusterUid(kubeconfig: string, patience?: Patience): Promise<SeenUid> {
  try {
    const ask = await askerOf(kubeconfig, patience);
    const found = await ask(({ core }) => core.readNamespace({ name: "kube-system" }));
    const uid = found?.metadata?.uid;
    return uid === undefined ? { unseen: "it shows no namespace kube-system" } : { uid };
  } catch (error) {
    const cause = error instanceof NoAnswer ? error.cause : undefined;
    return { unseen: sentence(error), ...(cause instanceof LoginFailure && { login: cause }) };
  }
}

/** Images that a node names at most in its status (docs/facts.md 9.4). */
const mostNamedImages = 50;

/**
 * Names of all images that the nodes of a cluster have; undefined where nobody can tell: the cluster does not answer, or a node has
 * more than it names.
 */
export async function imagesOnNodes(
  kubeconfig: string,
  patience: Patience = { answer: 5000 },
): Promise<ReadonlySet<string> | undefined> {
  try {
    const ask = await askerOf(kubeconfig, patience);
    const nodes = (await ask(({ core }) => core.listNode()))?.items ?? [];
    const images = nodes.map(({ status }) => status?.images ?? []);
    if (nodes.length === 0 || images.some((of) => of.length >= mostNamedImages)) return undefined;
    return new Set(images.flat().flatMap(({ names }) => names ?? []));
  } catch {
    return undefined;
  }
}

class ApiCluster implements Cluster {
  constructor(private readonly ask: Ask) {}

  observe(workload: Workload): Promise<Observed | undefined> {
    if (workload.kind === "Job") return this.job(workload);
    if (workload.kind === "LeaderWorkerSet") return this.groups(workload);
    return workload.kind === "Deployment" ? this.deployment(workload) : this.daemonSet(workload);
  }

  async lastLines(namespace: string, { pod, container, previous }: LogOf): Promise<string[]> {
    const read = async (previous: boolean) => {
      const of = { name: pod, namespace, container, previous, tailLines: shownLines };
      const log = this.ask(({ core }) => core.readNamespacedPodLog(of));
      const text = await log.catch(() => undefined);
      if (text === undefined || noLog.test(text)) return [];
      return text.split("\n").filter((line) => line.trim() !== "");
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
    return (await this.items(question)).map(({ metadata }) => ({
      ...{ kind, namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" },
    }));
  }

  private async deployment(of: Workload): Promise<Observed | undefined> {
    const deployment = await this.ask(({ apps }) => apps.readNamespacedDeployment(of));
    if (!deployment) return undefined;
    const query = queryOf(of, deployment.spec);
    const [sets, pods] = await Promise.all([
      this.items(({ apps }) => apps.listNamespacedReplicaSet(query)),
      this.items(({ core }) => core.listNamespacedPod(query)),
    ]);
    const observed = ofDeployment(deployment, sets, pods, []);
    return { ...observed, events: await this.events(of.namespace, observed.pods) };
  }

  private async job(of: Workload): Promise<Observed | undefined> {
    const job = await this.ask(({ batch }) => batch.readNamespacedJob(of));
    if (!job) return undefined;
    const query = queryOf(of, job.spec);
    const pods = await this.items(({ core }) => core.listNamespacedPod(query));
    const [own, ofPods] = await Promise.all([
      this.eventsOf(of.namespace, job.metadata),
      this.events(of.namespace, pods),
    ]);
    return ofJob(job, pods, [...own, ...ofPods]);
  }

  /** A LeaderWorkerSet and the StatefulSet of its leaders, which has its name. */
  private async groups(of: Workload): Promise<Observed | undefined> {
    const { namespace, name } = of;
    const object = { ...setKind, namespace, name };
    const [set, leaders] = await Promise.all([
      this.ask(({ custom }): Promise<unknown> => custom.getNamespacedCustomObject(object)),
      this.ask(({ apps }) => apps.readNamespacedStatefulSet(of)),
    ]);
    if (set === undefined) return undefined;
    if (!leaders) return notBegun;
    const query = { namespace: of.namespace, labelSelector: `${setLabel}=${of.name}` };
    const pods = await this.items(({ core }) => core.listNamespacedPod(query));
    const observed = ofGroups(set, leaders, pods, []);
    return { ...observed, events: await this.events(of.namespace, observed.pods) };
  }

  private async daemonSet(of: Workload): Promise<Observed | undefined> {
    const set = await this.ask(({ apps }) => apps.readNamespacedDaemonSet(of));
    if (!set) return undefined;
    const query = queryOf(of, set.spec);
    const pods = await this.items(({ core }) => core.listNamespacedPod(query));
    const observed = ofDaemonSet(set, pods, [], await this.away(pods));
    return { ...observed, events: await this.events(of.namespace, observed.pods) };
  }

  /** Nodes of these pods that are not ready; who may not look at nodes sees none. */
  private async away(pods: readonly V1Pod[]): Promise<string[]> {
    const waiting = pods.filter((pod) => !isReady(pod));
    const names = [...new Set(waiting.flatMap(({ spec }) => spec?.nodeName ?? []))];
    const nodes = names.map(async (name) => {
      const node = await this.ask(({ core }) => core.readNode({ name }));
      // One that was deleted is not among those that the DaemonSet counts.
      return !node || isReady(node) ? [] : [name];
    });
    try {
      return (await Promise.all(nodes)).flat();
    } catch (error) {
      if (error instanceof NoAnswer && error.refused) return [];
      throw error;
    }
  }

  /** What happened to pods that are not ready; a namespace may have thousands of other events. */
  private async events(namespace: string, pods: readonly V1Pod[]): Promise<CoreV1Event[]> {
    const lists = pods
      .filter((pod) => !isReady(pod))
      .map(({ metadata }) => this.eventsOf(namespace, metadata));
    return (await Promise.all(lists)).flat();
  }

  private eventsOf(namespace: string, { name, uid }: V1ObjectMeta = {}): Promise<CoreV1Event[]> {
    const fieldSelector = `involvedObject.name=${name},involvedObject.uid=${uid}`;
    return this.items(({ core }) => core.listNamespacedEvent({ namespace, fieldSelector }));
  }

  private async items<T>(question: (api: Api) => Promise<{ items: T[] }>): Promise<T[]> {
    return (await this.ask(question))?.items ?? [];
  }
}

/** Asks for what a workload's selector is for. */
function queryOf({ namespace }: Workload, spec?: { selector?: V1LabelSelector }) {
  const labels = Object.entries(spec?.selector?.matchLabels ?? {});
  return { namespace, labelSelector: labels.map(([key, value]) => `${key}=${value}`).join(",") };
}
