import { nvidiaGpu } from "../../components/cluster/cluster";
import { meantOr } from "../../components/spelling";
import { defaultRequests } from "../../components/workload/container";
import { sparePods } from "../autoscaling/counts";
import { boundsOf, resources, type Demand } from "../derived/demand";
import { entryProblem, type Entry } from "../entry";
import type { ParsedStack } from "../parse";
import type { FileProblem } from "../problems";
import type { AnyCluster, NamespaceConfig } from "../schema";
import { cpu } from "../../values/units";
import { nothing, type Path, type Words } from "../words";

/** What is wrong with the namespaces of a stack, and with the entries that go to them; `resourceOf`: by what an entry asks for GPUs. */
export function namespaceProblems(
  { cluster, namespaces, files }: ParsedStack,
  entries: readonly Entry[],
  resourceOf: (entry: Entry) => string | undefined,
): FileProblem[] {
  const names = Object.keys(namespaces);
  return [
    ...files.flatMap((file) => {
      if (file.namespace === undefined && file.entries.length === 0) return [];
      const missing = "say which namespace this file's services and jobs go to";
      return unplacedProblem([], file.namespace, names, missing).map((it) => ({
        ...it,
        file: file.name,
      }));
    }),
    ...Object.entries(namespaces).flatMap(([name, namespace]) => {
      const inside = entries.filter((entry) => entry.namespace === name);
      const problems = [
        ...(name === "default" && namespace.create ? [thereAlready] : []),
        ...(namespace.create ? peopleProblems(cluster, namespace) : leftAsItIs(namespace)),
        ...quotaProblems(namespace, inside, resourceOf),
        ...limitProblems(namespace),
      ];
      return [
        ...problems.map(({ at, ...words }) => ({ ...words, path: ["namespaces", name, ...at] })),
        ...inside.flatMap((entry) => [
          ...levelProblems(entry, name, namespace),
          ...tooLarge(entry, name, namespace),
        ]),
      ];
    }),
  ];
}

/** A namespace that something names which nobody declares, or that it leaves out where it has to say it. */
export function unplacedProblem(
  at: Path,
  named: string | undefined,
  declared: readonly string[],
  missing: string,
): FileProblem[] {
  const isKnown = named === undefined ? declared.length === 1 : declared.includes(named);
  if (isKnown) return [];
  const where = { path: [...at, "namespace"], allowed: declared.join(", ") };
  if (named === undefined) {
    const fix = `${missing}, for example namespace: ${declared[0]}`;
    return [{ ...where, problem: "missing", found: nothing, fix }];
  }
  const other = "choose one of these, or declare it under namespaces in the stack file";
  return [{ ...where, problem: "not a declared namespace", fix: meantOr(named, declared, other) }];
}

/** What is wrong with a namespace, and where in it. */
type NamespaceProblem = Words & { at: Path };

const thereAlready: NamespaceProblem = {
  at: ["create"],
  problem: "every cluster has this namespace already",
  allowed: "false",
  fix: "write create: false to take it as it is, or choose a name of your own",
};

/** What is said of a namespace that is not made. */
function leftAsItIs(namespace: NamespaceConfig): NamespaceProblem[] {
  return (["quota", "limits", "operators", "viewers"] as const)
    .filter((key) => Object.keys(namespace[key]).length > 0)
    .map((key) => ({
      at: [key],
      problem: "said of a namespace that is left as it is",
      allowed: "nothing beside create: false",
      fix: "remove it, or remove create: false for a namespace of this stack's own",
    }));
}

