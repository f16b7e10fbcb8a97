import { unknownKey } from "./problems";
import type { Explanation } from "../values/rule";

/** What manifests of Kubernetes and files of other tools call a key of an entry. */
const elsewhere: Readonly<Record<string, string>> = {
  activeDeadlineSeconds: "timeout",
  backoffLimit: "retries",
  completions: "workers",
  containerPort: "port",
  containers: "sidecars",
  cron: "schedule",
  dependsOn: "after",
  entrypoint: "command",
  environment: "env",
  imagePullSecrets: "pullSecrets",
  limits: "cpuLimit and memory",
  livenessProbe: "health",
  metadata: "labels and annotations",
  nodeSelector: "pool",
  parallelism: "workers",
  priorityClassName: "priorityClass",
  podAnnotations: "annotations: { pods: ... }",
  podLabels: "labels",
  readinessProbe: "health",
  runAsUser: "user",
  securityContext: "user, or podSecurity",
  resources: "cpu, cpuLimit, memory and gpus",
  script: "command",
  serviceAccountName: "serviceAccount",
  terminationGracePeriodSeconds: "drain",
  volumeMounts: "mounts",
  volumes: "mounts",
};

/** Explains keys that entries of a section do not have, and those of the other section, or files of other tools, do. */
export function hintsFor(
  other: "services" | "jobs",
  own: readonly string[],
  ofOther: readonly string[],
): (key: string) => Explanation | undefined {
  return (key) => {
    if (ofOther.includes(key)) {
      return { problem: `a key of ${other}`, fix: `remove it, or move the entry to ${other}` };
    }
    const meant = Object.hasOwn(elsewhere, key) ? elsewhere[key] : undefined;
    if (meant === undefined) return undefined;
    const there = meant.includes(" ") || own.includes(meant);
    return {
      problem: unknownKey,
      fix: there ? `write ${meant}` : `remove it; ${other} have ${meant} for it`,
    };
  };
}
