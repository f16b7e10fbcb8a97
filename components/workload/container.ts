import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { hashedSecret } from "./hashed-objects";
import type { Owner } from "./labels";

/** What a container runs. */
export interface Program {
  /** Container image. */
  image: pulumi.Input<string>;
  /** Program to run. @default the image's entrypoint */
  command?: pulumi.Input<string>[];
  /** Arguments of the program. @default the image's own */
  args?: pulumi.Input<string>[];
  /** Environment variables. @default {} */
  env?: Environment;
  /** Secrets and ConfigMaps of the namespace whose keys are variables, too; `env` wins over them, and the last over the first. @default [] */
  envFrom?: readonly VariableSource[];
}

/** A Secret or a ConfigMap of the namespace that somebody else makes. */
export type ExistingObject =
  { existingSecret: pulumi.Input<string> } | { existingConfigMap: pulumi.Input<string> };

/** An object whose keys are variables, each with a text before its name. */
export type VariableSource = ExistingObject & { prefix?: string };

/** The value of one key of an object. */
export type ExistingValue = ExistingObject & { key: string };

/** A value that must not show in the pod's spec. */
export interface SecretValue {
  /** The value itself. */
  secret: pulumi.Input<string>;
}

/** Environment variables of a container, by name. */
export type Environment = Record<string, pulumi.Input<string> | SecretValue | ExistingValue>;

function isSecret(value: Environment[string]): value is SecretValue {
  return typeof value === "object" && "secret" in value;
}

function isExisting(value: Environment[string]): value is ExistingValue {
  return typeof value === "object" && ("existingSecret" in value || "existingConfigMap" in value);
}

/** The variables of a container by the objects that hold them; nothing where there are none. */
export function variableSources(
  envFrom: readonly VariableSource[] = [],
): Pick<core.v1.Container, "envFrom"> {
  if (envFrom.length === 0) return {};
  return {
    envFrom: envFrom.map(({ prefix, ...of }) => ({
      ...(prefix !== undefined && { prefix }),
      ...("existingSecret" in of
        ? { secretRef: { name: of.existingSecret } }
        : { configMapRef: { name: of.existingConfigMap } }),
    })),
  };
}

/** The variables of a container; secret ones are read from a Secret of that role, made where there are any. */
export function containerVariables(env: Environment, role: string, owner: Owner): core.v1.EnvVar[] {
  const all = Object.entries(env);
  const values = Object.fromEntries(
    all.flatMap(([name, value]) => (isSecret(value) ? [[name, value.secret] as const] : [])),
  );
  const secret = Object.keys(values).length > 0 ? hashedSecret(owner, role, values) : undefined;
  return all.map(([name, value]) => {
    if (isExisting(value)) return { name, valueFrom: reference(value) };
    return isSecret(value)
      ? { name, valueFrom: { secretKeyRef: { name: secret?.metadata.name, key: name } } }
      : { name, value };
  });
}

function reference({ key, ...of }: ExistingValue): core.v1.EnvVarSource {
  return "existingSecret" in of
    ? { secretKeyRef: { name: of.existingSecret, key } }
    : { configMapKeyRef: { name: of.existingConfigMap, key } };
}

/** What a container is promised that does not say it itself, as Kubernetes quantities. */
export const defaultRequests = { cpu: "500m", memory: "1Gi" } as const;

/** Memory is promised in full, so that a pod is never killed for its neighbour's use; CPU may be borrowed, up to a limit where there is one. */
export function resources(
  {
    cpu = defaultRequests.cpu,
    cpuLimit,
    memory,
    gpus = 0,
  }: {
    cpu?: pulumi.Input<string>;
    cpuLimit?: pulumi.Input<string>;
    memory?: pulumi.Input<string>;
    gpus?: number;
  },
  devices: Readonly<Record<string, string>> = {},
): core.v1.ResourceRequirements {
  return {
    requests: { cpu, memory: memory ?? defaultRequests.memory },
    limits: {
      ...(cpuLimit !== undefined && { cpu: cpuLimit }),
      ...(memory !== undefined && { memory }),
      ...(gpus > 0 && { "nvidia.com/gpu": String(gpus) }),
      ...devices,
    },
  };
}

/**
 * Startup, readiness and liveness of a container that has `startup` seconds to answer 200 at a path of its port, or without a
 * path to take connections; the last two begin when the first has succeeded.
 */
export function probes(
  port: number,
  path: string | undefined,
  startup: number,
): Pick<core.v1.Container, "startupProbe" | "readinessProbe" | "livenessProbe"> {
  const check: core.v1.Probe = path ? { httpGet: { path, port } } : { tcpSocket: { port } };
  const startups = {
    periodSeconds: 2,
    timeoutSeconds: 2,
    failureThreshold: Math.ceil(startup / 2),
  };
  return {
    startupProbe: { ...check, ...startups },
    readinessProbe: { ...check, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
    // A busy server is slow, not dead: a restart would lose what it is working on.
    livenessProbe: { ...check, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 },
  };
}

/** Pod Security Standard: what a pod may ask for, and what its namespace enforces. */
export type PodSecurity = "restricted" | "baseline";

/** Security context of a container in a pod of that standard, which runs as a user and the group of the same number where one is given. */
export function securityContext(level: PodSecurity, user?: number): core.v1.SecurityContext {
  return {
    allowPrivilegeEscalation: false,
    // An image that runs as root often changes owners or binds low ports: baseline keeps its capabilities.
    ...(level === "restricted" && { capabilities: { drop: ["ALL"] } }),
    ...(user !== undefined && { runAsUser: user, runAsGroup: user }),
  };
}
