import { shown, type Fault } from "../faults";
import { isMap } from "../lookup";
import { gkeCluster } from "../managed-schema";
import { namespace } from "../namespace-schema";
import { nearest } from "../spelling";
import { salvageAll } from "./salvage";

/** Groups that would have no effect: GKE knows groups of Google alone, by address, and those only where it is told their domain. */
export function peopleFaults(
  file: string,
  { cluster, namespaces }: Record<string, unknown>,
): Fault[] {
  if (!isMap(cluster) || cluster.kind !== "gke") return [];
  const known = saysGroupsDomain(cluster);
  return [...salvageAll(namespace.partial(), namespaces)].flatMap(([name, { fields, broken }]) => {
    // Nothing may be said of a namespace that is taken as it is.
    if (fields.create === false) return [];
    return (["operators", "viewers"] as const).flatMap((key) =>
      (broken.has(key) ? [] : (fields[key] ?? [])).flatMap((who, place) => {
        if (known ? isKnown(who) : isBuiltIn(who)) return [];
        const at = ["namespaces", name, key, place];
        return [{ file, at, found: shown(who), ...(known ? notAnAddress : unknownGroup) }];
      }),
    );
  });
}

const notAnAddress = {
  what: "a group without its domain, which GKE does not know",
  allowed: "the address of a Google group, such as vision-ops@acme.example, or user:NAME",
  remedy: "write the group's whole address",
};

const unknownGroup = {
  what: "a group, and this cluster knows none",
  allowed: "user:NAME, or groups where cluster.groupsDomain is set",
  remedy:
    "set cluster.groupsDomain to your domain and put the group into gke-security-groups of that domain, or name users, such as user:ada@acme.example",
};

/** Whether the cluster says its domain, be it misspelt, which is a fault of its own. */
function saysGroupsDomain(cluster: Record<string, unknown>): boolean {
  const keys = Object.keys(gkeCluster.shape);
  return Object.keys(cluster).some((key) => nearest(key, keys) === "groupsDomain");
}

function isKnown(who: string): boolean {
  return isBuiltIn(who) || /^[^@]+@[^@]+$/.test(who);
}

/** Users, and the groups that Kubernetes itself makes, such as `system:serviceaccounts:vision`. */
function isBuiltIn(who: string): boolean {
  return /^(?:user|system):/.test(who);
}
