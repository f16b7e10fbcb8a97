/** Where the pods of a workload tell their figures to Prometheus. */
export interface Metrics {
  /** Port of the pod. */
  port: number;
  /** Path of the figures. */
  path: string;
}

/** Annotations that tell a Prometheus which port and path of a pod to read. */
export const metricsAnnotations = {
  port: "gpu-serving/metrics-port",
  path: "gpu-serving/metrics-path",
} as const;

/** The annotations of a pod that has figures. */
export function announced(metrics: Metrics | undefined): Record<string, string> {
  if (!metrics) return {};
  return {
    [metricsAnnotations.port]: `${metrics.port}`,
    [metricsAnnotations.path]: metrics.path,
  };
}
