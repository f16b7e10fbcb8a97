import { Service } from "@pulumi/kubernetes/core/v1";
import type { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import { untilAddressed } from "../cluster/wait-for";
import { metadataOf, selectorLabels, type Owner } from "../workload/labels";
import { externalUrl, loadBalancerTime, madeAnew } from "./exposure";
import { clusterService } from "./ports";
import type { CompleteArgs, ServicePlan } from "./service-plan";

/** What runs the pods of a service, and the policy of their network. */
interface Behind {
  network: NetworkPolicy;
  workload: pulumi.CustomResource;
}

/** Makes the Service of the pods, and where a load balancer must not offer all ports, one for the cluster beside it. */
export function makeServices(
  owner: Owner,
  { times, service, inside, open }: ServicePlan,
  { network, workload }: Behind,
  {
    replicas,
    range,
    limitedBefore,
    nodeGroup,
  }: Pick<CompleteArgs, "replicas" | "range" | "limitedBefore" | "nodeGroup">,
): Service {
  const { entry, child } = owner;
  const mayHaveNone = (range?.min ?? replicas) === 0;
  // Pulumi waits for its endpoints: without replicas on their way as many Services as Pulumi does at once would wait for ever.
  const behind = {
    ...{ ...child, dependsOn: workload },
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
      // A load balancer takes its minutes while they start. To groups it turns when they answer: before, they may have been a Deployment.
      ...(open && !nodeGroup && { dependsOn: network }),
      ...(limitedBefore && !open && madeAnew),
    },
  );
}

/** Makes the budget that lets one pod of a service go at a time: of replicas on several nodes one group, which goes with each of its pods. */
export function makeBudget(owner: Owner): void {
  const { entry, child } = owner;
  const spec = {
    // With minAvailable 1 the drain of a node that runs the only replica would never end.
    maxUnavailable: 1,
    unhealthyPodEvictionPolicy: "AlwaysAllow",
    selector: { matchLabels: selectorLabels(entry) },
  };
  new PodDisruptionBudget(`${entry}-budget`, { metadata: metadataOf(owner), spec }, child);
}

/** The addresses of a service, known when it answers there: its replicas are available, its Service has endpoints and an address. */
export function addressesOf(
  name: string,
  open: boolean,
  service: Service,
  workload: pulumi.CustomResource,
) {
  const answering = pulumi.all([service.status, service.metadata.namespace, workload.id]);
  return {
    url: answering.apply(([status]) =>
      open ? externalUrl(status.loadBalancer.ingress) : undefined,
    ),
    internalUrl: answering.apply(([, ns]) => `http://${name}.${ns}.svc.cluster.local`),
  };
}

/** Seconds until the last pod is reported gone once its grace is over. */
export const deletionTime = 120;

/** How long Pulumi waits for a rollout and for a deletion. */
export function timeouts(rollout: number, deletion: number): pulumi.CustomTimeouts {
  return { create: `${rollout}s`, update: `${rollout}s`, delete: `${deletion}s` };
}
