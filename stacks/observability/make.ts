import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../../components/cluster/cluster";
import { kedaNamespace } from "../../components/cluster/keda/keda";
import { Monitoring } from "../../components/monitoring/monitoring";
import { OperatedMonitoring } from "../../components/monitoring/operated";
import { defaultEngine, engines } from "../../components/serving/engines/engines";
import { bytes } from "../../values/units";
import { secretOf } from "../secret/values";
import type { Stack } from "../stack";

/** What a stack tells of its observability. */
export interface ObservabilityOutputs {
  /** Address of Prometheus inside the cluster. */
  prometheus: pulumi.Output<string>;
  /** Command that makes Grafana answer at http://localhost:3000; left out where the cluster has a Grafana of its own. */
  grafana?: pulumi.Output<string>;
}

/** Makes what watches a stack, or adds to what watches its cluster. */
export function makeObservability(
  stack: Stack,
  cluster: Cluster,
): ObservabilityOutputs | undefined {
  const { observability } = stack;
  if (!observability) return undefined;
  const { existing, disk, adminPassword, firstToken } = observability;
  const about = { cluster, namespaces: Object.keys(stack.namespaces), firstToken };
  const keyed = keyedServices(stack);
  if (existing) {
    new OperatedMonitoring("observability", { ...about, ...existing, keyed });
    return { prometheus: pulumi.output(existing.prometheus) };
  }
  const { namespace, retention, memory, alertmanager } = observability;
  const { gpuExporter = cluster.lacksGpuMetrics } = observability;
  const { prometheus, grafana } = new Monitoring("observability", {
    ...{ ...about, keyed, namespace, retention, memory, alertmanager, gpuExporter },
    // KEDA asks it how many replicas are called for.
    readers: stack.autoscaling ? [{ namespace: kedaNamespace }] : [],
    diskMiB: Math.floor(bytes(disk) / 1024 ** 2),
    adminPassword: adminPassword === undefined ? undefined : secretOf(stack, adminPassword),
  });
  return { prometheus, grafana };
}

/** Services whose engine shows its figures only with the key of the service. */
function keyedServices(stack: Stack) {
  return Object.entries(stack.services).flatMap(([name, entry]) => {
    const { shape, apiKey, namespace, gpus } = entry;
    if (!shape || apiKey === undefined) return [];
    const { engine = defaultEngine(shape, gpus > 0) } = entry;
    const { needsKey } = engines[engine].metrics;
    return needsKey ? [{ name, namespace, key: secretOf(stack, apiKey) }] : [];
  });
}
