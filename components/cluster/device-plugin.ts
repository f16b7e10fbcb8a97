import { DaemonSet } from "@pulumi/kubernetes/apps/v1";
import { ConfigMap, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { Taint } from "./cluster";

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
  /** Taints of GPU nodes besides `nvidia.com/gpu` of any value, such as that of spot nodes. @default [] */
  taints?: Taint[];
}

/** Each GPU is offered `clients` times, 2 or more; no memory isolation. */
type TimeSlicing = { kind: "time-slicing"; clients: number };

/** How a node offers its GPUs to several pods. */
export type DeviceSharing =
  | TimeSlicing
  /** Slices that the node was cut into beforehand, all of one size, are each offered as one GPU. */
  | { kind: "mig" };

/**
 * NVIDIA's device plugin, which offers GPUs to pods as `nvidia.com/gpu`: one DaemonSet for nodes whose GPUs belong to
 * one pod each, and one for each way of sharing. For nodes that have a driver and no plugin of their own.
 */
export class NvidiaDevicePlugin extends pulumi.ComponentResource {
  constructor(name: string, args: NvidiaDevicePluginArgs, opts: pulumi.ComponentResourceOptions) {
    super("gpu-serving:index:NvidiaDevicePlugin", name, {}, opts);
    const { sharing = {}, taints = [], nodes: labels, leavesNetwork = false } = args;
    const faults = Object.entries(sharing).flatMap(([label, how]) => sharingFaults(label, how));
    if (faults.length > 0) {
      throw new pulumi.ResourceError(`${name}: ${faults.join("\n")}`, this, true);
    }

    const child = { parent: this };
    const account = new ServiceAccount(
      `${name}-account`,
      { metadata: { name: plugin, namespace }, automountServiceAccountToken: false },
      child,
    );
    daemonSet(name, plugin, { key: sharingLabel, operator: "DoesNotExist" });
    for (const [label, how] of Object.entries(sharing)) {
      daemonSet(
        `${name}-${label}`,
        `${plugin}-${label}`,
        { key: sharingLabel, operator: "In", values: [label] },
        how,
      );
    }
    this.registerOutputs({});

    function daemonSet(
      resource: string,
      object: string,
      nodes: types.input.core.v1.NodeSelectorRequirement,
      how?: DeviceSharing,
    ): void {
      const config = how?.kind === "time-slicing" ? configMap(resource, object, how) : undefined;
      new DaemonSet(
        resource,
        {
          metadata: { name: object, namespace, labels: { [appLabel]: object } },
          spec: {
            selector: { matchLabels: { [appLabel]: object } },
            template: {
              metadata: { labels: { [appLabel]: object } },
              spec: podSpec(
                account.metadata.name,
                { labels, shared: nodes, leavesNetwork },
                taints,
                how,
                config?.metadata.name,
              ),
            },
          },
        },
        child,
      );
    }

    function configMap(resource: string, object: string, { clients }: TimeSlicing): ConfigMap {
      // The plugin reads its file once: another content has another name, which brings new pods.
      const metadata = { name: `${object}-${clients}`, namespace };
      const data = { "config.yaml": sharedConfig(clients) };
      return new ConfigMap(`${resource}-config`, { metadata, data }, child);
    }
  }
}

/** Version of the plugin (docs/facts.md 5.1). */
const image = "nvcr.io/nvidia/k8s-device-plugin:v0.20.0";
const plugin = "nvidia-device-plugin";
/** The plugin mounts folders of the node, which namespaces with a Pod Security level forbid. */
const namespace = "kube-system";
const appLabel = "app.kubernetes.io/name";
const socketFolder = "/var/lib/kubelet/device-plugins";

function sharingFaults(label: string, how: DeviceSharing): string[] {
  if (how.kind === "mig" || (Number.isInteger(how.clients) && how.clients >= 2)) return [];
  return [`sharing.${label}.clients must be a whole number from 2 up, got ${how.clients}`];
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
  nodes: {
    labels?: Record<string, string>[];
    shared: types.input.core.v1.NodeSelectorRequirement;
    leavesNetwork: boolean;
  },
  taints: Taint[],
  how: DeviceSharing | undefined,
  config: pulumi.Input<string> | undefined,
): types.input.core.v1.PodSpec {
  const mig = how?.kind === "mig";
  const volume = "kubelet-device-plugins";
  return {
    serviceAccountName,
    automountServiceAccountToken: false,
    priorityClassName: "system-node-critical",
    nodeSelector: nodes.labels ? undefined : gpuNodeLabel,
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: (nodes.labels ?? [{}]).map((all) => ({
            matchExpressions: [
              ...Object.entries(all).map(([key, value]) => ({
                ...{ key, operator: "In", values: [value] },
              })),
              nodes.shared,
            ],
          })),
        },
      },
    },
    tolerations: [
      { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
      ...taints.map(({ key, value, effect }) =>
        value ? { key, operator: "Equal", value, effect } : { key, operator: "Exists", effect },
      ),
    ],
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
          ...(nodes.leavesNetwork ? [{ name: "MOFED_ENABLED", value: "false" }] : []),
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
