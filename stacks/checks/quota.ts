import { defaultRequests } from "../../components/workload/resources";
import { boundsOf, demandOf, resources, type Demand, type Quota } from "../demand";
import { isBesideFuse } from "../bucket-mounts";
import { shown, type Fault } from "../faults";
import { valueAt } from "../lookup";
import { namespace } from "../namespace-schema";
import { entryFault, podsOf, type Entry } from "./entry";
import type { Namespaces } from "./namespaces";
import { salvageAll } from "./salvage";

/** What is wrong with the quotas and limits of namespaces for the entries that go to them. */
export function quotaFaults(
  file: string,
  { namespaces: declared, cluster, volumes }: Record<string, unknown>,
  { ofFile }: Namespaces,
  entries: readonly Entry[],
): Fault[] {
  const readable = salvageAll(namespace.partial(), declared);
  const kind = valueAt(cluster, ["kind"]);
  const isBucket = (volume: string) => valueAt(volumes, [volume, "bucket"]) !== undefined;
  const demand = (entry: Entry) =>
    demandOf(
      { ...entry.fields, besideFuse: isBesideFuse(kind, entry.fields, isBucket) },
      podsOf(entry),
    );
  return [...readable].flatMap(([name, { fields, broken }]) => {
    const inside = entries.filter((entry) => ofFile.get(entry.file) === name);
    return [
      ...(broken.has("quota") ? [] : tooSmall(file, name, fields.quota ?? {}, inside, demand)),
      ...(broken.has("limits")
        ? []
        : [
            ...tooTight(file, name, fields.limits),
            ...inside.flatMap((entry) => tooLarge(entry, name, fields.limits)),
          ]),
      ...(fields.create === false && !broken.has("create") ? notOurs(file, name, fields) : []),
    ];
  });
}

/** A quota below what runs in its namespace: pods would wait for ever. */
function tooSmall(
  file: string,
  name: string,
  quota: Quota,
  inside: readonly Entry[],
  demand: (entry: Entry) => Demand,
): Fault[] {
  const bounds = boundsOf(quota);
  return resources.flatMap((of) => {
    const bound = bounds[of];
    if (bound === undefined) return [];
    const demands = inside
      // Of what was refused nothing can be told; it asks for its least.
      .map((entry) => ({ entry, asks: demand(entry)[of] }))
      .filter(({ asks }) => asks > 0);
    const sum = demands.reduce((all, { asks }) => all + asks, 0);
    if (sum <= bound) return [];
    const parts = demands.map(({ entry, asks }) => `${entry.name} ${inWords[of](asks)}`);
    const needed = inWords[of](sum);
    return [
      {
        file,
        at: ["namespaces", name, "quota", of],
        what: "less than what runs in this namespace asks for",
        found: shown(quota[of]),
        allowed: `${needed} or more: ${parts.join(", ")}`,
        remedy: `raise it to ${needed}, or run less in this namespace; a rollout needs room for one more replica, or it makes room first`,
      },
    ];
  });
}

/** Limits that leave a container less than it is promised by default: Kubernetes refuses the pair, and with it the namespace's guards. */
function tooTight(file: string, name: string, limits: Pick<Quota, "cpu" | "memory"> = {}): Fault[] {
  const most = boundsOf(limits);
  const least = boundsOf(defaultRequests);
  return (["cpu", "memory"] as const).flatMap((of) => {
    if ((most[of] ?? Infinity) >= (least[of] ?? 0)) return [];
    return [
      {
        file,
        at: ["namespaces", name, "limits", of],
        what: "less than what a container is promised that says nothing itself",
        found: shown(limits[of]),
        allowed: `${defaultRequests[of]} or more`,
        remedy: "raise it, or remove it and bound the containers themselves",
      },
    ];
  });
}

/** Containers that are promised more CPU than the limit they get from their namespace; Kubernetes would refuse their pods. */
function tooLarge(entry: Entry, name: string, limits: Pick<Quota, "cpu"> = {}): Fault[] {
  const bound = boundsOf(limits).cpu;
  const beside = Object.entries(entry.fields.sidecars ?? {}).map(
    ([sidecar, { cpu }]) => [["sidecars", sidecar, "cpu"], cpu] as const,
  );
  // Memory of a container's own is its limit; what it is promised without one fits every limit.
  return [[["cpu"], entry.fields.cpu] as const, ...beside].flatMap(([path, cpu]) => {
    const asks = boundsOf({ cpu }).cpu;
    if (bound === undefined || asks === undefined || asks <= bound) return [];
    return [
      entryFault(entry, [...path], {
        what: `more than a container may use in namespace ${name}`,
        allowed: `at most namespaces.${name}.limits.cpu, ${limits.cpu}`,
        remedy: `lower it, or raise namespaces.${name}.limits.cpu`,
      }),
    ];
  });
}

function notOurs(file: string, name: string, fields: object): Fault[] {
  const guards = ["quota", "limits", "operators", "viewers"] as const;
  return guards.flatMap((key) => {
    const value: unknown = Object.entries(fields).find(([field]) => field === key)?.[1];
    if (typeof value !== "object" || value === null || Object.keys(value).length === 0) return [];
    return [
      {
        file,
        at: ["namespaces", name, key],
        what: "said of a namespace that is left as it is",
        found: shown(value),
        allowed: "nothing beside create: false",
        remedy: "remove it, or remove create: false for a namespace of this stack's own",
      },
    ];
  });
}

/** Amounts as a stack file has them. */
const inWords: Record<keyof Demand, (amount: number) => string> = {
  gpus: String,
  pods: String,
  cpu: (thousandths) => (thousandths % 1000 === 0 ? String(thousandths / 1000) : `${thousandths}m`),
  memory: (amount) => {
    const mebibytes = Math.ceil(amount / 1024 ** 2);
    return mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`;
  },
};
