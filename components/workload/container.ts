import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../problem";
import { numberProblems, portBounds } from "./bounds";
import { hashedSecret } from "./hashed-objects";
import type { Owner } from "./labels";
import { variableOrder } from "./variable-order";

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
  const all = variableOrder(env).map((name) => [name, env[name] ?? ""] as const);
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
  }: {
    cpu?: pulumi.Input<string>;
    cpuLimit?: pulumi.Input<string>;
    memory?: pulumi.Input<string>;
  },
  devices: Readonly<Record<string, string>> = {},
): core.v1.ResourceRequirements {
  return {
    requests: { cpu, memory: memory ?? defaultRequests.memory },
    limits: {
      ...(cpuLimit !== undefined && { cpu: cpuLimit }),
      ...(memory !== undefined && { memory }),
      ...devices,
    },
  };
}

/** How a container is asked whether it works; one of `path` and `grpc`. */
export interface HealthCheck {
  /** Path that answers 200. */
  path?: string;
  /** Asks gRPC's own health service, for the whole server (true) or for one service of it by name; without TLS. */
  grpc?: true | string;
  /** Port that is asked, 1 to 65535. @default the container's own */
  port?: number;
  /** Whether the path is asked by HTTPS, with any certificate. @default false */
  https?: boolean;
}

/** How a container is asked whether it works: a path that answers 200, or more than that. */
export type Health = string | HealthCheck;

/** Port that a container is asked at, where it is not its own. */
export function healthPort(health: Health | undefined): number | undefined {
  return typeof health === "object" ? health.port : undefined;
}

/** What is wrong with how a container is asked. */
export function healthProblems(at: Problem["path"], health: Health | undefined): Problem[] {
  if (typeof health !== "object") return [];
  const { path, grpc, port, https = false } = health;
  const problems = port === undefined ? [] : numberProblems([...at, "port"], port, portBounds);
  if ((path === undefined) === (grpc === undefined)) {
    problems.push({
      ...{ path: at, found: path === undefined ? "neither" : "both" },
      problem: "not one of path and grpc",
      allowed: "{ path: PATH } or { grpc: true }, each with port: NUMBER or without",
      fix: "write path for a server that answers HTTP, grpc for one with gRPC's health service",
    });
  }
  if (https && path === undefined) {
    problems.push({
      ...{ path: [...at, "https"], found: "true" },
      problem: "only for a path: Kubernetes asks gRPC without TLS",
      allowed: "https beside path",
      fix: "remove it, and let the server answer gRPC's health service without TLS on a port of its own",
    });
  }
  return problems;
}

function question(own: number, health: Health | undefined): core.v1.Probe {
  if (health === undefined) return { tcpSocket: { port: own } };
  const check: HealthCheck = typeof health === "string" ? { path: health } : health;
  const { path, grpc, port = own, https = false } = check;
  if (grpc !== undefined) return { grpc: { port, ...(grpc !== true && { service: grpc }) } };
  return { httpGet: { path, port, ...(https && { scheme: "HTTPS" }) } };
}

/** Seconds that a real request may take while the container starts. */
export const firstAnswerTime = 60;

/**
 * Startup, readiness and liveness of a container that has `startup` seconds to answer as it is asked, or where nothing is said to
 * take connections at its port; the last two begin when the first has succeeded. With `firstAnswer`, a command in the container that
 * makes a real request, the first one asks by that.
 */
export function probes(
  port: number,
  health: Health | undefined,
  startup: number,
  firstAnswer?: readonly pulumi.Input<string>[],
): Pick<core.v1.Container, "startupProbe" | "readinessProbe" | "livenessProbe"> {
  const check = question(port, health);
  const every = (periodSeconds: number) => ({
    periodSeconds,
    failureThreshold: Math.ceil(startup / periodSeconds),
  });
  return {
    startupProbe: firstAnswer
      ? { exec: { command: [...firstAnswer] }, ...every(5), timeoutSeconds: firstAnswerTime }
      : { ...check, ...every(2), timeoutSeconds: 2 },
    readinessProbe: { ...check, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
    // A busy server is slow, not dead: a restart would lose what it is working on.
    livenessProbe: { ...check, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 },
  };
}

/** Pod Security Standard: what a pod may ask for, and what its namespace enforces. */
export type PodSecurity = "restricted" | "baseline";

/** Who a container runs as. */
export interface RunAs {
  /** Number of the user that it runs as, 1 to 2147483647. @default the image's */
  user?: number;
  /** Number of the group that it runs as, 0 to 2147483647; only with `user`. @default the number of `user` */
  group?: number;
}

/** Security context of a container in a pod of that standard. */
export function securityContext(
  level: PodSecurity,
  { user, group = user }: RunAs = {},
): core.v1.SecurityContext {
  return {
    allowPrivilegeEscalation: false,
    // An image that runs as root often changes owners or binds low ports: baseline keeps its capabilities.
    ...(level === "restricted" && { capabilities: { drop: ["ALL"] } }),
    ...(user !== undefined && { runAsUser: user, runAsGroup: group }),
  };
}
