import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster/cluster";
import type { Environment } from "../workload/environment-variables";
import { objectLabels, selectorLabels } from "../workload/labels";
import { podSecrets } from "../workload/pod-secrets";
import type { PodSecurity } from "../workload/security";
import { spare as spareSlots } from "../workload/spare";
import type { Exposure } from "./exposure";
import { exposedService, externalUrl, loadBalancerTime, networkPolicy } from "./exposure";
import { rollingDeployment, strategy, times } from "./rollout";
import { serverPod } from "./server-pod";
import { serviceFaults } from "./service-faults";

/** Arguments for {@link InferenceService}. */
export interface InferenceServiceArgs {
  /** Cluster the service runs on. */
  cluster: Cluster;
  /** Namespace of all its objects. */
  namespace: pulumi.Input<string>;
  /** Container image that serves the model over HTTP. */
  image: pulumi.Input<string>;
  /** Port the server listens on, 1 to 65535. @default 8000 */
  port?: number;
  /** Program to run. @default the image's entrypoint */
  command?: pulumi.Input<string>[];
  /** Arguments of the program. @default the image's own */
  args?: pulumi.Input<string>[];
  /** Environment variables. @default {} */
  env?: Environment;
  /** CPU a replica is promised, as a Kubernetes quantity; it may use more where there is more. @default "500m" */
  cpu?: pulumi.Input<string>;
  /** Memory a replica is promised and limited to, as a Kubernetes quantity. @default "1Gi" promised, no limit */
  memory?: pulumi.Input<string>;
  /** GPUs of one replica. @default 0 */
  gpus?: number;
  /** Pool the replicas run on. @default the only pool with that many GPUs in a node */
  pool?: string;
  /** Replicas that run, from 1 up. @default 1 */
  replicas?: number;
  /** Path that answers 200 once the model can answer. @default a replica is ready when its port takes connections */
  health?: string;
  /** Seconds a replica may take from its node to its first answer, image pull included. @default 600 */
  startup?: number;
  /** Seconds that requests in flight get to finish when a replica stops. @default 30 */
  drain?: number;
  /** Docker configurations (JSON) with the credentials to pull the image. @default [] */
  pullSecrets?: pulumi.Input<string>[];
  /** Who can reach the service. @default the cluster alone */
  expose?: Exposure;
  /** Pod Security Standard that the image passes. @default "restricted" */
  podSecurity?: PodSecurity;
  /** Name of the container, as logs and dashboards show it. @default the service's name */
  container?: string;
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

  constructor(name: string, args: InferenceServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster, namespace } = args;
    super("gpu-serving:index:InferenceService", name, {}, { ...opts, provider: cluster.provider });
    const {
      port = 8000,
      gpus = 0,
      replicas = 1,
      startup = 600,
      drain = 30,
      container = name,
    } = args;
    const { env = {}, expose = {}, pullSecrets = [], podSecurity = "restricted" } = args;

    const { pool, faults } = serviceFaults(
      { ...args, port, gpus, replicas, startup, drain, expose },
      cluster.pools,
    );
    if (faults.length > 0) {
      throw new pulumi.ResourceError(`${name}: ${faults.join("\n")}`, this, true);
    }
    const { annotations, spec } = exposedService(name, port, cluster, expose);
    const spare =
      args.spare ?? (pool && gpus > 0 ? spareSlots(pool, [{ gpus, count: replicas }], gpus) : 1);
    const rollingUpdate = strategy(spare);
    const time = times({ ...args, replicas, startup, drain, pool });
    if (replicas === 1 && rollingUpdate.maxSurge === 0) {
      const text = `${name}: one replica and pool ${pool?.name ?? ""} has no slot to spare, so each update is a downtime of up to ${time.progressDeadline} s. Raise nodes.max of the pool to avoid it.`;
      void pulumi.log.warn(text, this);
    }

    const child = { parent: this };
    const metadata = { name, namespace, labels: objectLabels(name) };
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      child,
    );
    const secrets = podSecrets({ entry: name, namespace, env, pullSecrets }, child);
    const template = serverPod({
      ...{ ...args, name, container, port, env, gpus, podSecurity, pool, times: time },
      account,
      secrets,
    });
    const deployment = new Deployment(
      name,
      { metadata, spec: rollingDeployment(name, replicas, rollingUpdate, time, template) },
      { ...child, customTimeouts: timeouts(time.rollout, time.terminationGrace + deletionTime) },
    );
    const service = new Service(
      `${name}-service`,
      { metadata: { ...metadata, annotations }, spec },
      { ...child, customTimeouts: timeouts(time.rollout + loadBalancerTime, loadBalancerTime) },
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
    new NetworkPolicy(
      `${name}-network`,
      { metadata, spec: networkPolicy(name, port, expose) },
      child,
    );

    // Through with both: the replicas are available, the Service has endpoints and an address.
    const answering = pulumi.all([service.status, service.metadata.namespace, deployment.id]);
    this.url = answering.apply(([status]) =>
      spec.type === "LoadBalancer" ? externalUrl(status.loadBalancer.ingress) : undefined,
    );
    this.internalUrl = answering.apply(([, ns]) => `http://${name}.${ns}.svc.cluster.local`);
    this.registerOutputs({ url: this.url, internalUrl: this.internalUrl });
  }
}

/** Seconds until the last pod is reported gone once its grace is over. */
const deletionTime = 120;

function timeouts(rollout: number, deletion: number): pulumi.CustomTimeouts {
  return { create: `${rollout}s`, update: `${rollout}s`, delete: `${deletion}s` };
}
