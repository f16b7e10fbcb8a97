import type { Cluster } from "../../components/cluster/cluster";
import { Keda } from "../../components/cluster/keda/keda";
import type { Autoscaler } from "../../components/serving/autoscaling/scaler";
import type { Stack } from "../stack";

/** Makes what scales the services of a stack, or takes what is there. */
export function makeAutoscaler(
  { autoscaling }: Pick<Stack, "autoscaling">,
  cluster: Cluster,
): Autoscaler | undefined {
  if (!autoscaling) return undefined;
  const { keda, prometheus } = autoscaling;
  return {
    ...(prometheus !== undefined && { prometheus }),
    ...(keda === "install" && { keda: new Keda("keda", { cluster }).ready }),
  };
}
