import type { core } from "@pulumi/kubernetes/types/input";
import type { PlacedPool } from "../../cluster/cluster";
import type { Problem } from "../../problem";
import type { PodSecurity } from "../container";
import { claimed } from "./amounts";
import { shownValue } from "./shown";

/** A container of the pods: the main one, one that the entry has beside it, or one that we add. */
export type ContainerKind = "main" | "sidecar" | "init" | "managed";

/** The pods that a patch is for, as far as it decides what a field would undo. */
export interface PatchedPods {
  /** Whether they run to their end. */
  job: boolean;
  /** Whether Kubernetes numbers them, as those of several workers or completions. */
  numbered: boolean;
  /** Pod Security Standard that they pass. */
  level: PodSecurity;
  /** The pool that they run on, where it is known. */
  pool?: Pick<PlacedPool, "name" | "runtimeClass">;
  /** Whether what they ask for is counted on the nodes of a pool. */
  counted: boolean;
  /** Whether they mount a disk or a claim. */
  disk: boolean;
  /** Whether the server is told of new models by a signal. */
  signalled: boolean;
  /** Their containers, by name, with the names of their variables. */
  containers: ReadonlyMap<string, { kind: ContainerKind; variables: readonly string[] }>;
  /** Names of their volumes. */
  volumes: readonly string[];
  /** Paths at which something is mounted. */
  paths: readonly string[];
}

/** What becomes of a field: it is taken, looked into, or refused, because an argument says it or for another reason. */
export type Verdict =
  "taken" | "looked into" | { argument: string } | { problem: string; fix: string };

/** Why a patch says nothing of the nodes. */
export const byPool = {
  problem: "decides on which nodes the pods run, and so whether replicas have room",
  fix: "remove it, and write pool with the name of a pool of such nodes",
};
const host: Verdict = {
  problem: "lets the pods into the node, where they reach those of others",
  fix: "remove it",
};
const found: Verdict = {
  problem: "the name by which the numbered pods of a job are found",
  fix: "remove it",
};
const together: Verdict = {
  problem: "not of all Kubernetes versions that clusters run",
  fix: "remove it; pods that start and end together are the workers of a job",
};
const started: Verdict = {
  problem: "a rollout waits for new pods, and nobody promises that they start",
  fix: "remove it, or run the program as a job",
};
const restarted: Verdict = {
  problem: "when containers start again follows from what they are",
  fix: "remove it; a server always starts again, a job as often as retries says",
};

/** What becomes of each field of a pod's spec. */
export function podVerdicts({
  job,
  numbered,
}: Pick<PatchedPods, "job" | "numbered">): Record<keyof core.v1.PodSpecPatch, Verdict> {
  return {
    activeDeadlineSeconds: job
      ? { argument: "timeout" }
      : { problem: "would end the servers, with what they answer", fix: "remove it" },
    affinity: "looked into",
    automountServiceAccountToken: { argument: "serviceAccount" },
    containers: "looked into",
    dnsConfig: "taken",
    dnsPolicy: "taken",
    enableServiceLinks: "taken",
    ephemeralContainers: {
      problem: "only of pods that run already",
      fix: "remove it; kubectl debug adds one to a pod, sidecars adds a container to all",
    },
    evictionResponders: together,
    hostAliases: "taken",
    hostIPC: host,
    hostNetwork: host,
    hostPID: host,
    hostUsers: "taken",
    hostname: numbered ? found : "taken",
    hostnameOverride: numbered ? found : "taken",
    imagePullSecrets: "taken",
    initContainers: "looked into",
    nodeName: byPool,
    nodeSelector: byPool,
    os: "taken",
    overhead: { problem: "written by the RuntimeClass of the pods", fix: "remove it" },
    preemptionPolicy: { argument: "priorityClass" },
    priority: { argument: "priorityClass" },
    priorityClassName: { argument: "priorityClass" },
    readinessGates: "taken",
    resourceClaims: claimed,
    resources: { argument: "cpu, memory and cpuLimit" },
    restartPolicy: restarted,
    runtimeClassName: "taken",
    schedulerName: job ? "taken" : started,
    schedulingGates: job ? "taken" : started,
    schedulingGroup: together,
    securityContext: "looked into",
    serviceAccount: { argument: "serviceAccount" },
    serviceAccountName: { argument: "serviceAccount" },
    setHostnameAsFQDN: "taken",
    shareProcessNamespace: "looked into",
    subdomain: numbered ? found : "taken",
    terminationGracePeriodSeconds: job ? "looked into" : { argument: "drain" },
    tolerations: byPool,
    topologySpreadConstraints: "looked into",
    volumes: "looked into",
    workloadRef: together,
  };
}

