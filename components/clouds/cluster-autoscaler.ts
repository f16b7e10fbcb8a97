import { ConfigMap } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { controller, controllerNamespace as namespace } from "./controller";

const app = "cluster-autoscaler";

/** Name of the autoscaler's service account, whose pods must be allowed to size groups. */
export const autoscalerAccount = { namespace, serviceAccount: app };

/** Tags by which the autoscaler finds its Auto Scaling groups; EKS puts them on those of managed node groups. */
export function autoscalerTags(clusterName: string): string[] {
  return ["k8s.io/cluster-autoscaler/enabled", `k8s.io/cluster-autoscaler/${clusterName}`];
}

/** Arguments for {@link ClusterAutoscaler}. */
export interface ClusterAutoscalerArgs {
  /** Name of the EKS cluster. */
  clusterName: string;
  /** Region of its groups. */
  region: string;
  /** Kubernetes version of the control plane, such as `1.35`; the autoscaler is released with it. */
  version: string;
  /** Regular expressions of group names, those tried first first; groups in one entry are equal. */
  order: string[][];
  /** Labels of the nodes it runs on itself; those of a group that it never takes the last node of. */
  nodeSelector: Record<string, string>;
  /** Nodes of all groups together that it never exceeds. */
  maxNodes: number;
  /** Seconds a node may take before its group is given up and the next in order is tried. */
  provisionTime: number;
}

/** The Kubernetes cluster autoscaler on AWS: grows the first group in order that can have nodes, and takes idle nodes away. */
export class ClusterAutoscaler extends pulumi.ComponentResource {
  constructor(name: string, args: ClusterAutoscalerArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:ClusterAutoscaler", name, {}, opts);
    const { region, version, order, nodeSelector } = args;
    const child = { parent: this };
    const priorities = new ConfigMap(
      `${name}-order`,
      {
        metadata: {
          namespace,
          labels: { "app.kubernetes.io/name": app },
          // The autoscaler looks for this name and follows every change of it.
          name: "cluster-autoscaler-priority-expander",
        },
        data: { priorities: priorityList(order) },
      },
      child,
    );
    controller(
      name,
      {
        ...{ app, rules, nodeSelector, own: { role: "own", rules: ownRules } },
        container: {
          image: `registry.k8s.io/autoscaling/cluster-autoscaler:${release(version)}`,
          command: ["./cluster-autoscaler", ...flags(args)],
          env: [{ name: "AWS_REGION", value: region }],
          resources: { requests: { cpu: "100m", memory: "600Mi" }, limits: { memory: "1Gi" } },
          livenessProbe: { httpGet: { path: "/health-check", port: 8085 } },
        },
        after: [priorities],
      },
      child,
    );
    this.registerOutputs({});
  }
}

/** Patch releases later than the first of a minor version (docs/facts.md 8.6). */
const laterReleases: Readonly<Record<string, string>> = { "1.36": "v1.36.1" };

function release(version: string): string {
  return laterReleases[version] ?? `v${version}.0`;
}

/** Groups by number, the highest of which is tried first. */
function priorityList(order: string[][]): string {
  // A Map: as keys of an object the numbers would be text, which the autoscaler does not read.
  return stringify(
    new Map(order.map((groups, at) => [(order.length - at) * 10, [...groups].sort()])),
  );
}

function flags({ clusterName, maxNodes, provisionTime }: ClusterAutoscalerArgs): string[] {
  return [
    "--cloud-provider=aws",
    `--node-group-auto-discovery=asg:tag=${autoscalerTags(clusterName).join(",")}`,
    "--expander=priority",
    `--max-nodes-total=${maxNodes}`,
    `--max-node-provision-time=${provisionTime}s`,
    // Model servers have emptyDir volumes, and the add-ons of EKS run in kube-system: both would keep nodes for ever.
    "--skip-nodes-with-local-storage=false",
    "--skip-nodes-with-system-pods=false",
    "--balance-similar-node-groups=false",
    "--scale-down-unneeded-time=10m",
  ];
}

const read = ["get", "list", "watch"];

/** What the autoscaler's own chart allows it (kubernetes/autoscaler, charts/cluster-autoscaler). */
const rules = [
  { apiGroups: [""], resources: ["events", "endpoints"], verbs: ["create", "patch"] },
  { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
  { apiGroups: [""], resources: ["pods/status"], verbs: ["update"] },
  { apiGroups: [""], resources: ["nodes"], verbs: [...read, "update"] },
  {
    apiGroups: [""],
    resources: [
      "namespaces",
      "pods",
      "services",
      "replicationcontrollers",
      "persistentvolumeclaims",
      "persistentvolumes",
    ],
    verbs: read,
  },
  { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: read },
  { apiGroups: ["apps"], resources: ["daemonsets", "replicasets", "statefulsets"], verbs: read },
  { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: read },
  {
    apiGroups: ["storage.k8s.io"],
    resources: [
      "storageclasses",
      "csinodes",
      "csidrivers",
      "csistoragecapacities",
      "volumeattachments",
    ],
    verbs: read,
  },
  {
    apiGroups: ["resource.k8s.io"],
    resources: ["deviceclasses", "resourceclaims", "resourceslices"],
    verbs: read,
  },
];

const ownRules = [
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    resourceNames: [app],
    verbs: ["get", "update"],
  },
  { apiGroups: [""], resources: ["configmaps"], verbs: ["create", "list", "watch"] },
  {
    apiGroups: [""],
    resources: ["configmaps"],
    resourceNames: ["cluster-autoscaler-status", "cluster-autoscaler-priority-expander"],
    verbs: ["delete", "get", "update", "watch"],
  },
];
