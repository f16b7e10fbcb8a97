/** Annotation that names what Pulumi waits for, in place of its own rules; every expression of the list must hold. */
const waitFor = "pulumi.com/waitFor";

/** Counts in the status of a Deployment that are the wanted one when it has been rolled out. */
const counts = ["updatedReplicas", "availableReplicas", "replicas"];

/**
 * Annotations of a Deployment of so many replicas: `up` waits until all of them are of the new version and available, and no other
 * is left. The provider's own rule also takes the status of the version before for that of the new one, when several Deployments of
 * a namespace change at once (docs/facts.md 10.4); these expressions hold only where the controller has seen the change.
 */
export function untilRolledOut(replicas: number): Record<string, string> {
  // A count of none is left out of the status. Of the object's own fields only `status` has the generation that was observed.
  if (replicas === 0) return { [waitFor]: "jsonpath={$[?(@.observedGeneration && !@.replicas)]}" };
  return {
    [waitFor]: JSON.stringify(counts.map((count) => `jsonpath={.status.${count}}=${replicas}`)),
  };
}

/**
 * Annotations of a Deployment whose number of replicas an autoscaler changes: the same for as many as there are to be by now. Each
 * expression has its one comparison with another field last, because the provider's parser takes nothing behind it.
 */
export function untilAllRolledOut(): Record<string, string> {
  const none = "$.spec.replicas == 0 && @.observedGeneration";
  return {
    [waitFor]: JSON.stringify(
      counts.map(
        (count) =>
          `jsonpath={$[?${none} || @.observedGeneration && @.${count} == $.spec.replicas]}`,
      ),
    ),
  };
}

/** Annotations of an object that `up` does not wait for, which every version of the provider knows. */
export const notAwaited: Readonly<Record<string, string>> = { "pulumi.com/skipAwait": "true" };

/**
 * The same as of a Deployment for a LeaderWorkerSet of so many groups, whose controller tells which generation it has seen from version 0.9.0 on. The
 * provider 2.0.0 waits for none.
 */
export function untilGroupsRolledOut(groups: number): Record<string, string> {
  if (groups === 0) return untilRolledOut(groups);
  const counts = ["updatedReplicas", "readyReplicas", "replicas"];
  return {
    [waitFor]: JSON.stringify(counts.map((count) => `jsonpath={.status.${count}}=${groups}`)),
  };
}

/**
 * Annotations of a Job whose end `up` does not wait for: it waits until a pod runs or has ended. A pod whose image cannot be pulled
 * has not started. Of the object's own fields only `status` has one of these counts.
 */
export const untilStarted: Readonly<Record<string, string>> = {
  [waitFor]: "jsonpath={$[?(@.ready > 0 || @.succeeded > 0 || @.failed > 0)]}",
};

/**
 * Annotations of a Service without pods: `up` waits for the address of its load balancer, and for no endpoints. A cluster IP is there
 * at once; for it the older way of saying so is taken, which the provider 2.0.0 knows as well (docs/facts.md 13.8).
 */
export function untilAddressed(loadBalancer: boolean): Record<string, string> {
  return loadBalancer ? { [waitFor]: "jsonpath={.status.loadBalancer.ingress}" } : notAwaited;
}
