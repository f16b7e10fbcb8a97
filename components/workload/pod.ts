import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import type { PlacedPool } from "../cluster/cluster";
import { containerVariables } from "./environment-variables";
import { objectLabels } from "./labels";
import { podSecrets } from "./pod-secrets";
import { podVolumes } from "./pod-volumes";
import { containerSecurityContext, podSecurityContext } from "./security";
import { besideEachOther, ownership, volumeMounts } from "./volumes";
import type { WorkloadArgs } from "./workload";

/** What a pod has besides what every workload has. */
export interface PodExtras {
  /** Pool the pod runs on; undefined: any node without GPUs. */
  pool?: PlacedPool;
  /** More of the pod's spec: when it restarts, how long it may take to stop, where it goes. */
  spec: Partial<core.v1.PodSpec>;
  /** More of the main container: ports, probes, hooks. @default {} */
  main?: Partial<core.v1.Container>;
  /** Annotations of the pod. @default {} */
  annotations?: Record<string, string>;
}

/** Makes the pod of a workload with its service account and the Secrets it refers to. */
export function pod(
  name: string,
  args: WorkloadArgs,
  { pool, spec, main = {}, annotations }: PodExtras,
  child: pulumi.CustomResourceOptions,
): core.v1.PodTemplateSpec {
  const { namespace, env = {}, pullSecrets = [], podSecurity = "restricted", mounts = {} } = args;
  const containers = [mounts];
  const volumes = podVolumes({ entry: name, cluster: args.cluster, namespace, containers }, child);
  const beside = besideEachOther(volumes.mounted);
  const account = new ServiceAccount(
    `${name}-account`,
    {
      metadata: {
        ...{ name, namespace, labels: objectLabels(name) },
        ...volumes.accountMetadata,
      },
      automountServiceAccountToken: false,
    },
    // The pods wait for their account, and so for all that it may do.
    { ...child, dependsOn: volumes.dependsOn },
  );
  const secrets = podSecrets({ entry: name, namespace, env, pullSecrets }, child);
  return {
    metadata: {
      labels: { ...objectLabels(name), ...volumes.podLabels, ...beside.labels },
      annotations: { ...annotations, ...volumes.podAnnotations },
    },
    spec: {
      serviceAccountName: account.metadata.name,
      automountServiceAccountToken: false,
      // A Service named vllm would set VLLM_PORT, which the engine reads as its own.
      enableServiceLinks: false,
      imagePullSecrets: secrets.pull.map((secret) => ({ name: secret.metadata.name })),
      securityContext: { ...podSecurityContext(podSecurity), ...ownership(volumes.mounted) },
      nodeSelector: pool?.nodeSelector,
      tolerations: pool?.tolerations,
      ...beside.spec,
      ...spec,
      volumes: volumes.volumes,
      containers: [
        {
          name: args.container ?? name,
          image: args.image,
          imagePullPolicy: "IfNotPresent",
          command: args.command,
          args: args.args,
          env: containerVariables(env, secrets.variables),
          resources: resources(args),
          securityContext: containerSecurityContext(podSecurity),
          volumeMounts: volumeMounts(mounts, containers),
          ...main,
        },
      ],
    },
  };
}

/** Memory is promised in full, so that a pod is never killed for its neighbour's use; CPU may be borrowed. */
function resources({
  cpu = "500m",
  memory,
  gpus = 0,
}: Pick<WorkloadArgs, "cpu" | "memory" | "gpus">): core.v1.ResourceRequirements {
  return {
    requests: { cpu, memory: memory ?? "1Gi" },
    limits: {
      ...(memory !== undefined && { memory }),
      ...(gpus > 0 && { "nvidia.com/gpu": String(gpus) }),
    },
  };
}
