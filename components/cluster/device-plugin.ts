import { DaemonSet } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { Problem } from "../problem";
import { refuse } from "../refuse";
import { gpuTolerations, type Taint } from "./cluster";

/** Label that nodes with a GPU carry where the plugin runs; clouds do not set it everywhere, so pools declare it. */
export const gpuNodeLabel = { "nvidia.com/gpu.present": "true" } as const;

/** Label of nodes whose GPUs are shared; its value is the name of one of {@link NvidiaDevicePluginArgs.sharing}. */
export const sharingLabel = "nvidia.com/device-plugin.config";

/** Arguments for {@link NvidiaDevicePlugin}. */
export interface NvidiaDevicePluginArgs {
  /** Ways to share GPUs, by the value of the node label `nvidia.com/device-plugin.config`. @default {} */
  sharing?: Record<string, DeviceSharing>;
  /** Labels of the nodes it runs on, any one of the maps. @default those with the label `nvidia.com/gpu.present=true` */
  nodes?: Record<string, string>[];
  /** Whether the devices of a fast network are given out by another plugin. @default false */
  leavesNetwork?: boolean;
  /** RuntimeClass of its pods, on nodes whose usual runtime gives no container a GPU. @default the nodes' own */
  runtimeClass?: string;
  /** Taints of GPU nodes besides `nvidia.com/gpu` of any value, such as that of spot nodes. @default [] */
  taints?: Taint[];
}

/** How a node offers its GPUs to several pods. */
export type DeviceSharing =
  /** Each GPU is offered `clients` times, 2 or more; no memory isolation. */
  | { kind: "time-slicing"; clients: number }
  /** Slices that the node was cut into beforehand, all of one size, are each offered as one GPU. */
  | { kind: "mig" };

/**
 * NVIDIA's device plugin, which offers GPUs to pods as `nvidia.com/gpu`: one DaemonSet for nodes whose GPUs belong to
 * one pod each, and one for each way of sharing. For nodes that have a driver and no plugin of their own.
 */
export class NvidiaDevicePlugin extends pulumi.ComponentResource {
  constructor(name: string, args: NvidiaDevicePluginArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:NvidiaDevicePlugin", name, {}, opts);
    const { sharing = {} } = args;
    refuse(this, name, Object.entries(sharing).flatMap(sharingProblems));

    const child = { parent: this };
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: { name: plugin, namespace }, automountServiceAccountToken: false },
      child,
    );
    for (const [label, how] of [["", undefined] as const, ...Object.entries(sharing)]) {
      const suffix = how ? `-${label}` : "";
      const object = `${plugin}${suffix}`;
      const config =
        how?.kind === "time-slicing"
          ? new ConfigMap(
              `${name}${suffix}-config`,
              {
                // The plugin reads its file once: another content has another name, which brings new pods.
                metadata: { name: `${object}-${how.clients}`, namespace },
                data: { "config.yaml": sharedConfig(how.clients) },
              },
              child,
            )
          : undefined;
      const labels = { "app.kubernetes.io/name": object };
      const nodes = how
        ? { key: sharingLabel, operator: "In", values: [label] }
        : { key: sharingLabel, operator: "DoesNotExist" };
      const spec = podSpec(account.metadata.name, args, nodes, how, config?.metadata.name);
      new DaemonSet(
        `${name}${suffix}`,
        {
          metadata: { name: object, namespace, labels },
          spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
        },
        child,
      );
    }
    this.registerOutputs({});
  }
}

/** Version of the plugin (docs/facts.md 5.1). */
const image = "nvcr.io/nvidia/k8s-device-plugin:v0.20.0";
const plugin = "nvidia-device-plugin";
/** The plugin mounts folders of the node, which namespaces with a Pod Security level forbid. */
const namespace = "kube-system";
const socketFolder = "/var/lib/kubelet/device-plugins";

function sharingProblems([label, how]: [string, DeviceSharing]): Problem[] {
  if (how.kind === "mig" || (Number.isInteger(how.clients) && how.clients >= 2)) return [];
  return [
    {
      path: ["sharing", label, "clients"],
      problem: "not a number of pods that can share a GPU",
      found: `${how.clients}`,
      allowed: "a whole number from 2 up",
      fix: "choose one, or leave this way of sharing out",
    },
  ];
}

function sharedConfig(clients: number): string {
  return stringify({
    version: "v1",
    flags: { migStrategy: "none" },
    sharing: {
      timeSlicing: {
        // A pod that asks for two slices would get two of the same GPU, not twice the share.
        failRequestsGreaterThanOne: true,
        resources: [{ name: "nvidia.com/gpu", replicas: clients }],
      },
    },
  });
}

function podSpec(
  serviceAccountName: pulumi.Input<string>,
  { nodes, taints, leavesNetwork, runtimeClass }: NvidiaDevicePluginArgs,
  shared: types.input.core.v1.NodeSelectorRequirement,
  how: DeviceSharing | undefined,
  config: pulumi.Input<string> | undefined,
): types.input.core.v1.PodSpec {
  const mig = how?.kind === "mig";
  const volume = "kubelet-device-plugins";
  return {
    serviceAccountName,
    automountServiceAccountToken: false,
    priorityClassName: "system-node-critical",
    ...(runtimeClass !== undefined && { runtimeClassName: runtimeClass }),
    nodeSelector: nodes ? undefined : gpuNodeLabel,
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: (nodes ?? [{}]).map((all) => ({
            matchExpressions: [
              ...Object.entries(all).map(([key, value]) => ({
                ...{ key, operator: "In", values: [value] },
              })),
              shared,
            ],
          })),
        },
      },
    },
    tolerations: gpuTolerations(taints),
    containers: [
      {
        name: plugin,
        image,
        env: [
          { name: "MIG_STRATEGY", value: mig ? "single" : "none" },
          { name: "NVIDIA_VISIBLE_DEVICES", value: "all" },
          { name: "NVIDIA_DRIVER_CAPABILITIES", value: "compute,utility" },
          ...(mig ? [{ name: "NVIDIA_MIG_MONITOR_DEVICES", value: "all" }] : []),
          // Some versions give every container with a GPU all devices below /dev/infiniband (NVIDIA/k8s-device-plugin issue 1692).
          ...(leavesNetwork ? [{ name: "MOFED_ENABLED", value: "false" }] : []),
          ...(config ? [{ name: "CONFIG_FILE", value: "/config/config.yaml" }] : []),
        ],
        resources: { requests: { cpu: "10m", memory: "64Mi" } },
        securityContext: mig
          ? // As in NVIDIA's chart: watching slices takes this capability.
            { capabilities: { add: ["SYS_ADMIN"] } }
          : { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        volumeMounts: [
          { name: volume, mountPath: socketFolder },
          ...(config ? [{ name: "config", mountPath: "/config", readOnly: true }] : []),
        ],
      },
    ],
    volumes: [
      { name: volume, hostPath: { path: socketFolder, type: "Directory" } },
      ...(config ? [{ name: "config", configMap: { name: config } }] : []),
    ],
  };
}