/** Groups that would have no effect: GKE knows only groups of Google, by address, and only of the domain that the cluster names. */
function peopleProblems(cluster: AnyCluster, namespace: NamespaceConfig): NamespaceProblem[] {
  if (cluster.kind !== "gke") return [];
  const words = cluster.groupsDomain === undefined ? unknownGroup : notAnAddress;
  return (["operators", "viewers"] as const).flatMap((key) =>
    namespace[key].flatMap((who, place) => {
      // Users, and the groups that Kubernetes itself makes, such as `system:serviceaccounts:vision`.
      const isBuiltIn = /^(?:user|system):/.test(who);
      const isKnown = cluster.groupsDomain !== undefined && /^[^@]+@[^@]+$/.test(who);
      return isBuiltIn || isKnown ? [] : { at: [key, place], ...words };
    }),
  );
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

/** A quota below what runs in its namespace: pods would wait for ever. */
function quotaProblems(
  { quota }: NamespaceConfig,
  inside: readonly Entry[],
  resourceOf: (entry: Entry) => string | undefined,
): NamespaceProblem[] {
  const bounds = boundsOf(quota);
  return resources.flatMap((of) => {
    // Placeholder pods count, too, also while they wait.
    const asks = (entry: Entry) => entry.demand[of] * (entry.count + sparePods(entry.fields));
    const all = inside.filter((entry) => asks(entry) > 0);
    // A quota bounds each resource of GPUs for itself.
    const kindOf = (entry: Entry) => (of === "gpus" ? (resourceOf(entry) ?? nvidiaGpu) : of);
    return [...new Set(all.map(kindOf))].flatMap((kind) => {
      const asking = all.filter((entry) => kindOf(entry) === kind);
      const sum = asking.reduce((before, entry) => before + asks(entry), 0);
      if (sum <= bounds[of]) return [];
      const parts = asking.map((entry) => `${entry.name} ${inWords[of](asks(entry))}`);
      const needed = inWords[of](sum);
      return {
        at: ["quota", of],
        problem: "less than what runs in this namespace asks for",
        allowed: `${needed} or more: ${parts.join(", ")}`,
        fix: `raise it to ${needed}, or run less in this namespace; a rollout needs one more replica than that, or stops one before it starts the next`,
      };
    });
  });
}

/** Amounts as a stack file has them. */
const inWords: Record<keyof Demand, (amount: number) => string> = {
  gpus: String,
  pods: String,
  cpu: (thousandths) => cpu(`${thousandths}m`) ?? "0",
  memory: (amount) => {
    const mebibytes = Math.ceil(amount / 1024 ** 2);
    return mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`;
  },
};

/** Limits that leave a container less than it is promised by default: Kubernetes refuses the pair, and with it the namespace's guards. */
function limitProblems({ limits }: NamespaceConfig): NamespaceProblem[] {
  const [most, least] = [boundsOf(limits), boundsOf(defaultRequests)];
  return (["cpu", "memory"] as const)
    .filter((of) => most[of] < least[of])
    .map((of) => ({
      at: ["limits", of],
      problem: "less than what a container is promised that says nothing itself",
      allowed: `${defaultRequests[of]} or more`,
      fix: "raise it, or remove it and bound the containers themselves",
    }));
}

/** Pods that their namespace refuses for their Pod Security Standard. */
function levelProblems(entry: Entry, name: string, { podSecurity }: NamespaceConfig) {
  if (podSecurity !== "restricted" || entry.fields.podSecurity !== "baseline") return [];
  const words = {
    problem: `below what namespace ${name} enforces`,
    allowed: podSecurity,
    fix: `set podSecurity: baseline on namespaces.${name}, or move the entry to a namespace that has it`,
  };
  return [entryProblem(entry, ["podSecurity"], words)];
}

/** Containers that are promised more CPU than the limit they get from their namespace, for they say none; Kubernetes would refuse their pods. */
function tooLarge(entry: Entry, name: string, { limits }: NamespaceConfig): FileProblem[] {
  const { cpu, cpuLimit, initContainers = [], sidecars } = entry.fields;
  const containers: { at: Path; of: { cpu?: string; cpuLimit?: string } }[] = [
    { at: [], of: { cpu } },
    ...initContainers.map((of, place) => ({ at: ["initContainers", place], of })),
    ...Object.entries(sidecars).map(([sidecar, of]) => ({ at: ["sidecars", sidecar], of })),
  ];
  // The entry's limit is that of all its containers. Memory of a container's own is its limit; what it is promised without one fits every limit.
  return containers
    .filter(({ of }) => (of.cpuLimit ?? cpuLimit) === undefined)
    .filter(({ of }) => of.cpu !== undefined && boundsOf(of).cpu > boundsOf(limits).cpu)
    .map(({ at }) =>
      entryProblem(entry, [...at, "cpu"], {
        problem: `more than a container may use in namespace ${name} that says no cpuLimit`,
        allowed: `at most namespaces.${name}.limits.cpu, ${limits.cpu}`,
        fix: `lower it, write cpuLimit beside it, or raise namespaces.${name}.limits.cpu`,
      }),
    );
}
