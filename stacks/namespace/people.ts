import type { FileProblem } from "../problems";
import type { Words } from "../words";
import type { AnyCluster, NamespaceConfig } from "../schema";

/** Groups that would have no effect: GKE knows only groups of Google, by address, and only of the domain that the cluster names. */
export function peopleProblems(
  file: string,
  cluster: AnyCluster,
  namespaces: Readonly<Record<string, NamespaceConfig>>,
): FileProblem[] {
  if (cluster.kind !== "gke") return [];
  const hasGroups = cluster.groupsDomain !== undefined;
  return Object.entries(namespaces).flatMap(([name, namespace]) => {
    // Nothing may be said of a namespace that is taken as it is.
    if (!namespace.create) return [];
    return (["operators", "viewers"] as const).flatMap((key) =>
      namespace[key].flatMap((who, place) => {
        if (isBuiltIn(who) || (hasGroups && isAddress(who))) return [];
        const path = ["namespaces", name, key, place];
        return [{ file, path, ...(hasGroups ? notAnAddress : unknownGroup) }];
      }),
    );
  });
}

const notAnAddress: Words = {
  problem: "a group without its domain, which GKE does not know",
  allowed: "the address of a Google group, such as vision-ops@acme.example, or user:NAME",
  fix: "write the group's whole address",
};

const unknownGroup: Words = {
  problem: "a group, and this cluster knows none",
  allowed: "user:NAME, or groups where cluster.groupsDomain is set",
  fix: "set cluster.groupsDomain to your domain and put the group into gke-security-groups of that domain, or name users, such as user:ada@acme.example",
};

function isAddress(who: string): boolean {
  return /^[^@]+@[^@]+$/.test(who);
}

/** Users, and the groups that Kubernetes itself makes, such as `system:serviceaccounts:vision`. */
function isBuiltIn(who: string): boolean {
  return /^(?:user|system):/.test(who);
}
