import type { Problem } from "../../problem";
import type { PodSecurity } from "../container";
import type { PodPatch } from "./merge";
import { shownValue } from "./shown";

type OfPod = NonNullable<PodPatch["securityContext"]>;
type OfContainer = NonNullable<NonNullable<PodPatch["containers"]>[number]["securityContext"]>;

/** What the Pod Security Standards let a container add and a pod set (docs/facts.md 14.11). */
const capabilities = [
  ...["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD"],
  ...["NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"],
];
const sysctls = [
  ...["kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"],
  ...["net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start"],
  ...["net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time"],
  ...["net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl"],
  ...["net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"],
];
const seLinuxTypes = ["container_t", "container_init_t", "container_kvm_t"];

/** A value that is weaker than what a pod has, by its path in the security context; none where it is not. */
interface Weak {
  path: string[];
  value: unknown;
  allowed: string;
  problem?: string;
  fix?: string;
}

/** What of a security context is weaker than what the pods have; `disk`: whether they mount one, which a group of ours may write. */
export function securityProblems(
  at: Problem["path"],
  context: OfPod & OfContainer,
  { level, disk }: { level: PodSecurity; disk: boolean },
): Problem[] {
  return [
    ...rights(context, level === "restricted"),
    ...profiles(context),
    ...(disk ? ofDisks(context) : []),
  ].flatMap(({ path, value, allowed, ...words }) => {
    const { problem = "weaker than what the pods have", fix = "remove it" } = words;
    if (value === undefined) return [];
    return [{ path: [...at, ...path], found: shownValue(value), problem, allowed, fix }];
  });
}

/** What says whom a container runs as; the number of root is none that user takes. */
function asUser(user: number | undefined): string {
  if (user !== 0) return "user";
  return "user with another number, or podSecurity: baseline and no user for an image that has to be root";
}

/** What a process may do. */
function rights(context: OfPod & OfContainer, isRestricted: boolean): Weak[] {
  const { runAsUser, runAsGroup, runAsNonRoot, procMount } = context;
  const { privileged, allowPrivilegeEscalation } = context;
  const { add = [], drop = ["ALL"] } = context.capabilities ?? {};
  const addable = isRestricted ? ["NET_BIND_SERVICE"] : capabilities;
  return [
    {
      ...{ path: ["runAsUser"], value: runAsUser, allowed: "the argument user" },
      ...{ problem: "set by user", fix: `remove it, and write ${asUser(runAsUser)}` },
    },
    {
      ...{ path: ["runAsGroup"], value: runAsGroup, allowed: "the argument group beside user" },
      ...{ problem: "set by group, beside user", fix: "remove it, and write user and group" },
    },
    {
      ...{ path: ["runAsNonRoot"], allowed: "true" },
      value: isRestricted && runAsNonRoot === false ? runAsNonRoot : undefined,
      fix: "remove it; an image that has to be root needs podSecurity: baseline",
    },
    { path: ["privileged"], value: privileged || undefined, allowed: "false" },
    {
      ...{ path: ["allowPrivilegeEscalation"], allowed: "false" },
      value: allowPrivilegeEscalation || undefined,
    },
    {
      ...{ path: ["procMount"], allowed: "Default" },
      value: procMount === "Default" ? undefined : procMount,
    },
    {
      ...{ path: ["capabilities", "add"], allowed: addable.join(", ") },
      value: add.every((one) => addable.includes(one)) ? undefined : add,
    },
    {
      ...{ path: ["capabilities", "drop"], allowed: "a list with ALL" },
      value: isRestricted && !drop.includes("ALL") ? drop : undefined,
    },
  ];
}

/** What the node lets a process do. */
function profiles(context: OfPod & OfContainer): Weak[] {
  const { seccompProfile, appArmorProfile, windowsOptions } = context;
  const { type, user, role } = context.seLinuxOptions ?? {};
  const unsafe = (context.sysctls ?? []).filter(({ name = "" }) => !sysctls.includes(name));
  const confined = ["RuntimeDefault", "Localhost"];
  const profile = (path: string, { type: of }: { type?: string } = {}): Weak => ({
    ...{ path: [path, "type"], allowed: confined.join(", ") },
    value: of === undefined || confined.includes(of) ? undefined : of,
  });
  return [
    profile("seccompProfile", seccompProfile),
    profile("appArmorProfile", appArmorProfile),
    {
      ...{ path: ["seLinuxOptions", "type"], allowed: seLinuxTypes.join(", ") },
      value: type === "" || seLinuxTypes.includes(type ?? "") ? undefined : type,
    },
    { path: ["seLinuxOptions", "user"], value: user || undefined, allowed: "nothing" },
    { path: ["seLinuxOptions", "role"], value: role || undefined, allowed: "nothing" },
    {
      ...{ path: ["sysctls"], allowed: sysctls.join(", ") },
      value: unsafe.length > 0 ? unsafe : undefined,
    },
    { path: ["windowsOptions"], value: windowsOptions, allowed: "nothing: the nodes run Linux" },
  ];
}

/** What would give the files of a disk to another group than that of all pods which mount it. */
function ofDisks({ fsGroup, fsGroupChangePolicy }: OfPod & OfContainer): Weak[] {
  return Object.entries({ fsGroup, fsGroupChangePolicy }).map(([key, value]) => ({
    ...{ path: [key], value, allowed: "the group of ours, where a disk or a claim is mounted" },
    problem: "would take the files of the disk from other pods that mount it",
  }));
}
