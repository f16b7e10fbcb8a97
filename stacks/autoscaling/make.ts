import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../../components/cluster/cluster";
import { Keda } from "../../components/cluster/keda/keda";
import type { Autoscaler } from "../../components/serving/autoscaling/scaler";
import type { Stack } from "../stack";

/** Makes what scales the services of a stack, or takes what is there; `installed` is the address of the Prometheus of its observability. */
export function makeAutoscaler(
  { autoscaling }: Pick<Stack, "autoscaling">,
  cluster: Cluster,
  installed?: pulumi.Input<string>,
): Autoscaler | undefined {
  if (!autoscaling) return undefined;
  const { keda, prometheus = installed } = autoscaling;
  return {
    ...(prometheus !== undefined && { prometheus }),
    ...(keda === "install" && { keda: new Keda("keda", { cluster }).ready }),
  };
}
