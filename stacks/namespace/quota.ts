import { defaultRequests } from "../../components/workload/container";
import { boundsOf, resources, type Demand, type DemandOf, type Quota } from "../derived/demand";
import { entryProblem, podsOf, type Entry } from "../entry";
import type { FileProblem } from "../problems";
import type { Path, Words } from "../words";
import type { NamespaceConfig } from "../schema";
import type { NamespaceOf } from "./relations";

/** What is wrong with the quotas and limits of namespaces for the entries that go to them. */
export function quotaProblems(
  file: string,
  namespaces: Readonly<Record<string, NamespaceConfig>>,
  entries: readonly Entry[],
  namespaceOf: NamespaceOf,
  demandOf: DemandOf,
): FileProblem[] {
  return Object.entries(namespaces).flatMap(([name, namespace]) => {
    const { quota, limits } = namespace;
    const inside = entries.filter((entry) => namespaceOf(entry) === name);
    const problem = (at: Path, words: Words) => ({
      ...{ file, path: ["namespaces", name, ...at] },
      ...words,
    });
    return [
      ...tooSmall(quota, inside, demandOf).map((it) => problem(["quota", it.of], it.words)),
      ...tooTight(limits).map((it) => problem(["limits", it.of], it.words)),
      ...inside.flatMap((entry) => tooLarge(entry, name, limits)),
      ...(namespace.create
        ? []
        : guards(namespace).map((key) =>
            problem([key], {
              problem: "said of a namespace that is left as it is",
              allowed: "nothing beside create: false",
              fix: "remove it, or remove create: false for a namespace of this stack's own",
            }),
          )),
    ];
  });
}

/** A quota below what runs in its namespace: pods would wait for ever. */
function tooSmall(quota: Quota, inside: readonly Entry[], demandOf: DemandOf) {
  const bounds = boundsOf(quota);
  return resources.flatMap((of) => {
    const demands = inside
      .map((entry) => ({ entry, asks: demandOf(entry, podsOf(entry))[of] }))
      .filter(({ asks }) => asks > 0);
    const sum = demands.reduce((all, { asks }) => all + asks, 0);
    if (sum <= (bounds[of] ?? Infinity)) return [];
    const parts = demands.map(({ entry, asks }) => `${entry.name} ${inWords[of](asks)}`);
    const needed = inWords[of](sum);
    const words = {
      problem: "less than what runs in this namespace asks for",
      allowed: `${needed} or more: ${parts.join(", ")}`,
      fix: `raise it to ${needed}, or run less in this namespace; a rollout needs one more replica than that, or stops one before it starts the next`,
    };
    return [{ of, words }];
  });
}

/** Limits that leave a container less than it is promised by default: Kubernetes refuses the pair, and with it the namespace's guards. */
function tooTight(limits: Pick<Quota, "cpu" | "memory">) {
  const most = boundsOf(limits);
  const least = boundsOf(defaultRequests);
  return (["cpu", "memory"] as const).flatMap((of) => {
    if ((most[of] ?? Infinity) >= (least[of] ?? 0)) return [];
    const words = {
      problem: "less than what a container is promised that says nothing itself",
      allowed: `${defaultRequests[of]} or more`,
      fix: "raise it, or remove it and bound the containers themselves",
    };
    return [{ of, words }];
  });
}

/** Containers that are promised more CPU than the limit they get from their namespace; Kubernetes would refuse their pods. */
function tooLarge(entry: Entry, name: string, limits: Pick<Quota, "cpu">): FileProblem[] {
  const bound = boundsOf(limits).cpu ?? Infinity;
  const containers = [
    { at: ["cpu"], cpu: entry.fields.cpu },
    ...Object.entries(entry.fields.sidecars).map(([sidecar, { cpu }]) => ({
      at: ["sidecars", sidecar, "cpu"],
      cpu,
    })),
  ];
  // Memory of a container's own is its limit; what it is promised without one fits every limit.
  return containers
    .filter(({ cpu }) => (boundsOf({ cpu }).cpu ?? 0) > bound)
    .map(({ at }) =>
      entryProblem(entry, at, {
        problem: `more than a container may use in namespace ${name}`,
        allowed: `at most namespaces.${name}.limits.cpu, ${limits.cpu}`,
        fix: `lower it, or raise namespaces.${name}.limits.cpu`,
      }),
    );
}

/** What a namespace says of those who use it. */
function guards(namespace: NamespaceConfig) {
  return (["quota", "limits", "operators", "viewers"] as const).filter(
    (key) => Object.keys(namespace[key]).length > 0,
  );
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
