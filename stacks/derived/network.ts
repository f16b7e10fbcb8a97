import { isIP } from "node:net";
import type { Ports } from "../../components/serving/ports";
import { prometheusName } from "../../components/monitoring/observer";
import type { Network, Peer } from "../../components/workload/network";
import { volumesOf } from "../../values/mount";
import type { ServiceEntry } from "../schema";
import type { Stack } from "../stack";

/** Where the host of an endpoint is. */
export type Receiver =
  | { at: "pod" }
  /** A Service; without a namespace it is in that of the pod that connects. */
  | { at: "cluster"; service: string; namespace?: string }
  | { at: "address"; range: string }
  | { at: "outside"; host: string };

/** What a pod that sends logs to an endpoint (or to `stdout`) connects to. */
export function receiverOf(endpoint: string): Receiver {
  if (endpoint === "stdout") return { at: "pod" };
  const host = new URL(endpoint).hostname.replace(/^\[|\]$/g, "");
  const version = isIP(host);
  if (version !== 0) return { at: "address", range: `${host}/${version === 4 ? 32 : 128}` };
  if (host === "localhost") return { at: "pod" };
  const [service = "", namespace, ...rest] = host.replace(/\.$/, "").split(".");
  // Two names may be a host of the internet too; then nothing is there to be let out to.
  return rest.length === 0 || /^svc(?:\.|$)/.test(rest.join("."))
    ? { at: "cluster", service, ...(namespace !== undefined && { namespace }) }
    : { at: "outside", host };
}

/** Who may connect to a service, as its entry says it. */
type Callers = NonNullable<ServiceEntry["callers"]>;

/** Whether the callers of a service name an entry, or the namespace that it is in. */
export function admits(
  callers: Callers,
  { name, namespace }: { name: string; namespace?: string },
): boolean {
  return callers.some((caller) =>
    typeof caller === "string" ? caller === name : caller.namespace === namespace,
  );
}

/** All that may connect to a service, at whichever of its ports. */
function allCallers({ callers = [], ports }: Pick<ServiceEntry, "callers" | "ports">): Callers {
  return [...callers, ...Object.values(ports).flatMap((port) => port.callers ?? [])];
}

/** Callers as policies name them. */
function peers(callers: Callers, entries: Readonly<Record<string, { namespace: string }>>): Peer[] {
  return callers.flatMap((caller) => {
    if (typeof caller !== "string") return [caller];
    const entry = entries[caller];
    return entry ? [{ name: caller, namespace: entry.namespace }] : [];
  });
}

/** Ports of a service with who may connect to each. */
export function portsOf({ ports }: ServiceEntry, { services, jobs }: Stack): Ports {
  const of = Object.entries(ports).map(([name, { callers, ...port }]) => {
    return [
      name,
      { ...port, callers: callers && peers(callers, { ...services, ...jobs }) },
    ] as const;
  });
  return Object.fromEntries(of);
}

/** Allowed connections of an entry's pods: its own egress, the services that name it as a caller, and the receiver of its logs. */
export function network(entry: string, stack: Stack): Network {
  const { services, jobs, namespaces, volumes } = stack;
  const all = { ...services, ...jobs };
  const own = all[entry];
  if (!own) throw new Error(`${entry} is neither a service nor a job`);
  const { callers, logs, streams } = services[entry] ?? {};
  const caller = { name: entry, namespace: own.namespace };
  const calls = Object.entries(services).filter(
    ([name, service]) => name !== entry && admits(allCallers(service), caller),
  );
  const egress = own.egress ?? (namespaces[own.namespace]?.create ? [] : undefined);
  const receiver = receiverOf(logs?.to ?? "stdout");
  const monitors = monitorsOf(stack);
  return {
    callers: callers && peers(callers, all),
    calls: [
      ...calls.map(([name, { namespace }]) => ({ name, namespace })),
      ...takers(receiver, Object.fromEntries(calls), services),
    ],
    egress: egress && receiver.at === "address" ? [...egress, receiver.range] : egress,
    bucket:
      streams !== undefined || volumesOf(own).some((volume) => volumes[volume]?.kind === "bucket"),
    ...(monitors.length > 0 && { monitors }),
  };
}

/** What reads the figures of services: our Prometheus, and of those that are there whichever pods of their namespaces. */
function monitorsOf({ observability, autoscaling }: Stack): Peer[] {
  const { existing, namespace: own } = observability ?? {};
  const asked = receiverOf(autoscaling?.prometheus ?? "stdout");
  const namespace = asked.at === "cluster" ? asked.namespace : undefined;
  const isOurs = namespace === (existing?.namespace ?? own);
  return [
    ...(existing ? [{ namespace: existing.namespace }] : []),
    ...(own !== undefined && !existing ? [{ name: prometheusName, namespace: own }] : []),
    ...(namespace !== undefined && !isOurs ? [{ namespace }] : []),
  ];
}

/** What takes logs in another namespace; a service that names its callers is among the calls already. */
function takers(receiver: Receiver, calls: object, services: Stack["services"]): Peer[] {
  if (receiver.at !== "cluster" || receiver.namespace === undefined) return [];
  const { service: name, namespace } = receiver;
  const ours = services[name]?.namespace === namespace ? services[name] : undefined;
  if (ours && Object.hasOwn(calls, name)) return [];
  // Of a Service that is not ours nobody knows the pods.
  return [ours ? { name, namespace } : { namespace }];
}