/** What becomes of each field of a container. */
export function containerVerdicts(
  kind: ContainerKind,
  { job }: Pick<PatchedPods, "job">,
): Record<keyof core.v1.ContainerPatch, Verdict> {
  const isServer = kind === "sidecar" || (kind === "main" && !job);
  const probe: Verdict = isServer
    ? { argument: "health" }
    : { problem: "nobody asks what runs to its end", fix: "remove it; a job has timeout" };
  // A port of another container is written down for people alone.
  const ports: Verdict = isServer
    ? { argument: kind === "main" ? "ports" : "port" }
    : "looked into";
  const verdicts = {
    args: { argument: "args" },
    command: { argument: "command" },
    env: "looked into",
    envFrom: { argument: "envFrom" },
    image: { argument: "image" },
    imagePullPolicy: "taken",
    lifecycle: "looked into",
    livenessProbe: probe,
    name: "taken",
    ports,
    readinessProbe: probe,
    resizePolicy: "taken",
    resources: "looked into",
    restartPolicy: restarted,
    restartPolicyRules: restarted,
    securityContext: "looked into",
    startupProbe: kind === "main" && !job ? { argument: "health and startup" } : probe,
    stdin: "taken",
    stdinOnce: "taken",
    terminationMessagePath: "taken",
    terminationMessagePolicy: "taken",
    tty: "taken",
    volumeDevices: "looked into",
    volumeMounts: "looked into",
    workingDir: "taken",
  } as const satisfies Record<keyof core.v1.ContainerPatch, Verdict>;
  return kind === "managed" ? ofOurs(verdicts) : verdicts;
}

const ours: Verdict = { problem: "of a container that we add to the pods", fix: "remove it" };

/** A registry of one's own may have the images of our containers; nothing else of them is the entry's. */
function ofOurs<Field extends string>(verdicts: Record<Field, Verdict>): Record<Field, Verdict> {
  const free: readonly string[] = ["name", "image", "imagePullPolicy"];
  const entries = Object.keys(verdicts).map((key): [string, Verdict] => [
    key,
    free.includes(key) ? "taken" : ours,
  ]);
  return { ...verdicts, ...Object.fromEntries(entries) };
}

/** The fields of a map that another argument says, or that undo what is promised; `of` says what an argument is called for it. */
export function verdictProblems(
  at: Problem["path"],
  fields: object,
  verdicts: Readonly<Record<string, Verdict>>,
  of = (argument: string) => argument,
): Problem[] {
  const taken = Object.keys(verdicts).filter((key) => typeof verdicts[key] === "string");
  return Object.entries(fields).flatMap(([key, value]: [string, unknown]) => {
    const { [key]: verdict = "taken" } = verdicts;
    if (typeof verdict === "string") return [];
    const words =
      "argument" in verdict
        ? {
            problem: `set by ${of(verdict.argument)}`,
            fix: `remove it, and write ${of(verdict.argument)}`,
          }
        : verdict;
    const where = { path: [...at, key], found: shownValue(value) };
    return [{ ...where, ...words, allowed: taken.sort().join(", ") }];
  });
}
