import type { core } from "@pulumi/kubernetes/types/input";

/** Pod Security Standard: what a pod may ask for, and what its namespace enforces. */
export type PodSecurity = "restricted" | "baseline";

type PodSecurityContext = core.v1.PodSecurityContext;
type SecurityContext = core.v1.SecurityContext;

/** Security context of a pod that passes the given standard. */
export function podSecurityContext(level: PodSecurity): PodSecurityContext {
  return {
    seccompProfile: { type: "RuntimeDefault" },
    ...(level === "restricted" && { runAsNonRoot: true }),
  };
}

/** Security context of each container in such a pod. */
export function containerSecurityContext(level: PodSecurity): SecurityContext {
  return {
    allowPrivilegeEscalation: false,
    // An image that runs as root often changes owners or binds low ports: baseline keeps its capabilities.
    ...(level === "restricted" && { capabilities: { drop: ["ALL"] } }),
  };
}

/** Security context of a container that runs as a user, and as the group of the same number. */
export function runsAs(
  user: number | undefined,
): Pick<SecurityContext, "runAsUser" | "runAsGroup"> {
  return user === undefined ? {} : { runAsUser: user, runAsGroup: user };
}
