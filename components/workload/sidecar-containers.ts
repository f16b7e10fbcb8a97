import type { ConfigMap } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import {
  containerVariables,
  healthPort,
  probes,
  securityContext,
  variableSources,
} from "./container";
import type { Health, PodSecurity, Program, RunAs } from "./container";
import { hashedConfigMap } from "./hashed-objects";
import type { Owner } from "./labels";
import { ownVolume, volumeMounts, type Mounts } from "./volumes";

/** A sidecar container: it runs from before the start of the main container until after its end. */
export interface Sidecar extends Program, RunAs {
  /** CPU it is promised, as a Kubernetes quantity; it may use more where there is more. @default "50m" */
  cpu?: pulumi.Input<string>;
  /** The most CPU it uses, as a Kubernetes quantity. @default that of the main container */
  cpuLimit?: pulumi.Input<string>;
  /** Memory it is promised and limited to, as a Kubernetes quantity. @default "64Mi" promised, no limit */
  memory?: pulumi.Input<string>;
  /** Port it listens on; no other container of the pod has it. @default none */
  port?: number;
  /** How it is asked whether it works, a path on its port for short; what comes after it waits for that. @default what comes after it waits for its start */
  health?: Health;
  /** Names of the sidecar containers that start before it; of several, all but the first need it. @default [] */
  after?: readonly string[];
}

/**
 * Names of sidecar containers in the order in which they start, which `after` alone decides; `open` are those of which nothing
 * says which one is next.
 */
export function startOrder(sidecars: Readonly<Record<string, Pick<Sidecar, "after">>>): {
  order: string[];
  open: string[];
} {
  const order: string[] = [];
  const left = new Set(Object.keys(sidecars).sort());
  while (left.size > 0) {
    const free = [...left].filter((name) => !sidecars[name]?.after?.some((it) => left.has(it)));
    const [next] = free;
    if (next === undefined || free.length > 1) {
      return { order, open: free.length > 1 ? free : [...left] };
    }
    left.delete(next);
    order.push(next);
  }
  return { order, open: [] };
}

/** A sidecar container that we put into a pod, which needs more than those that entries name. */
export interface ManagedSidecar extends Sidecar {
  /** Name of the container, which no sidecar container of an entry can have. */
  name: string;
  /** Whether it runs to its end before anything after it starts. @default false, it runs until the pod ends */
  first?: boolean;
  /** What it mounts. @default {} */
  mounts?: Mounts;
  /** Texts by the names of their files, all in the folder {@link managedFiles}. @default {} */
  files?: Readonly<Record<string, string>>;
  /** Facts of its pod as variables: name to path in the pod, such as `metadata.name`. @default {} */
  facts?: Readonly<Record<string, string>>;
}

/** What a sidecar is promised that does not say it itself, as Kubernetes quantities. */
export const sidecarRequests = { cpu: "50m", memory: "64Mi" } as const;

/** The most CPU that a managed sidecar uses in pods whose containers are limited, as a Kubernetes quantity. */
export const managedCpuLimit = "1";

/** Folder of the files of a managed sidecar. */
export const managedFiles = "/etc/gpu-serving";

/** Seconds a sidecar with a health path may take until it answers. */
const longestStart = 300;

/** User that managed sidecars run as where nothing else is said; no image has files of it. */
const defaultUser = 65532;

/** Makes the sidecar containers that an entry names, with the Secrets they refer to; they mount what the main container does. */
export function sidecarContainers(
  sidecars: Readonly<Record<string, Sidecar>>,
  podSecurity: PodSecurity,
  mounts: core.v1.VolumeMount[],
  owner: Owner,
): core.v1.Container[] {
  return startOrder(sidecars).order.flatMap((name) => {
    const sidecar = sidecars[name];
    if (!sidecar) return [];
    return {
      ...sidecarContainer(name, sidecar, owner),
      volumeMounts: mounts,
      securityContext: securityContext(podSecurity, sidecar),
    };
  });
}

/** Makes the managed sidecars of a pod, with the Secrets and ConfigMaps they refer to; `allMounts` are those of each container. */
export function managedSidecars(
  sidecars: readonly ManagedSidecar[],
  allMounts: readonly Mounts[],
  owner: Owner,
): { containers: core.v1.Container[]; volumes: core.v1.Volume[] } {
  const volumes: core.v1.Volume[] = [];
  const configMaps = new Map<object, ConfigMap>();
  const containers = sidecars.map((sidecar) => {
    const { name, files, first = false, facts = {}, user = defaultUser } = sidecar;
    const mounts = volumeMounts(sidecar.mounts ?? {}, allMounts);
    if (files) {
      const volume = ownVolume(`${name}-files`);
      const made = configMaps.get(files) ?? hashedConfigMap(owner, name, files);
      configMaps.set(files, made);
      volumes.push({ name: volume, configMap: { name: made.metadata.name } });
      mounts.push({ name: volume, mountPath: managedFiles, readOnly: true });
    }
    const variables = Object.entries(facts).map(([variable, fieldPath]) => ({
      name: variable,
      valueFrom: { fieldRef: { fieldPath } },
    }));
    return {
      ...sidecarContainer(name, sidecar, owner, variables),
      ...(first && { restartPolicy: undefined }),
      // What it said last is then in the pod's status, where `pulumi up` and `kubectl describe` find it.
      terminationMessagePolicy: "FallbackToLogsOnError",
      volumeMounts: mounts,
      securityContext: {
        ...securityContext("restricted", { user }),
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
      },
    };
  });
  return { containers, volumes };
}

/** Makes a sidecar container, as far as all of them are alike, with the Secret it refers to. */
function sidecarContainer(
  name: string,
  sidecar: Sidecar,
  owner: Owner,
  variables: core.v1.EnvVar[] = [],
): core.v1.Container {
  const { image, command, args, env = {}, cpuLimit, memory, port, health } = sidecar;
  const limits = {
    ...(cpuLimit !== undefined && { cpu: cpuLimit }),
    ...(memory !== undefined && { memory }),
  };
  const { cpu = sidecarRequests.cpu } = sidecar;
  const asked = healthPort(health) ?? port;
  return {
    ...{ name, image, command, args },
    imagePullPolicy: "IfNotPresent",
    // What makes it a sidecar: it starts before the containers, stops after them, and keeps no Job from ending.
    restartPolicy: "Always",
    // Entries have no dot in their names: the Secret of another one is never called the same.
    env: [...containerVariables(env, `sidecar.${name}`, owner), ...variables],
    ...variableSources(sidecar.envFrom),
    resources: {
      requests: { cpu, memory: memory ?? sidecarRequests.memory },
      ...(Object.keys(limits).length > 0 && { limits }),
    },
    ...(port !== undefined && { ports: [{ containerPort: port }] }),
    ...(asked !== undefined && health !== undefined && probes(asked, health, longestStart)),
  };
}
