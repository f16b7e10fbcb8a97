import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../../components/cluster/cluster";
import { BatchJob } from "../../components/jobs/batch-job";
import { ScheduledJob } from "../../components/jobs/scheduled-job";
import type { InferenceService } from "../../components/serving/inference-service";
import { LeaderWorkerSetController } from "../../components/serving/multi-node/controller";
import type { MultiNodeService } from "../../components/serving/multi-node/multi-node-service";
import { serviceOf } from "../../components/serving/multi-node/service-of";
import type { Namespace } from "../../components/workload/namespace";
import { existingVolume, type BucketOfVolume, type Mount } from "../../components/workload/volumes";
import { bytes } from "../../values/units";
import { makeAutoscaler } from "../autoscaling/make";
import { bringsImage, modelOf } from "../model/make";
import { network, portsOf } from "../derived/network";
import { surgeOf } from "../derived/surge";
import { imagesFor, ownArchitectures } from "../image/built";
import { secretOf, variablesOf } from "../secret/values";
import type { JobConfig, ServiceConfig, Stack } from "../stack";
import type { VolumeOf } from "../volume/make";

/** What the entries of a stack are made with. */
export interface Surroundings {
  /** Cluster that they run on. */
  cluster: Cluster;
  /** Namespaces that the stack makes, by name. */
  namespaces: Readonly<Record<string, Namespace>>;
  /** Volumes that they mount. */
  volumeOf: VolumeOf;
  /** Address of the Prometheus that the stack makes or has. @default there is none */
  prometheus?: pulumi.Input<string>;
}

/** The jobs of a stack, by name. */
type Jobs = Record<string, BatchJob | ScheduledJob>;

/**
 * Makes the jobs and services of a stack, each behind the jobs that it comes after; `attempts` are those of jobs that run again after
 * they failed, `limited` the services whose Service object limits source ranges.
 */
export function makeWorkloads(
  stack: Stack,
  around: Surroundings,
  attempts: Readonly<Record<string, string>>,
  limited: ReadonlySet<string>,
): { jobs: Jobs; services: Record<string, InferenceService | MultiNodeService> } {
  const { cluster, namespaces, volumeOf } = around;
  const argumentsOf = argumentsIn(stack, around);
  const imageOf = imagesFor(cluster, ownArchitectures(stack.cluster));
  const jobs: Jobs = {};
  const behind = ({ after }: Pick<JobConfig, "after">, before: pulumi.Resource[] = []) => ({
    dependsOn: [...after.flatMap((job) => jobs[job] ?? []), ...before],
  });
  const entries = [...Object.values(stack.services), ...Object.values(stack.jobs)];
  const awaited = new Set(entries.flatMap(({ after }) => after));
  for (const [name, entry] of inRunOrder(stack.jobs)) {
    const args = { ...entry, ...argumentsOf(name, entry), image: imageOf(entry) };
    const { schedule } = entry;
    const once = { wait: awaited.has(name) || undefined, attempt: attempts[name] };
    jobs[name] =
      schedule === undefined
        ? new BatchJob(name, { ...args, ...once }, behind(entry))
        : new ScheduledJob(name, { ...args, schedule }, behind(entry));
  }
  const surge = surgeOf(stack, cluster);
  const autoscaler = makeAutoscaler(stack, cluster, around.prometheus);
  const controller =
    stack.leaderWorkerSet === "install"
      ? [new LeaderWorkerSetController("leader-worker-set", { cluster }).ready]
      : [];
  const services = Object.entries(stack.services).map(([name, entry]) => {
    const { modelUpdates, logs, namespace, metrics, port, streams } = entry;
    const args = {
      ...{ ...entry, ...surge[name], ...argumentsOf(name, entry) },
      metrics: metrics && { port, ...metrics },
      image: bringsImage(entry) ? "" : imageOf(entry),
      ...modelOf(entry, stack),
      ports: portsOf(entry, stack),
      autoscaler,
      modelUpdates: modelUpdates && {
        ...modelUpdates,
        from: volumeOf(namespace, modelUpdates.from),
        sizeMiB: mebibytes(modelUpdates.size),
      },
      logs: logs && { ...logs, sizeMiB: mebibytes(logs.size) },
      buckets: streams === undefined ? [] : bucketsOf(volumeOf(namespace, streams)),
      // In namespaces of the stack's own they go in place.
      limitedBefore: limited.has(name) && !namespaces[namespace],
    };
    const options = behind(entry, (entry.nodesPerReplica ?? 1) > 1 ? controller : []);
    return [name, serviceOf(name, args, options)] as const;
  });
  return { jobs, services: Object.fromEntries(services) };
}

/** The arguments that services and jobs share; those that build the same image share it. */
function argumentsIn(stack: Stack, { cluster, namespaces, volumeOf }: Surroundings) {
  return (name: string, entry: ServiceConfig | JobConfig) => {
    const own = namespaces[entry.namespace];
    const mounts = Object.entries(entry.mounts).map(([path, said]) => {
      if (!("volume" in said)) {
        const { key: folder, ...of } = said;
        return [path, { volume: existingVolume(of), folder }] as const;
      }
      const { volume, write } = said;
      const mount = volumeOf(entry.namespace, volume);
      return [path, { ...mount, ...(write !== undefined && { write }) }] as const;
    });
    const sidecars = Object.entries(entry.sidecars).map(
      ([sidecar, of]) => [sidecar, { ...of, env: variablesOf(of, stack) }] as const,
    );
    const initContainers = entry.initContainers?.map((of) => ({
      ...of,
      env: variablesOf(of, stack),
    }));
    return {
      initContainers,
      cluster: (own && cluster.inOwnNamespaces?.()) ?? cluster,
      namespace: own?.name ?? entry.namespace,
      network: network(name, stack),
      env: variablesOf(entry, stack),
      mounts: Object.fromEntries(mounts),
      sidecars: Object.fromEntries(sidecars),
      pullSecrets: entry.pullSecrets.map((key) => secretOf(stack, key)),
    };
  };
}

/** The jobs, each behind those it comes after. */
function inRunOrder(jobs: Readonly<Record<string, JobConfig>>): Map<string, JobConfig> {
  const order = new Map<string, JobConfig>();
  const visit = (name: string) => {
    const job = jobs[name];
    if (!job || order.has(name)) return;
    job.after.forEach(visit);
    order.set(name, job);
  };
  Object.keys(jobs).forEach(visit);
  return order;
}

/** The bucket that a volume is. */
function bucketsOf({ volume }: Pick<Mount, "volume">): BucketOfVolume[] {
  return volume.kind === "bucket" ? [volume] : [];
}

function mebibytes(quantity: string): number {
  return Math.max(1, Math.floor(bytes(quantity) / 1024 ** 2));
}
