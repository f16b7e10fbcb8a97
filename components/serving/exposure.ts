import type { core } from "@pulumi/kubernetes/types/input";
import type * as output from "@pulumi/kubernetes/types/output";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster, LoadBalancer, LoadBalancerScope } from "../cluster/cluster";
import { servingLabels } from "../workload/labels";

/** Who can reach a service: the cluster, the networks joined to it, or the internet. */
export interface Exposure {
  /** @default "cluster" */
  scope?: "cluster" | LoadBalancerScope;
  /** Source ranges in CIDR notation that may connect to the load balancer; required where public. @default all that reach it */
  allow?: string[];
}

/** Seconds a cloud may take to make a load balancer or to remove it. */
export const loadBalancerTime = 600;

/** How the cluster makes what stands before the pods; undefined where only the cluster reaches them. */
export function loadBalancerOf(
  cluster: Pick<Cluster, "loadBalancer">,
  { scope = "cluster" }: Exposure,
): LoadBalancer | undefined {
  return scope === "cluster" ? undefined : cluster.loadBalancer(scope);
}

/** Spec of the Service that exposes an entry's pods. */
export function exposedService(
  entry: string,
  ports: core.v1.ServicePort[],
  loadBalancer: LoadBalancer | undefined,
  { allow = [] }: Exposure,
): core.v1.ServiceSpec {
  const spec: core.v1.ServiceSpec = {
    type: "ClusterIP",
    selector: servingLabels(entry),
    ports,
  };
  if (!loadBalancer) return spec;
  const { class: loadBalancerClass } = loadBalancer;
  const loadBalancerSourceRanges = allow.length > 0 ? allow : undefined;
  return { ...spec, type: "LoadBalancer", loadBalancerClass, loadBalancerSourceRanges };
}

/** Where a load balancer says that it is. */
type Ingress = Partial<Pick<output.core.v1.LoadBalancerIngress, "hostname" | "ip">> & {
  ports?: Pick<output.core.v1.PortStatus, "port">[];
};

/**
 * Base URL of a load balancer; some clouds report a hostname (EKS), others an IP address (GKE, AKS), and the local cluster in Docker the port
 * too: the first is the service's own.
 */
export function externalUrl(ingress: Ingress[] | undefined): string | undefined {
  const at = ingress?.[0];
  const host = at?.hostname ?? (at?.ip?.includes(":") ? `[${at.ip}]` : at?.ip);
  const port = at?.ports?.[0]?.port ?? 80;
  return host && `http://${host}${port === 80 ? "" : `:${port}`}`;
}

/**
 * Options of a Service that is no load balancer any more: it is made anew. Ranges that it had would stay in the dry run of a preview,
 * which refuses them there, and the provider sends no empty list (docs/facts.md 10.7).
 */
export const madeAnew: pulumi.CustomResourceOptions = {
  replaceOnChanges: ["spec.type"],
  deleteBeforeReplace: true,
};
