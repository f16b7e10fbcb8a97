import type { Network, Peer } from "../../components/workload/network";
import { mountsVolume } from "./injected-sidecar";
import { receiverOf, type Receiver } from "./log-receiver";
import type { Stack } from "../stack";

/** Allowed connections of an entry's pods: its own egress, the services that name it as a caller, and the receiver of its logs. */
export function network(entry: string, { services, jobs, namespaces, volumes }: Stack): Network {
  const all = { ...services, ...jobs };
  const own = all[entry];
  const peer = (name: string): Peer[] => {
    const other = all[name];
    return other ? [{ name, namespace: other.namespace }] : [];
  };
  const calls = Object.keys(services).filter((name) => services[name]?.callers?.includes(entry));
  const bucket = mountsVolume(own ?? {}, (volume) => volumes[volume]?.kind === "bucket");
  const closed = namespaces[own?.namespace ?? ""]?.create ?? false;
  const egress = own?.egress ?? (closed ? [] : undefined);
  const receiver = receiverOf(services[entry]?.logs?.to ?? "stdout");
  return {
    callers: services[entry]?.callers?.flatMap(peer),
    calls: [...calls.flatMap(peer), ...takers(receiver, services)],
    egress: egress && receiver.at === "address" ? [...egress, receiver.range] : egress,
    bucket,
  };
}

/** Who takes logs in another namespace: a service that names its callers is among the calls already. */
function takers(receiver: Receiver, services: Stack["services"]): Peer[] {
  if (receiver.at !== "cluster" || receiver.namespace === undefined) return [];
  const { service: name, namespace } = receiver;
  const ours = services[name]?.namespace === namespace ? services[name] : undefined;
  if (ours?.callers) return [];
  // Of a Service that is not ours nobody knows the pods.
  return [ours ? { name, namespace } : { namespace }];
}
