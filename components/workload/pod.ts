import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { sharedMemory } from "../../catalog/mount-path";
import type { PlacedPool } from "../cluster/cluster";
import { containerVariables, resources, securityContext, variableSources } from "./container";
import { hashedSecret } from "./hashed-objects";
import { initContainers } from "./init-containers";
import { labelsOf, metadataOf, type Owner } from "./labels";
import { patched } from "./pod-patch/merge";
import { podVolumes } from "./pod-volumes";
import { awayFromOthers, gpuDevices } from "./scheduling";
import {
  managedCpuLimit,
  managedSidecars,
  sidecarContainers,
  type ManagedSidecar,
} from "./sidecar-containers";
import {
  onOneNode,
  ownership,
  ownVolume,
  volumeMounts,
  type BucketOfVolume,
  type Mounts,
} from "./volumes";
import type { ExistingAccount, WorkloadArgs } from "./workload";

/** What a pod has besides what every workload has. */
export interface PodExtras {
  /** Pool the pod runs on; undefined: any node without GPUs. */
  pool?: PlacedPool;
  /** More of the pod's spec: when it restarts, how long it may take to stop, where it goes. */
  spec: Partial<core.v1.PodSpec>;
  /** More of the main container: ports, probes, hooks. @default {} */
  main?: Partial<core.v1.Container>;
  /** Pods that it is to be near to. @default none */
  podAffinity?: core.v1.PodAffinity;
  /** Whether it works together with other pods. @default false */
  isOfGroup?: boolean;
  /** Annotations of the pod. @default {} */
  annotations?: Record<string, string>;
  /** Variables of the main container besides those that its entry says. @default [] */
  variables?: core.v1.EnvVar[];
  /** Folders of the main container besides those that its entry mounts. @default [] */
  folders?: { path: string; volume: core.v1.Volume }[];
  /** User that the main container has to run as. @default that of its entry */
  user?: number;
  /** Sidecar containers of ours, which start before those of its entry and stop after them. @default none */
  managed?: readonly ManagedSidecar[];
  /** What the main container mounts besides what its entry says, and shares with managed sidecars. @default {} */
  mounts?: Mounts;
  /** Buckets that its main container reads without a mount. @default [] */
  buckets?: readonly BucketOfVolume[];
}

/** Makes the pod of a workload with its service account and the Secrets it refers to; its patch comes last. */
export function pod(owner: Owner, args: WorkloadArgs, extras: PodExtras): core.v1.PodTemplateSpec {
  const { metadata, spec } = unpatchedPod(owner, args, extras);
  return { metadata, spec: patched<core.v1.PodSpec>(spec, args.podPatch ?? {}) };
}

/** Makes the same for a workload with pods of two kinds: the second has what `other` says in its labels and its main container, in place of what the first has. */
export function podsOfTwoKinds(
  owner: Owner,
  args: WorkloadArgs,
  extras: PodExtras,
  other: { labels: Readonly<Record<string, string>>; main: Partial<core.v1.Container> },
): [first: core.v1.PodTemplateSpec, second: core.v1.PodTemplateSpec] {
  const { metadata, spec } = unpatchedPod(owner, args, extras);
  const containers = spec.containers.map((main) => ({ ...main, ...other.main }));
  const labels = { ...metadata.labels, ...other.labels };
  const patch = args.podPatch ?? {};
  return [
    { metadata, spec: patched<core.v1.PodSpec>(spec, patch) },
    {
      metadata: { ...metadata, labels },
      spec: patched<core.v1.PodSpec>({ ...spec, containers }, patch),
    },
  ];
}

