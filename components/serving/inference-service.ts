import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service } from "@pulumi/kubernetes/core/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../refuse";
import { objectLabels, selectorLabels } from "../workload/labels";
import { networkOf } from "../workload/network";
import { pod } from "../workload/pod";
import { spread } from "../workload/scheduling";
import { spare as spareSlots } from "../workload/spare";
import { shareNode, type Volume } from "../workload/volumes";
import { untilRolledOut } from "../cluster/wait-for";
import type { WorkloadArgs } from "../workload/workload";
import type { Exposure } from "./exposure";
import {
  exposedService,
  madeAnew,
  externalUrl,
  loadBalancerOf,
  loadBalancerTime,
} from "./exposure";
import { lastLines, logShipping, type LogShipping } from "./log-shipping";
import { modelUpdates, type ModelUpdates } from "./model-updates";
import { probes } from "../workload/probes";
import {
  placement,
  reclaimedEarly,
  rollingDeployment,
  strategy,
  times,
  type Rollout,
} from "./rollout";
import { serviceProblems } from "./service-problems";

/** Arguments for {@link InferenceService}, whose image serves a model over HTTP. */
export interface InferenceServiceArgs extends WorkloadArgs {
  /** Port the server listens on, 1 to 65535. @default 8000 */
  port?: number;
  /** Replicas that run, from 1 up. @default 1 */
  replicas?: number;
  /** Path that answers 200 once the model can answer. @default a replica is ready when its port takes connections */
  health?: string;
  /** Seconds a replica may take from its node to its first answer, image pull included, 10 to 43200. @default 600 */
  startup?: number;
  /** Seconds that requests in flight get to finish when a replica stops. @default 30 */
  drain?: number;
  /** Who can reach the service. @default the cluster alone */
  expose?: Exposure;
  /** Whether its Service object limits source ranges, of an earlier exposure too. @default false */
  limitedBefore?: boolean;
  /** New versions of the model that come while the server runs. @default none come */
  modelUpdates?: ModelUpdates;
  /** Where the server's log files go. @default what it prints is all there is */
  logs?: LogShipping;
  /** Whole replicas that fit the pool beside everything else at its maximum. @default what this service alone leaves free */
  spare?: number;
  /** Seconds that rollouts of other services may hold those slots. @default 0 */
  spareWait?: number;
}

/** A model server: replicas behind one address, replaced one by one without dropping a request. */
export class InferenceService extends pulumi.ComponentResource {
  /** Address for those it is exposed to, known once it answers; undefined where that is the cluster alone. */
  readonly url: pulumi.Output<string | undefined>;
  /** Address inside the cluster, known once it answers. */
  readonly internalUrl: pulumi.Output<string>;
  /** What is needed to watch its replicas being replaced. */
  readonly rollout: Rollout;

  constructor(name: string, args: InferenceServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster, namespace } = args;
    super("gpu-serving:index:InferenceService", name, {}, { ...opts, provider: cluster.provider });
    const { port = 8000, gpus = 0, replicas = 1, startup = 600, drain = 30, expose = {} } = args;

    const { pool, problems } = serviceProblems(
      name,
      { ...args, port, gpus, replicas, startup, drain, expose },
      cluster.pools,
    );
    refuse(this, name, problems);
    const loadBalancer = loadBalancerOf(cluster, expose);
    const { annotations, spec } = exposedService(name, port, loadBalancer, expose);
    const own = pool && gpus > 0 ? pool : undefined;
    const oneNode = shareNode(mountedBy(args));
    // Beside its disk a replica has room only on the one node, of which only a pool of one node tells how full it is.
    const full = oneNode && own !== undefined && own.maxNodes > 1;
    const spare = full
      ? 0
      : (args.spare ?? (own ? spareSlots(own, [{ gpus, count: replicas }], gpus) : 1));
    const rollingUpdate = strategy(spare);
    const updates = args.modelUpdates && modelUpdates(args.modelUpdates, port);
    const logs = args.logs && logShipping(name, args.logs, { ...args.mounts, ...updates?.mounts });
    const time = times({
      ...{ ...args, replicas, startup, drain, pool, loadBalancer },
      lastLines: logs && lastLines,
    });
    const early = loadBalancer && reclaimedEarly(time, pool);
    if (early) void pulumi.log.warn(`${name}: ${early}`, this);
    if (replicas === 1 && rollingUpdate.maxSurge === 0) {
      const text = `${name}: one replica and no room for a second one${pool ? ` on pool ${pool.name}` : ""}, so each update is a downtime of up to ${time.progressDeadline} s. ${full ? "It mounts a disk, which keeps it on one node: a bucket, or a claim that many nodes mount, avoids it" : "Raise nodes.max of the pool, or the namespace's quota where that is smaller, to avoid it"}.`;
      void pulumi.log.warn(text, this);
    }

