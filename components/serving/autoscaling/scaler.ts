import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2";
import * as pulumi from "@pulumi/pulumi";
import { metadataOf, type Owner } from "../../workload/labels";
import type { Figures } from "./figures";
import { needsKeda, type ReplicaRange, type ScaleOn } from "./scale-on";
import { triggers } from "./triggers";
import { behavior, type Windows } from "./windows";

/** Where KEDA finds what it scales on. */
export interface Autoscaler {
  /** Address of Prometheus inside the cluster, such as `http://prometheus.monitoring:9090`. @default none: only schedules and CPU */
  prometheus?: pulumi.Input<string>;
  /** What KEDA is made of, where this program makes it. @default it is there */
  keda?: pulumi.Resource;
}

/** Seconds between two questions to Prometheus. */
const pollingInterval = 15;

/** What changes the number of replicas of a Deployment, and how. */
export interface ScalerArgs extends Pick<ReplicaRange, "min" | "max"> {
  scaleOn: readonly ScaleOn[];
  windows: Windows;
  /** Figures of its server. */
  figures: Figures;
  autoscaler?: Autoscaler;
}

/** Makes the one owner of the number of replicas of an entry's Deployment: a HorizontalPodAutoscaler for CPU alone, else a ScaledObject of KEDA, which makes one. */
export function scaler(owner: Owner, args: ScalerArgs, deployment: pulumi.Resource): void {
  const { entry, child } = owner;
  const { min, max, scaleOn, windows, figures, autoscaler = {} } = args;
  const metadata = metadataOf(owner);
  const name = `${entry}-scaler`;
  const keda = needsKeda(scaleOn) ? (autoscaler.keda ?? []) : [];
  const opts = { ...child, dependsOn: [deployment, ...[keda].flat()] };
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: entry };
  if (!needsKeda(scaleOn)) {
    const metrics = scaleOn.flatMap((one) => {
      if (!("cpu" in one)) return [];
      const target = { type: "Utilization", averageUtilization: one.cpu };
      return [{ type: "Resource", resource: { name: "cpu", target } }];
    });
    const bounds = { minReplicas: min, maxReplicas: max };
    const spec = { scaleTargetRef, ...bounds, metrics, behavior: behavior(windows) };
    new HorizontalPodAutoscaler(name, { metadata, spec }, opts);
    return;
  }
  const { prometheus = "" } = autoscaler;
  const asked = pulumi
    .all([owner.namespace, prometheus])
    .apply(([namespace, at]) => triggers(entry, namespace, scaleOn, { figures, prometheus: at }));
  const spec = {
    scaleTargetRef,
    ...{ minReplicaCount: min, maxReplicaCount: max, pollingInterval },
    // From one replica to none; between others it means nothing.
    cooldownPeriod: windows.down,
    advanced: { horizontalPodAutoscalerConfig: { behavior: behavior(windows) } },
    triggers: asked,
  };
  const kind = { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject" };
  new CustomResource(name, { ...kind, metadata, spec }, opts);
}
