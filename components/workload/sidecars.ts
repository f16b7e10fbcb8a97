import type { ConfigMap } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { containerVariables, secretVariables } from "./environment-variables";
import { hashedConfigMap } from "./hashed-config-map";
import { hashedSecret } from "./hashed-secret";
import { probes } from "./probes";
import type { Program } from "./program";
import { containerSecurityContext, type PodSecurity } from "./security";
import { ownVolume, volumeMounts, type Mounts } from "./volumes";

/** A container that runs beside the main one: from before its start until after its end. */
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

/** One of our own containers beside the main one, which needs more than a sidecar of the user's. */
export interface Companion extends Sidecar {
  /** Name of the container, which sidecars of the user's cannot have. */
  name: string;
  /** Whether it runs to its end before anything after it starts, instead of beside it. @default false */
  first?: boolean;
  /** What it mounts. @default {} */
  mounts?: Mounts;
  /** Texts by the names of their files, all in the folder {@link companionFiles}. @default {} */
  files?: Readonly<Record<string, string>>;
  /** Facts of its pod as variables: name to path in the pod, such as `metadata.name`. @default {} */
  facts?: Readonly<Record<string, string>>;
}

/** What a sidecar is promised that does not say it itself, as Kubernetes quantities. */
export const sidecarRequests = { cpu: "50m", memory: "64Mi" } as const;

/** Folder of a companion's files. */
export const companionFiles = "/etc/gpu-serving";

/** User that our containers run as where nothing else is said; no image has files of it. */
const defaultUser = 65532;

/** Seconds a sidecar with a health path may take until it answers. */
const longestStart = 300;

/** What the containers beside the main one are made from. */
export interface BesideArgs {
  /** Entry that the pods belong to. */
  entry: string;
  /** Namespace of the pods. */
  namespace: pulumi.Input<string>;
  /** Pod Security Standard of the pods. */
  podSecurity: PodSecurity;
  /** Ours; they start before those of the user and stop after them. */
  companions: readonly Companion[];
  /** The user's, by name, in the order in which they start. */
  sidecars: Readonly<Record<string, Sidecar>>;
  /** What the main container mounts, and with it each sidecar of the user's. */
  mainMounts: Mounts;
  /** What all containers mount, those included. */
  allMounts: readonly Mounts[];
}

/** Makes the containers beside the main one, with the Secrets and ConfigMaps they refer to. */
export function besideMain(
  args: BesideArgs,
  child: pulumi.CustomResourceOptions,
): { initContainers: core.v1.Container[]; volumes: core.v1.Volume[] } {
  const { entry, namespace, podSecurity, companions, allMounts } = args;
  const volumes: core.v1.Volume[] = [];
  const configMaps = new Map<string, ConfigMap>();
  const ours = companions.map((companion): core.v1.Container => {
    const { name, files = {}, first = false, user = defaultUser } = companion;
    const mounts = volumeMounts(companion.mounts ?? {}, allMounts);
    if (Object.keys(files).length > 0) {
      const volume = ownVolume(`${name}-files`);
      const content = JSON.stringify(files);
      const made =
        configMaps.get(content) ?? hashedConfigMap({ entry, role: name, namespace, files }, child);
      configMaps.set(content, made);
      volumes.push({ name: volume, configMap: { name: made.metadata.name } });
      mounts.push({ name: volume, mountPath: companionFiles, readOnly: true });
    }
    return {
      ...container(entry, name, companion, namespace, child),
      ...(first && { restartPolicy: undefined }),
      // What it said last is then in the pod's status, where `pulumi up` and `kubectl describe` find it.
      terminationMessagePolicy: "FallbackToLogsOnError",
      volumeMounts: mounts,
      securityContext: {
        ...containerSecurityContext("restricted"),
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        ...runsAs(user),
      },
    };
  });
  const theirs = Object.entries(args.sidecars).map(([name, sidecar]): core.v1.Container => ({
    ...container(entry, name, sidecar, namespace, child),
    volumeMounts: volumeMounts(args.mainMounts, allMounts),
    securityContext: { ...containerSecurityContext(podSecurity), ...runsAs(sidecar.user) },
  }));
  return { initContainers: [...ours, ...theirs], volumes };
}

/** Security context of a container that runs as a user, and as the group of the same number. */
export function runsAs(
  user: number | undefined,
): Pick<core.v1.SecurityContext, "runAsUser" | "runAsGroup"> {
  return user === undefined ? {} : { runAsUser: user, runAsGroup: user };
}

function container(
  entry: string,
  name: string,
  sidecar: Sidecar & Pick<Companion, "facts">,
  namespace: pulumi.Input<string>,
  child: pulumi.CustomResourceOptions,
): core.v1.Container {
  const { image, command, args, env = {}, memory, port, health, facts = {} } = sidecar;
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
    env: [
      ...containerVariables(env, secret),
      ...Object.entries(facts).map(([variable, fieldPath]) => ({
        name: variable,
        valueFrom: { fieldRef: { fieldPath } },
      })),
    ],
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

const companionsFor = { logs: ["logs", "logs-end"], modelUpdates: ["model", "model-updates"] };

/** Names of our own containers, which no sidecar of the user's can have. */
export const companionNames: readonly string[] = Object.values(companionsFor).flat();

/** Names of our own containers in pods that ship logs or fetch models. */
export function companionsOf({ logs, modelUpdates }: Record<keyof typeof companionsFor, boolean>) {
  return [...(logs ? companionsFor.logs : []), ...(modelUpdates ? companionsFor.modelUpdates : [])];
}
