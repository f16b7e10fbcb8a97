import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { containerVariables, secretVariables } from "./environment-variables";
import { hashedSecret } from "./hashed-secret";
import { probes } from "./probes";
import type { Program } from "./program";
import { containerSecurityContext, runsAs, type PodSecurity } from "./security";

/** A sidecar container: it runs from before the start of the main container until after its end. */
export interface Sidecar extends Program {
  /** CPU it is promised, as a Kubernetes quantity; it may use more where there is more. @default "50m" */
  cpu?: pulumi.Input<string>;
  /** Memory it is promised and limited to, as a Kubernetes quantity. @default "64Mi" promised, no limit */
  memory?: pulumi.Input<string>;
  /** Port it listens on; no other container of the pod has it. @default none */
  port?: number;
  /** User and group that it runs as, other than root. @default the image's */
  user?: number;
  /** Path on its port that answers 200 when it works; what comes after it waits for that. @default what comes after it waits for its start */
  health?: string;
}

/** What a sidecar is promised that does not say it itself, as Kubernetes quantities. */
export const sidecarRequests = { cpu: "50m", memory: "64Mi" } as const;

/** Seconds a sidecar with a health path may take until it answers. */
const longestStart = 300;

/** What the sidecar containers of a pod are made from. */
export interface SidecarContainersArgs {
  /** Entry that the pods belong to. */
  entry: string;
  /** Namespace of the pods. */
  namespace: pulumi.Input<string>;
  /** Pod Security Standard of the pods. */
  podSecurity: PodSecurity;
  /** The sidecars by name, in the order in which they start. */
  sidecars: Readonly<Record<string, Sidecar>>;
  /** What the main container mounts, and with it each of them. */
  volumeMounts: core.v1.VolumeMount[];
}

/** Makes the sidecar containers that an entry names, with the Secrets they refer to. */
export function sidecarContainers(
  { entry, namespace, podSecurity, sidecars, volumeMounts }: SidecarContainersArgs,
  child: pulumi.CustomResourceOptions,
): core.v1.Container[] {
  return Object.entries(sidecars).map(([name, sidecar]) => ({
    ...sidecarContainer({ entry, namespace, name, sidecar }, child),
    volumeMounts,
    securityContext: { ...containerSecurityContext(podSecurity), ...runsAs(sidecar.user) },
  }));
}

/** What any sidecar container is made from, one of ours included. */
export interface SidecarContainerArgs {
  /** Entry that its pods belong to. */
  entry: string;
  /** Namespace of the pods. */
  namespace: pulumi.Input<string>;
  /** Name of the container. */
  name: string;
  /** What runs in it. */
  sidecar: Sidecar;
  /** Variables besides those that it says. @default [] */
  variables?: core.v1.EnvVar[];
}

/** Makes a sidecar container, as far as all of them are alike, with the Secret it refers to. */
export function sidecarContainer(
  { entry, namespace, name, sidecar, variables = [] }: SidecarContainerArgs,
  child: pulumi.CustomResourceOptions,
): core.v1.Container {
  const { image, command, args, env = {}, memory, port, health } = sidecar;
  const values = secretVariables(env);
  const secret =
    Object.keys(values).length > 0
      ? // Entries have no dot in their names: that of another one never gives the same.
        hashedSecret({ entry, role: `sidecar.${name}`, namespace, values }, child)
      : undefined;
  return {
    name,
    image,
    imagePullPolicy: "IfNotPresent",
    // What makes it a sidecar: it starts before the containers, stops after them, and keeps no Job from ending.
    restartPolicy: "Always",
    command,
    args,
    env: [...containerVariables(env, secret), ...variables],
    resources: {
      requests: {
        cpu: sidecar.cpu ?? sidecarRequests.cpu,
        memory: memory ?? sidecarRequests.memory,
      },
      ...(memory !== undefined && { limits: { memory } }),
    },
    ...(port !== undefined && { ports: [{ containerPort: port }] }),
    ...(port !== undefined &&
      health !== undefined &&
      probes({ port, health, startup: longestStart })),
  };
}
