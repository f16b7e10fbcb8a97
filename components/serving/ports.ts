import type { core } from "@pulumi/kubernetes/types/input";
import type { Problem } from "../problem";
import { numberProblems, portBounds } from "../workload/bounds";
import type { Door, Peer } from "../workload/network";
import type { Exposure } from "./exposure";

/** A port of a service's pods besides the server's own: of the server or of a sidecar container. */
export interface ExtraPort {
  /** Its number, in the pods and at the Service, 1 to 65535. */
  port: number;
  /** Whether the load balancer of an exposed service offers it too. @default false: the cluster alone reaches it */
  expose?: boolean;
  /** Who in the cluster may connect to it. @default those that may connect to the server; beside a load balancer its own namespace */
  callers?: Peer[];
}

/** Ports of a service by name. */
export type Ports = Readonly<Record<string, ExtraPort>>;

/** The same as far as it decides what is offered, whoever may connect. */
type Offers = Readonly<
  Record<string, Omit<ExtraPort, "callers"> & { callers?: readonly unknown[] }>
>;

/** Port that every service answers at, whichever port its server listens on. */
const servicePort = 80;

/** Name of that port. */
const serverPort = "http";

/** Form of a port's name, which a container has too: of at most 15 characters, a letter among them (docs/facts.md 13.2). */
export const portName = /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Ports in one order, whatever that of the file: another one would replace the pods. */
function byName<Port>(extra: Readonly<Record<string, Port>>): [name: string, port: Port][] {
  return Object.entries(extra).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Name of the Service that offers to the cluster alone what a load balancer must not. */
export function clusterService(name: string): string {
  return `${name}-cluster`;
}

/** Whether a service has ports that its load balancer must not offer. */
export function hasClusterService(extra: Offers, { scope = "cluster" }: Exposure): boolean {
  return scope !== "cluster" && Object.values(extra).some(({ expose = false }) => !expose);
}

/** The ports of the Service, and those that a Service of their own offers because a load balancer stands before the other. */
export function servicePorts(
  port: number,
  extra: Ports,
  open: boolean,
): { offered: core.v1.ServicePort[]; inside: core.v1.ServicePort[] } {
  const tcp = (name: string, at: number, targetPort = at) => {
    return { name, protocol: "TCP", port: at, targetPort };
  };
  const those = (wanted: (of: ExtraPort) => boolean) =>
    byName(extra).flatMap(([name, of]) => (wanted(of) ? [tcp(name, of.port)] : []));
  const isInside = ({ expose = false }: ExtraPort) => open && !expose;
  return {
    offered: [tcp(serverPort, servicePort, port), ...those((of) => !isInside(of))],
    inside: those(isInside),
  };
}

/** The ports of the main container; those of sidecar containers are theirs. */
export function containerPorts(
  port: number,
  extra: Ports,
  sidecars: Readonly<Record<string, { port?: number }>>,
): core.v1.ContainerPort[] {
  const theirs = Object.values(sidecars).map((sidecar) => sidecar.port);
  const own = byName(extra).filter(([, of]) => !theirs.includes(of.port));
  return [{ containerPort: port }, ...own.map(([name, of]) => ({ name, containerPort: of.port }))];
}

/** Where the pods of a service take connections. */
export function doorsOf(port: number, extra: Ports, open: boolean): Door[] {
  const others = byName(extra).map(([, { expose = false, ...of }]) => {
    return { port: of.port, open: open && expose, callers: of.callers };
  });
  return [{ port, open }, ...others];
}

/** What is wrong with the ports of a service besides the server's; `port` is that. */
export function portProblems(port: number, extra: Offers, { scope }: Exposure): Problem[] {
  const taken = new Map([
    [port, `port of the server, which the Service offers as ${servicePort}`],
    [servicePort, `port at which the Service offers the server's`],
  ]);
  return byName(extra).flatMap(([name, { port: number, expose, callers }]) => {
    const path = ["ports", name];
    const other = taken.get(number);
    taken.set(number, other ?? `port of ${name} already`);
    const problems = numberProblems([...path, "port"], number, portBounds);
    if (!portName.test(name) || name === serverPort) {
      problems.push({
        ...{ path: [...path, "name"], found: JSON.stringify(name) },
        problem: name === serverPort ? "name of the server's own port" : "not a name for a port",
        allowed: `at most 15 small letters, digits and single "-" between them, a letter among them, other than ${serverPort}`,
        fix: "rename it, for example to grpc or metrics",
      });
    }
    if (other !== undefined) {
      problems.push({
        ...{ path, found: String(number), problem: other },
        allowed: `a port other than ${[...taken.keys()].join(", ")}`,
        fix: "remove it, or name the port that is missing",
      });
    }
    const isExposed = scope === "internal" || scope === "public";
    if (expose && !isExposed) {
      problems.push({
        ...{ path: [...path, "expose"], found: "true" },
        problem: "without effect: the service has no load balancer",
        allowed: "true beside expose of the service with scope: internal or scope: public",
        fix: "remove it, or add expose to the service",
      });
    }
    if (expose && isExposed && callers) {
      problems.push({
        ...{ path: [...path, "callers"], found: "a list" },
        problem: "without effect beside a load balancer, which hides who connects",
        allowed: "callers of a port that only the cluster reaches",
        fix: "remove callers, or expose: true of this port",
      });
    }
    return problems;
  });
}
