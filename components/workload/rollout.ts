import type * as pulumi from "@pulumi/pulumi";

/** What is needed to watch a workload come up. */
export interface Rollout {
  /** Kind of its object. */
  kind: "Deployment" | "Job" | "LeaderWorkerSet";
  /** Name of its object. */
  name: string;
  /** Its namespace. */
  namespace: pulumi.Input<string>;
  /** Seconds that a pod may wait for a node. */
  placement: number;
  /** Where messages about it are shown: the engine knows an object only when it has been waited for. */
  owner: pulumi.Resource;
  /** The object, known once its replicas are available or its job has started. */
  object: pulumi.CustomResource;
}
