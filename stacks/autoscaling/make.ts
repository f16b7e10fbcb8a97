import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../../components/cluster/cluster";
import { Keda } from "../../components/cluster/keda/keda";
import type { Autoscaler } from "../../components/serving/autoscaling/scaler";
import { noteLine } from "../problems";
import type { Stack } from "../stack";
import { unreadFigures } from "./readings";

/** Makes what scales the services of a stack, or takes what is there; `installed` is the address of the Prometheus of its observability. */
export function makeAutoscaler(
  stack: Pick<Stack, "autoscaling" | "observability" | "services" | "name">,
  cluster: Cluster,
  installed?: pulumi.Input<string>,
): Autoscaler | undefined {
  const { autoscaling, services, name } = stack;
  if (!autoscaling) return undefined;
  for (const told of unreadFigures(stack, Object.values(services))) {
    void pulumi.log.warn(noteLine({ found: "", file: `Pulumi.${name}.yaml`, ...told }));
  }
  const { keda, prometheus = installed } = autoscaling;
  return {
    ...(prometheus !== undefined && { prometheus }),
    ...(keda === "install" && { keda: new Keda("keda", { cluster }).ready }),
  };
}
