import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { Service } from "@pulumi/kubernetes/core/v1";
import type { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import { untilAddressed, untilAllRolledOut, untilRolledOut } from "../cluster/wait-for";
import { refuse } from "../refuse";
import { metadataOf, selectorLabels, type Owner } from "../workload/labels";
import { networkOf } from "../workload/network";
import { pod } from "../workload/pod";
import type { Rollout } from "../workload/rollout";
import { placeholders } from "./autoscaling/placeholders";
import { scaler } from "./autoscaling/scaler";
import { externalUrl, loadBalancerTime, madeAnew } from "./exposure";
import { containerArgs, type ModelServiceArgs } from "./model-service";
import { clusterService } from "./ports";
import { rollingDeployment } from "./rollout";
import {
  planService,
  withDefaults,
  type CompleteArgs,
  type InferenceServiceArgs,
  type ServicePlan,
} from "./service-plan";
import { serviceProblems } from "./service-problems";

export type { InferenceServiceArgs, ModelServiceArgs };

/** A model server: replicas behind one address, replaced one by one without dropping a request. */
export class InferenceService extends pulumi.ComponentResource {
  /** Address for those it is exposed to, known once it answers; undefined where that is the cluster alone. */
  readonly url: pulumi.Output<string | undefined>;
  /** Address inside the cluster, known once it answers. */
  readonly internalUrl: pulumi.Output<string>;
  /** What is needed to watch its replicas being replaced. */
  readonly rollout: Rollout;

  constructor(
    name: string,
    given: InferenceServiceArgs | ModelServiceArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { args: container, problems: unserved } = containerArgs(given);
    const args = withDefaults(container);
    const { cluster, namespace, replicas, range } = args;
    super("gpu-serving:index:InferenceService", name, {}, { ...opts, provider: cluster.provider });

    refuse(this, name, unserved);
    const { pool, problems } = serviceProblems(name, args);
    refuse(this, name, problems);
    const plan = planService(name, args, pool);
    for (const warning of plan.warnings) void pulumi.log.warn(`${name}: ${warning}`, this);

    const child = { parent: this };
    const owner = { entry: name, namespace, child, labels: args.labels };
    const metadata = metadataOf(owner);
    const network = networkOf(owner, plan.doors, args.network ?? {});
    const template = pod(owner, args, plan.pod);
    const { rollingUpdate, times, placement } = plan;
    // A service that may have no replica begins with one, to see that it answers.
    const first = range ? Math.max(1, range.min) : replicas;
    const deployment = new Deployment(
      name,
      {
        metadata: {
          ...metadata,
          annotations: range ? untilAllRolledOut() : untilRolledOut(replicas),
        },
        spec: rollingDeployment(name, first, rollingUpdate, times, template),
      },
      {
        ...child,
        // A replica that starts in a closed namespace finds its ways out open.
        dependsOn: network,
        customTimeouts: timeouts(times.rollout, times.terminationGrace + deletionTime),
        // From then on the number is the autoscaler's.
        ...(range && { ignoreChanges: ["spec.replicas"] }),
      },
    );
    if (range) {
      scaler(owner, { ...args, ...range, windows: plan.windows }, deployment);
      if (range.spare) placeholders(owner, range.spare, args, pool);
    }
    const { open } = plan;
    const service = makeServices(owner, plan, { network, deployment }, args);
    const budget = {
      // With minAvailable 1 the drain of a node that runs the only replica would never end.
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: { matchLabels: selectorLabels(name) },
    };
    new PodDisruptionBudget(`${name}-budget`, { metadata, spec: budget }, child);
    const object = { kind: "Deployment", name, namespace } as const;
    this.rollout = { ...object, placement, owner: this, object: deployment };
    // Through with both: the replicas are available, the Service has endpoints and an address.
    const answering = pulumi.all([service.status, service.metadata.namespace, deployment.id]);
    this.url = answering.apply(([status]) =>
      open ? externalUrl(status.loadBalancer.ingress) : undefined,
    );
    this.internalUrl = answering.apply(([, ns]) => `http://${name}.${ns}.svc.cluster.local`);
    this.registerOutputs({ url: this.url, internalUrl: this.internalUrl });
  }
}

/** Makes the Service of the pods, and where a load balancer must not offer all ports, one for the cluster beside it. */
function makeServices(
  owner: Owner,
  { times, service, inside, open }: ServicePlan,
  { network, deployment }: { network: NetworkPolicy; deployment: Deployment },
  { replicas, range, limitedBefore }: Pick<CompleteArgs, "replicas" | "range" | "limitedBefore">,
): Service {
  const { entry, child } = owner;
  const mayHaveNone = (range?.min ?? replicas) === 0;
  // Pulumi waits for its endpoints: without replicas on their way as many Services as Pulumi does at once would wait for ever.
  const behind = {
    ...{ ...child, dependsOn: deployment },
    customTimeouts: timeouts(times.rollout + loadBalancerTime, loadBalancerTime),
  };
  if (inside) {
    const annotations = mayHaveNone ? untilAddressed(false) : undefined;
    const metadata = { ...metadataOf(owner, clusterService(entry)), annotations };
    new Service(`${entry}-cluster`, { metadata, spec: inside }, behind);
  }
  const { spec } = service;
  const annotations = mayHaveNone
    ? { ...service.annotations, ...untilAddressed(open) }
    : service.annotations;
  return new Service(
    `${entry}-service`,
    { metadata: { ...metadataOf(owner), annotations }, spec },
    {
      ...behind,
      // A load balancer takes its minutes while they start.
      ...(open && { dependsOn: network }),
      ...(limitedBefore && !open && madeAnew),
    },
  );
}

/** Seconds until the last pod is reported gone once its grace is over. */
const deletionTime = 120;

function timeouts(rollout: number, deletion: number): pulumi.CustomTimeouts {
  return { create: `${rollout}s`, update: `${rollout}s`, delete: `${deletion}s` };
}
