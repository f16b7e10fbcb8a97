import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import type { networking } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { objectLabels, selectorLabels } from "./labels";
import { dns, namespaceNameLabel } from "./namespace-network";

/** What is at the other end of a connection. */
export interface Peer {
  /** Name of a workload of ours. @default all pods of the namespace */
  name?: string;
  /** Its namespace. */
  namespace: pulumi.Input<string>;
}

/** Whom the pods of a workload talk to inside and outside the cluster. */
export interface Network {
  /** Workloads that may connect to it. @default all of its namespace */
  callers?: Peer[];
  /** Workloads or whole namespaces besides its own that it connects to. @default [] */
  calls?: Peer[];
  /**
   * Ranges outside the cluster that it connects to, besides its own namespace and `calls`. @default wherever its namespace
   * lets it
   */
  egress?: string[];
  /** Whether it reads or writes a bucket, whose driver may run in its pods. @default false */
  bucket?: boolean;
}

/** Where a workload takes connections. */
export interface Door {
  /** Its port. @default all ports */
  port?: number;
  /** Whether whoever reaches the port may connect, as behind a load balancer; else those that {@link Network} names. */
  open: boolean;
}

/** Makes the policy of what a workload's pods accept and where they connect to. */
export function networkOf(
  name: string,
  namespace: pulumi.Input<string>,
  door: Door,
  network: Network,
  child: pulumi.CustomResourceOptions,
): NetworkPolicy {
  return new NetworkPolicy(
    `${name}-network`,
    {
      metadata: { name, namespace, labels: objectLabels(name) },
      spec: {
        podSelector: { matchLabels: selectorLabels(name) },
        policyTypes: ["Ingress", ...(network.egress ? ["Egress"] : [])],
        ingress: accepted(door, network),
        ...(network.egress && { egress: connections(network, network.egress) }),
      },
    },
    child,
  );
}

function accepted(
  { port, open }: Door,
  { callers }: Network,
): networking.v1.NetworkPolicyIngressRule[] {
  const ports = port === undefined ? undefined : [{ protocol: "TCP", port }];
  // Load balancers hide the client's address from the pods: ranges are enforced there, not here.
  if (open) return [{ ports }];
  const from = callers?.map(podsOf) ?? [{ podSelector: {} }];
  // To Kubernetes an empty list means everybody.
  return from.length > 0 ? [{ ports, from }] : [];
}

function connections(
  { calls = [], bucket = false }: Network,
  egress: string[],
): networking.v1.NetworkPolicyEgressRule[] {
  const outside = egress.map((cidr) => ({ ipBlock: { cidr } }));
  return [
    { to: [{ podSelector: {} }, ...calls.map(podsOf), ...outside] },
    // A namespace that somebody else made may have no policy that lets DNS through.
    dns,
    ...(bucket ? storage : []),
  ];
}

/** The cloud's storage, whose addresses change, and its metadata server, which hands out the pod's identity. */
const storage: networking.v1.NetworkPolicyEgressRule[] = [
  { ports: [{ protocol: "TCP", port: 443 }] },
  { to: [{ ipBlock: { cidr: "169.254.0.0/16" } }] },
];

function podsOf({ name, namespace }: Peer): networking.v1.NetworkPolicyPeer {
  return {
    namespaceSelector: { matchLabels: { [namespaceNameLabel]: namespace } },
    ...(name !== undefined && { podSelector: { matchLabels: selectorLabels(name) } }),
  };
}
