import { Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { ClusterRole, ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type { core, networking, rbac } from "@pulumi/kubernetes/types/input";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../cluster/cluster";
import { untilRolledOut } from "../cluster/wait-for";
import { labelsOf, metadataOf, objectLabels, selectorLabels, type Owner } from "../workload/labels";
import { awayFromOthers } from "../workload/scheduling";

/** Where a program of this folder runs. */
export interface Place {
  /** Cluster that it watches. */
  cluster: Cluster;
  /** Namespace of its own objects, known once it is ready for pods. */
  namespace: pulumi.Input<string>;
}

/** The owner of a program's objects, which are children of a component and in a namespace of the stack's. */
export function ownerOf(
  entry: string,
  { namespace }: Place,
  parent: pulumi.ComponentResource,
): Owner {
  return { entry, namespace, child: { parent } };
}

/** The cluster as seen from the namespaces that the stack makes. */
export function seenFromInside({ cluster }: Pick<Place, "cluster">): Cluster {
  return cluster.inOwnNamespaces?.() ?? cluster;
}

/** Name of Prometheus' pods, its Service and its other objects. */
export const prometheusName = "prometheus";

/** Pods of the Prometheus in a program's own namespace. */
export const prometheusPods = { podSelector: { matchLabels: selectorLabels(prometheusName) } };

/** A service account, and what it may read in the whole cluster. */
export function reader(
  owner: Owner,
  { cluster }: Place,
  rules: rbac.v1.PolicyRule[],
): { account: pulumi.Output<string>; rights: pulumi.Resource[] } {
  const { entry, namespace, child } = owner;
  const account = new ServiceAccount(
    `${entry}-account`,
    { metadata: metadataOf(owner), automountServiceAccountToken: false },
    child,
  );
  if (rules.length === 0) return { account: account.metadata.name, rights: [] };
  // Roles of the cluster are nobody's namespace: what somebody else has made there is not taken over.
  const global = { ...child, provider: cluster.provider };
  const metadata = {
    name: pulumi.interpolate`${pulumi.getProject()}-${pulumi.getStack()}-${entry}`,
    labels: objectLabels(entry),
  };
  const role = new ClusterRole(`${entry}-role`, { metadata, rules }, global);
  const binding = new ClusterRoleBinding(
    `${entry}-role`,
    {
      metadata,
      subjects: [{ kind: "ServiceAccount", name: account.metadata.name, namespace }],
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: role.metadata.name,
      },
    },
    global,
  );
  return { account: account.metadata.name, rights: [binding] };
}

/** Who may connect to a program, at its port, and where it connects: everywhere, or to a few pods. */
export function policy(
  owner: Owner,
  port: number,
  from: networking.v1.NetworkPolicyPeer[],
  egress: networking.v1.NetworkPolicyEgressRule[],
): NetworkPolicy {
  const { entry, child } = owner;
  const spec: networking.v1.NetworkPolicySpec = {
    podSelector: { matchLabels: selectorLabels(entry) },
    policyTypes: ["Ingress", "Egress"],
    // To Kubernetes an empty list means everybody.
    ingress: from.length > 0 ? [{ ports: [{ protocol: "TCP", port }], from }] : [],
    egress,
  };
  return new NetworkPolicy(`${entry}-network`, { metadata: metadataOf(owner), spec }, child);
}

/** The Service of a program, in the cluster alone. */
export function clusterService(
  owner: Owner,
  port: { offered: number; targetPort: number },
  dependsOn: pulumi.Resource,
): Service {
  const { entry, child } = owner;
  return new Service(
    `${entry}-service`,
    {
      metadata: metadataOf(owner),
      spec: {
        type: "ClusterIP",
        selector: selectorLabels(entry),
        ports: [{ name: "http", protocol: "TCP", port: port.offered, targetPort: port.targetPort }],
      },
    },
    { ...child, dependsOn },
  );
}

/** A Deployment of one replica, of which `up` waits until it is rolled out. */
export function oneReplica(owner: Owner, spec: core.v1.PodSpec) {
  return {
    metadata: { ...metadataOf(owner), annotations: untilRolledOut(1) },
    spec: {
      replicas: 1,
      selector: { matchLabels: selectorLabels(owner.entry) },
      template: { metadata: { labels: labelsOf(owner) }, spec },
    },
  };
}

/** A pod of one container that passes the Pod Security Standard `restricted`, on nodes without GPUs. */
export function quietPod(
  { entry }: Owner,
  { cluster }: Place,
  user: number,
  spec: Omit<core.v1.PodSpec, "containers">,
  container: Omit<core.v1.Container, "name">,
): core.v1.PodSpec {
  const nodeAffinity = awayFromOthers(cluster.pools);
  return {
    enableServiceLinks: false,
    securityContext: {
      ...{ runAsNonRoot: true, runAsUser: user, runAsGroup: user, fsGroup: user },
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...(nodeAffinity && { affinity: { nodeAffinity } }),
    ...spec,
    containers: [
      {
        name: entry,
        imagePullPolicy: "IfNotPresent",
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        ...container,
      },
    ],
  };
}
