import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import type { networking } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { metadataOf, selectorLabels, type Owner } from "./labels";

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
  /** Who reads its figures, where it tells any. @default those that may connect to it */
  monitors?: Peer[];
}

/** A port of a workload. */
export interface Door {
  /** Its number. @default all ports */
  port?: number;
  /** Whether it is open to whoever reaches it, as behind a load balancer. */
  open: boolean;
  /** Who may connect to it. @default those that may connect to the workload */
  callers?: Peer[];
}

/** Makes the policy of what a workload's pods accept and where they connect to. */
export function networkOf(owner: Owner, doors: readonly Door[], network: Network): NetworkPolicy {
  const { entry, child } = owner;
  return new NetworkPolicy(
    `${entry}-network`,
    {
      metadata: metadataOf(owner),
      spec: {
        podSelector: { matchLabels: selectorLabels(entry) },
        policyTypes: ["Ingress", ...(network.egress ? ["Egress"] : [])],
        ingress: accepted(doors, network),
        ...(network.egress && { egress: connections(network, network.egress) }),
      },
    },
    child,
  );
}

/**
 * Closes a namespace of the owner's name: its pods take no connection and make none but those to the cluster's DNS; what an entry
 * needs besides is in a policy of its own.
 */
export function closeNetwork(owner: Owner): NetworkPolicy[] {
  const policy = (role: string, spec: Omit<networking.v1.NetworkPolicySpec, "podSelector">) =>
    new NetworkPolicy(
      `${owner.entry}-${role}`,
      // Policies of entries are named like those, which have no dot.
      { metadata: metadataOf(owner, `namespace.${role}`), spec: { podSelector: {}, ...spec } },
      owner.child,
    );
  return [
    policy("closed", { policyTypes: ["Ingress", "Egress"] }),
    policy("dns", { policyTypes: ["Egress"], egress: [dns] }),
  ];
}

function accepted(
  doors: readonly Door[],
  { callers }: Network,
): networking.v1.NetworkPolicyIngressRule[] {
  const from = (peers: Peer[] | undefined) => peers?.map(podsOf) ?? [{ podSelector: {} }];
  const closed = doors.filter(({ open }) => !open);
  const groups = [
    // Load balancers hide the client's address from the pods: ranges are enforced there, not here.
    { doors: doors.filter(({ open }) => open) },
    { doors: closed.filter((door) => !door.callers), from: from(callers) },
    ...closed.flatMap((door) =>
      door.callers ? [{ doors: [door], from: from(door.callers) }] : [],
    ),
  ];
  return groups
    .filter((group) => group.doors.length > 0)
    .flatMap((group) => {
      const numbers = group.doors.flatMap(({ port }) => port ?? []);
      const ports =
        numbers.length > 0 ? numbers.map((port) => ({ protocol: "TCP", port })) : undefined;
      if (group.from === undefined) return [{ ports }];
      // To Kubernetes an empty list means everybody.
      return group.from.length > 0 ? [{ ports, from: group.from }] : [];
    });
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

/**
 * Connections to DNS. To any address: it is served by pods (GKE, AKS), by the node itself (EKS Auto Mode, NodeLocal DNSCache) or by the
 * cloud's metadata server (Cloud DNS for GKE), which no selector finds together.
 */
const dns: networking.v1.NetworkPolicyEgressRule = {
  ports: ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 })),
};

/** The cloud's storage, whose addresses change, and its metadata server, which hands out the pod's identity. */
const storage: networking.v1.NetworkPolicyEgressRule[] = [
  { ports: [{ protocol: "TCP", port: 443 }] },
  { to: [{ ipBlock: { cidr: "169.254.0.0/16" } }] },
];

function podsOf({ name, namespace }: Peer): networking.v1.NetworkPolicyPeer {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    ...(name !== undefined && { podSelector: { matchLabels: selectorLabels(name) } }),
  };
}
