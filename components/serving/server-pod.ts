import type { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import type { PlacedPool } from "../cluster/cluster";
import type { Environment } from "../workload/environment-variables";
import { containerVariables } from "../workload/environment-variables";
import { objectLabels } from "../workload/labels";
import type { PodSecrets } from "../workload/pod-secrets";
import { scheduling } from "../workload/scheduling";
import type { PodSecurity } from "../workload/security";
import { containerSecurityContext, podSecurityContext } from "../workload/security";
import { probes } from "./probes";
import type { Times } from "./rollout";

/** Arguments for {@link serverPod}. */
export interface ServerPodArgs {
  /** Name of the service. */
  name: string;
  /** Name of the container. */
  container: string;
  image: pulumi.Input<string>;
  port: number;
  command?: pulumi.Input<string>[];
  args?: pulumi.Input<string>[];
  env: Environment;
  cpu?: pulumi.Input<string>;
  memory?: pulumi.Input<string>;
  gpus: number;
  health?: string;
  podSecurity: PodSecurity;
  pool?: PlacedPool;
  times: Times;
  account: ServiceAccount;
  /** Secrets that the pod refers to. */
  secrets: PodSecrets;
}

/** The pod that each replica of a model server is. */
export function serverPod(args: ServerPodArgs): core.v1.PodTemplateSpec {
  const { name, port, times, podSecurity } = args;
  return {
    metadata: { labels: objectLabels(name) },
    spec: {
      serviceAccountName: args.account.metadata.name,
      automountServiceAccountToken: false,
      // A Service named vllm would set VLLM_PORT, which the engine reads as its own.
      enableServiceLinks: false,
      imagePullSecrets: args.secrets.pull.map((secret) => ({ name: secret.metadata.name })),
      securityContext: podSecurityContext(podSecurity),
      terminationGracePeriodSeconds: times.terminationGrace,
      ...scheduling(name, args.pool),
      containers: [
        {
          name: args.container,
          image: args.image,
          imagePullPolicy: "IfNotPresent",
          command: args.command,
          args: args.args,
          env: containerVariables(args.env, args.secrets.variables),
          ports: [{ containerPort: port }],
          resources: resources(args),
          securityContext: containerSecurityContext(podSecurity),
          lifecycle: { preStop: { sleep: { seconds: times.preStop } } },
          ...probes({ port, health: args.health, startup: times.startup }),
        },
      ],
    },
  };
}

/** Memory is promised in full, so that a replica is never killed for its neighbour's use; CPU may be borrowed. */
function resources({
  cpu = "500m",
  memory,
  gpus,
}: Pick<ServerPodArgs, "cpu" | "memory" | "gpus">): core.v1.ResourceRequirements {
  return {
    requests: { cpu, memory: memory ?? "1Gi" },
    limits: {
      ...(memory !== undefined && { memory }),
      ...(gpus > 0 && { "nvidia.com/gpu": String(gpus) }),
    },
  };
}
