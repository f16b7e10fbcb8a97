import type { core } from "@pulumi/kubernetes/types/input";

type Probe = core.v1.Probe;

/** Arguments for {@link probes}. */
export interface ProbesArgs {
  /** Port the server listens on. */
  port: number;
  /** Path that answers 200 when the server can answer requests. @default the port takes connections */
  health?: string;
  /** Seconds a replica may take until it answers. */
  startup: number;
}

/** Startup, readiness and liveness of a container; the last two begin when the first has succeeded. */
export function probes({
  port,
  health,
  startup,
}: ProbesArgs): Pick<core.v1.Container, "startupProbe" | "readinessProbe" | "livenessProbe"> {
  const check: Probe = health ? { httpGet: { path: health, port } } : { tcpSocket: { port } };
  const startupPeriod = 2;
  return {
    startupProbe: {
      ...check,
      periodSeconds: startupPeriod,
      timeoutSeconds: 2,
      failureThreshold: Math.ceil(startup / startupPeriod),
    },
    readinessProbe: { ...check, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
    // A busy server is slow, not dead: a restart would lose what it is working on.
    livenessProbe: { ...check, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 },
  };
}
