import { defaultScaleOn } from "../../components/serving/autoscaling/scale-on";
import type { ModelServer } from "../entry";
import type { FileProblem } from "../problems";
import type { ParsedStack } from "../parse";
import type { ServiceEntry } from "../schema";

/** What of a service decides whether it is scaled by figures of its engine. */
type Scaled = Pick<ServiceEntry, "replicas" | "scaleOn"> & { server?: ModelServer };

/** Told of a Prometheus of others that KEDA asks, where services follow what their engines tell: nothing here makes it read them. */
export function unreadFigures(
  { autoscaling, observability }: Pick<ParsedStack, "autoscaling" | "observability">,
  services: readonly Scaled[],
): FileProblem[] {
  const { prometheus } = autoscaling ?? {};
  if (prometheus === undefined || observability?.existing) return [];
  if (!services.some(followsEngine)) return [];
  return [
    {
      ...{ path: ["autoscaling", "prometheus"], warning: true, found: prometheus },
      problem:
        "services follow what their engines tell, and nothing in this stack makes this Prometheus read their pods: without that their number stays as it is",
      allowed: "a Prometheus that reads the port and path in the annotations of the pods",
      fix: observability
        ? "remove it: KEDA asks the Prometheus of observability, which reads them"
        : "with a Prometheus operator, write observability: { existing: { prometheus, namespace } }, which adds the monitors; else have it read pods at their annotations gpu-serving/metrics-port and gpu-serving/metrics-path",
    },
  ];
}

function followsEngine({ replicas, scaleOn, server }: Scaled): boolean {
  const { figures } = server ?? {};
  if (typeof replicas === "number" || figures === undefined) return false;
  return (scaleOn ?? defaultScaleOn(figures)).some((one) => "signal" in one);
}
