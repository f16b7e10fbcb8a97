import type { core } from "@pulumi/kubernetes/types/input";
import type { Strategy } from "../rollout";

/** Version of the API of LeaderWorkerSets. */
export const apiVersion = "leaderworkerset.x-k8s.io/v1";

/** What a LeaderWorkerSet consists of. */
export interface SetParts {
  /** Groups. */
  replicas: number;
  /** Pods of one group, its leader among them. */
  size: number;
  /** How groups are replaced. */
  rollingUpdate: Strategy;
  leader: core.v1.PodTemplateSpec;
  member: core.v1.PodTemplateSpec;
}

/** Spec of the LeaderWorkerSet of a service (docs/facts.md 21). */
export function leaderWorkerSet({ replicas, size, rollingUpdate, leader, member }: SetParts) {
  return {
    replicas,
    leaderWorkerTemplate: {
      size,
      // What a member has computed is lost with it, so its group begins again.
      restartPolicy: "RecreateGroupOnPodRestart",
      leaderTemplate: leader,
      workerTemplate: member,
    },
    rolloutStrategy: {
      type: "RollingUpdate",
      rollingUpdateConfiguration: { ...rollingUpdate, partition: 0 },
    },
    // Members look for their leader while it starts.
    startupPolicy: "LeaderCreated",
    // The shared name would be that of the service itself.
    networkConfig: { subdomainPolicy: "UniquePerReplica" },
  };
}
