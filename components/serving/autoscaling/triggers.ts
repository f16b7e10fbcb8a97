import type { Figures } from "./figures";
import type { LoadSignal, ScaleOn } from "./scale-on";

/** A trigger of a ScaledObject of KEDA. */
export interface Trigger {
  /** Kind of trigger. */
  type: "prometheus" | "cpu" | "cron";
  /** Whether the target is for each replica, for all of them, or a part of what they are promised. */
  metricType?: "AverageValue" | "Value" | "Utilization";
  /** What it looks at, all of it text. */
  metadata: Record<string, string>;
}

/** Figures of which each replica has its part; the others are the same for all, and the number of replicas follows in proportion. */
const perReplica: readonly LoadSignal[] = ["queue", "running"];

/** Figures that are times, of which there are none while nothing is asked. */
const times: readonly LoadSignal[] = ["latency", "firstToken"];

/** The triggers of a service in a namespace, which Prometheus at that address answers. */
export function triggers(
  name: string,
  namespace: string,
  scaleOn: readonly ScaleOn[],
  { figures, prometheus }: { figures: Figures; prometheus: string },
): Trigger[] {
  const asked = (query: string, target: number, all = false): Trigger => ({
    type: "prometheus",
    metricType: all ? "Value" : "AverageValue",
    metadata: {
      ...{ serverAddress: prometheus, query, threshold: String(target) },
      // Without an answer the number of replicas stays; as 0 it would remove them while Prometheus restarts.
      ignoreNullValues: "false",
    },
  });
  return scaleOn.flatMap((one): Trigger[] => {
    if ("cpu" in one) {
      return [{ type: "cpu", metricType: "Utilization", metadata: { value: String(one.cpu) } }];
    }
    if ("schedule" in one) {
      const { start, end, timeZone = "Etc/UTC", replicas } = one.schedule;
      const metadata = { start, end, timezone: timeZone, desiredReplicas: String(replicas) };
      return [{ type: "cron", metadata }];
    }
    if ("query" in one) return [asked(one.query, one.target)];
    const { signal, target } = one;
    const query = queryOf(signal, podsOf(name, namespace), figures);
    if (query === undefined) return [];
    // Engines tell their caches as a part of 1.
    const value = signal === "cache" ? target / 100 : target;
    return [asked(query, value, !perReplica.includes(signal))];
  });
}

/** The query of a figure; undefined where the engine does not tell it. */
export function queryOf(
  signal: LoadSignal,
  selector: string,
  figures: Figures,
): string | undefined {
  const figure = figures[signal];
  if (!figure) return undefined;
  const query = figure.promql(selector);
  // While nothing is asked a quantile is no number, which KEDA refuses, so that no replica would ever go: then it is 0.
  return times.includes(signal)
    ? `(${query} >= 0) or 0 * sum(${figure.metric}_count{${selector}})`
    : query;
}

/** Selects the pods of a service by labels that every Prometheus in Kubernetes sets: their namespace and their names, which end with those of a ReplicaSet. */
export function podsOf(name: string, namespace: string): string {
  return `namespace="${namespace}",pod=~"${name}-[a-z0-9]+-[a-z0-9]+"`;
}