function unpatchedPod(owner: Owner, args: WorkloadArgs, extras: PodExtras) {
  const { entry } = owner;
  const { env = {}, pullSecrets = [], podSecurity = "restricted" } = args;
  const { pool, spec, main = {}, variables = [], managed = [] } = extras;
  const { user = args.user } = extras;
  const mounts = { ...args.mounts, ...extras.mounts };
  const folders = [...(extras.folders ?? []), ...sharedFolder(args, extras.isOfGroup)];
  const allMounts = [mounts, ...managed.map((sidecar) => sidecar.mounts ?? {})];
  const volumes = podVolumes(args.cluster, allMounts, owner, extras.buckets);
  const oneNode = onOneNode(volumes.mounted);
  const nodeAffinity =
    pool || (args.gpus ?? 0) > 0 ? undefined : awayFromOthers(args.cluster.pools);
  // Pods that share a disk share its node, which is nearer than workers ask to be of themselves.
  const podAffinity = oneNode.podAffinity ?? extras.podAffinity;
  const { annotations: said = {} } = args;
  const annotations = { ...said.serviceAccount, ...volumes.accountAnnotations };
  const account = args.serviceAccount ?? ownAccount(owner, annotations, volumes.dependsOn);
  const pull = pullSecrets.map((config, at) => {
    const values = { ".dockerconfigjson": config };
    return hashedSecret(owner, `pull-${at}`, values, "kubernetes.io/dockerconfigjson");
  });
  const mainMounts = volumeMounts(mounts, allMounts);
  const limited = limitedContainers(args, managed);
  const ours = managedSidecars(limited.managed, allMounts, owner);
  const theirs = sidecarContainers(limited.sidecars, podSecurity, mainMounts, owner);
  const first = limited.initContainers;
  const before = [
    ...ours.containers,
    ...initContainers(first, podSecurity, mainMounts, owner),
    ...theirs,
  ];
  return {
    metadata: {
      labels: { ...labelsOf(owner), ...volumes.podLabels, ...oneNode.labels },
      annotations: { ...said.pods, ...extras.annotations, ...volumes.podAnnotations },
    },
    spec: {
      serviceAccountName: account.name,
      automountServiceAccountToken: account.token ?? false,
      ...(args.priorityClass !== undefined && { priorityClassName: args.priorityClass }),
      // A Service named vllm would set VLLM_PORT, which the engine reads as its own.
      enableServiceLinks: false,
      imagePullSecrets: pull.map(({ metadata }) => ({ name: metadata.name })),
      securityContext: {
        seccompProfile: { type: "RuntimeDefault" },
        ...(podSecurity === "restricted" && { runAsNonRoot: true }),
        ...ownership(volumes.mounted),
      },
      ...(pool?.runtimeClass !== undefined && { runtimeClassName: pool.runtimeClass }),
      nodeSelector: pool?.nodeSelector,
      tolerations: pool?.tolerations,
      ...spec,
      ...((nodeAffinity ?? podAffinity) && {
        affinity: { ...(nodeAffinity && { nodeAffinity }), ...(podAffinity && { podAffinity }) },
      }),
      volumes: [...volumes.volumes, ...ours.volumes, ...folders.map(({ volume }) => volume)],
      ...(before.length > 0 && { initContainers: before }),
      containers: [
        {
          name: args.container ?? entry,
          image: args.image,
          imagePullPolicy: "IfNotPresent",
          command: args.command,
          args: args.args,
          env: [...variables, ...containerVariables(env, "env", owner)],
          ...variableSources(args.envFrom),
          resources: resources(args, gpuDevices(args.gpus ?? 0, pool)),
          securityContext: securityContext(podSecurity, { user, group: args.group }),
          volumeMounts: [
            ...mainMounts,
            ...folders.map(({ path, volume }) => ({ name: volume.name, mountPath: path })),
          ],
          ...main,
        },
      ],
    },
  };
}

/** The containers beside the main one of a pod, each with a limit on CPU where the main container has one: a quota asks for that of all containers. */
function limitedContainers(
  { cpuLimit, sidecars = {}, initContainers = [] }: WorkloadArgs,
  managed: readonly ManagedSidecar[],
) {
  if (cpuLimit === undefined) return { sidecars, initContainers, managed };
  return {
    initContainers: initContainers.map((of) => ({ ...of, cpuLimit: of.cpuLimit ?? cpuLimit })),
    sidecars: Object.fromEntries(
      Object.entries(sidecars).map(([name, of]) => [
        name,
        { ...of, cpuLimit: of.cpuLimit ?? cpuLimit },
      ]),
    ),
    managed: managed.map((of) => ({ ...of, cpuLimit: managedCpuLimit })),
  };
}

/** NCCL and data loaders pass data through it; containers get 64 MiB. What is in it counts as the pod's memory. */
function sharedFolder({ gpus = 0, mounts = {} }: WorkloadArgs, isOfGroup = false) {
  if ((gpus <= 1 && !isOfGroup) || sharedMemory in mounts) return [];
  return [
    { path: sharedMemory, volume: { name: ownVolume("shm"), emptyDir: { medium: "Memory" } } },
  ];
}

/** Makes the service account of an entry. */
function ownAccount(
  owner: Owner,
  annotations: Record<string, pulumi.Input<string>>,
  dependsOn: pulumi.Resource[],
): ExistingAccount {
  const account = new ServiceAccount(
    `${owner.entry}-account`,
    {
      metadata: {
        ...metadataOf(owner),
        ...(Object.keys(annotations).length > 0 && { annotations }),
      },
      automountServiceAccountToken: false,
    },
    // The pods wait for their account, and so for all that it may do.
    { ...owner.child, dependsOn },
  );
  return { name: account.metadata.name };
}
