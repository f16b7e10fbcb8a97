import type { Network, Peer } from "../components/workload/network";
import type { Stack } from "./stack";
import { volumeAndFolder } from "./values/mount";

/** Whom an entry's pods talk to: what it says itself, and the services that name it as a caller. */
export function network(entry: string, { services, jobs, namespaces, volumes }: Stack): Network {
  const all = { ...services, ...jobs };
  const own = all[entry];
  const peer = (name: string): Peer[] => {
    const other = all[name];
    return other ? [{ name, namespace: other.namespace }] : [];
  };
  const calls = Object.keys(services).filter((name) => services[name]?.callers?.includes(entry));
  const mounted = [
    ...Object.values(own?.mounts ?? {}).map(({ volume }) => volume),
    ...(services[entry]?.modelUpdates ? [services[entry].modelUpdates.from] : []),
  ];
  const bucket = mounted.some((text) => volumes[volumeAndFolder(text).volume]?.kind === "bucket");
  const closed = namespaces[own?.namespace ?? ""]?.create ?? false;
  return {
    callers: services[entry]?.callers?.flatMap(peer),
    calls: calls.flatMap(peer),
    egress: own?.egress ?? (closed ? [] : undefined),
    bucket,
  };
}