    const child = { parent: this };
    const metadata = { name, namespace, labels: objectLabels(name) };
    const open = expose.scope !== undefined && expose.scope !== "cluster";
    const network = networkOf(name, namespace, { port, open }, args.network ?? {}, child);
    const template = pod(
      name,
      args,
      {
        pool,
        spec: {
          terminationGracePeriodSeconds: time.terminationGrace,
          ...spread(name),
          ...updates?.spec,
        },
        companions: [...(logs?.companions ?? []), ...(updates?.companions ?? [])],
        mounts: { ...updates?.mounts, ...logs?.mounts },
        variables: updates?.variables,
        user: updates?.user,
        main: {
          ports: [{ containerPort: port }],
          lifecycle: { preStop: { sleep: { seconds: time.preStop } } },
          ...probes({ port, health: args.health, startup: time.startup }),
        },
      },
      child,
    );
    const deployment = new Deployment(
      name,
      {
        metadata: { ...metadata, annotations: untilRolledOut(replicas) },
        spec: rollingDeployment(name, replicas, rollingUpdate, time, template),
      },
      {
        ...child,
        // A replica that starts in a closed namespace finds its ways out open.
        dependsOn: network,
        customTimeouts: timeouts(time.rollout, time.terminationGrace + deletionTime),
      },
    );
    const service = new Service(
      `${name}-service`,
      { metadata: { ...metadata, annotations }, spec },
      {
        ...child,
        // Pulumi waits for its endpoints: without replicas on their way as many Services as Pulumi does at once would wait for ever.
        // A load balancer takes its minutes beside them.
        dependsOn: open ? network : deployment,
        customTimeouts: timeouts(time.rollout + loadBalancerTime, loadBalancerTime),
        ...(args.limitedBefore && !loadBalancer && madeAnew),
      },
    );
    new PodDisruptionBudget(
      `${name}-budget`,
      {
        metadata,
        // minAvailable: 1 would block for ever the drain of a node that runs the only replica.
        spec: {
          maxUnavailable: 1,
          unhealthyPodEvictionPolicy: "AlwaysAllow",
          selector: { matchLabels: selectorLabels(name) },
        },
      },
      child,
    );
    this.rollout = {
      ...{ name, namespace, placement: placement({ ...args, pool }) },
      ...{ owner: this, deployment },
    };
    // Through with both: the replicas are available, the Service has endpoints and an address.
    const answering = pulumi.all([service.status, service.metadata.namespace, deployment.id]);
    this.url = answering.apply(([status]) =>
      spec.type === "LoadBalancer" ? externalUrl(status.loadBalancer.ingress) : undefined,
    );
    this.internalUrl = answering.apply(([, ns]) => `http://${name}.${ns}.svc.cluster.local`);
    this.registerOutputs({ url: this.url, internalUrl: this.internalUrl });
  }
}

function mountedBy({ mounts = {}, modelUpdates: updates }: InferenceServiceArgs): Volume[] {
  const own = Object.values(mounts).map(({ volume }) => volume);
  return updates ? [...own, updates.from.volume] : own;
}

/** Seconds until the last pod is reported gone once its grace is over. */
const deletionTime = 120;

function timeouts(rollout: number, deletion: number): pulumi.CustomTimeouts {
  return { create: `${rollout}s`, update: `${rollout}s`, delete: `${deletion}s` };
}
