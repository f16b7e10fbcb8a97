import type {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesListObject,
  KubernetesObject,
  Middleware,
  SecurityAuthentication,
} from "@kubernetes/client-node";
import { z } from "zod";
import { current } from "../components/cluster/kubeconfig";
import { LoginFailure } from "./login";
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
import { loggedIn } from "./session";
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

/** Why a cluster gave no answer. */
export class NoAnswer extends Error {
  /** @param refused whether it will not give one later either: no such rights, no such login */
  constructor(
    message: string,
    readonly refused: boolean,
  ) {
    super(message);
    this.name = "NoAnswer";
  }
}

/** Milliseconds for one answer. */
const longestAnswer = 15_000;
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

/** The parts of the API that are asked. */
export interface Api {
  apps: AppsV1Api;
  batch: BatchV1Api;
  core: CoreV1Api;
  /** Address and login, for what the others cannot ask. */
  config: KubeConfig;
}

/** Somebody who is logged in. */
interface Session {
  api: Api;
  /** Until when the login is good. @default until it is refused */
  until?: number;
}

/** Asks a question, and gives the answer; undefined where there is no such thing. */
export type Ask = <T>(question: (api: Api) => Promise<T>) => Promise<T | undefined>;

/** Asks the cluster that a kubeconfig leads to; what it does not answer is a {@link NoAnswer}. */
export async function askerOf(
  kubeconfig: string,
  { answer = longestAnswer, login }: Patience = {},
): Promise<Ask> {
  // Loading it takes a second or two, which previews and tests need not wait for.
  const client = await import("@kubernetes/client-node");
  const cluster = current(kubeconfig);
  const server = cluster?.cluster.server;
  if (!cluster || typeof server !== "string") {
    throw new Error("the kubeconfig leads to no cluster");
  }
  const begin = async (): Promise<Session> => {
    const { entries, until } = await loggedIn(cluster, server, login);
    const config = new client.KubeConfig();
    // JSON is YAML.
    config.loadFromString(JSON.stringify(entries));
    const configuration = client.createConfiguration({
      baseServer: new client.ServerConfiguration(server.replace(/\/$/, ""), {}),
      authMethods: { default: within(config, answer) },
      promiseMiddleware: [endedAfter(answer)],
    });
    const api = {
      config,
      apps: new client.AppsV1Api(configuration),
      batch: new client.BatchV1Api(configuration),
      core: new client.CoreV1Api(configuration),
    };
    return { api, until };
  };
  let session: Promise<Session> | undefined;
  /** The session that there is; all that are refused at a time share one new login. */
  const other = (than?: Promise<Session>): Promise<Session> => {
    if (session !== undefined && session !== than) return session;
    const begun = begin();
    session = begun;
    begun.catch(() => {
      if (session === begun) session = undefined;
    });
    return begun;
  };
  const isOver = ({ until = Infinity }: Session) => until <= Date.now();
  const codeOf = (error: unknown) =>
    error instanceof client.ApiException ? error.code : undefined;
  return async (question) => {
    try {
      const had = other();
      const used = isOver(await had) ? other(had) : had;
      return await inTime(question((await used).api), answer).catch(async (error: unknown) => {
        if (codeOf(error) !== 401) throw error;
        // A token may have ended before the time that the login named.
        const { api } = await other(used);
        return inTime(question(api), answer);
      });
    } catch (error) {
      if (codeOf(error) === 404) return undefined;
      throw noAnswer(error, codeOf(error));
    }
  };
}

/** What the client itself does not end: its agents wait for ever for a proxy. */
function within(config: KubeConfig, patience: number): SecurityAuthentication {
  return {
    getName: () => config.getName(),
    async applySecurityAuthentication(context) {
      await config.applySecurityAuthentication(context);
      const agent = context.getAgent();
      const options: unknown = agent && Reflect.get(agent, "options");
      if (typeof options === "object" && options) Object.assign(options, { timeout: patience });
    },
  };
}

/** Ends requests that nobody waits for any longer: they would keep the process alive. */
function endedAfter(patience: number): Middleware {
  return {
    pre(context) {
      context.setSignal(AbortSignal.timeout(patience));
      return Promise.resolve(context);
    },
    post: (context) => Promise.resolve(context),
  };
}

/** The client itself waits for ever for an API server that went away in the middle of an answer. */
function inTime<T>(question: Promise<T>, patience: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error("the API server did not answer in time"));
    const timer = setTimeout(late, patience).unref();
    question.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function noAnswer(error: unknown, code: number | undefined): NoAnswer {
  if (code === undefined) {
    return new NoAnswer(sentence(error), error instanceof LoginFailure && error.lasting);
  }
  const why = reasonIn(error);
  const text = `the API server answers ${code}${why === undefined ? "" : `: ${why}`}`;
  return new NoAnswer(text, code === 401 || code === 403);
}

function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0] ?? text;
}

const refusal = z.object({ body: z.string().transform((text): unknown => JSON.parse(text)) });
const status = z.object({ message: z.string() });

/** What the API server says of a question that it does not answer. */
function reasonIn(error: unknown): string | undefined {
  try {
    return status.parse(refusal.parse(error).body).message;
  } catch {
    return undefined;
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
