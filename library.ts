/** What `import "gpu-serving"` gives: the components with their arguments, and stack files. It loads no cloud's SDK. */

// Clusters. Those that we make are entry points of their own: gpu-serving/gke-cluster, eks-cluster, aks-cluster.
export type {
  Architecture,
  BucketAccess,
  BucketClaim,
  BucketGrant,
  BucketMount,
  BucketVolume,
  Cluster,
  ImageRepository,
  Interconnect,
  LoadBalancer,
  LoadBalancerScope,
  NodeRoom,
  PlacedPool,
  RegistryLogin,
  PlacedCapacity,
  Taint,
  Toleration,
} from "./components/cluster/cluster";
export {
  NvidiaDevicePlugin,
  type DeviceSharing,
  type NvidiaDevicePluginArgs,
} from "./components/cluster/device-plugin";
export {
  ExistingCluster,
  type DescribedPool,
  type ExistingClusterArgs,
  type SharedCluster,
} from "./components/cluster/existing";
export { readKubeconfig, type KubeconfigSource } from "./components/cluster/kubeconfig";
export { clusterOfStack, shared, type ClusterOfStackArgs } from "./components/cluster/shared";

// Namespaces and volumes.
export { Disk, type DiskArgs } from "./components/workload/disk";
export {
  Namespace,
  type NamespaceArgs,
  type NamespaceQuota,
} from "./components/workload/namespace";
export type {
  BucketOfVolume,
  ClaimedVolume,
  Mount,
  Mounts,
  PodVolume,
  Volume,
} from "./components/workload/volumes";

// Services and jobs.
export type {
  Environment,
  PodSecurity,
  Program,
  SecretValue,
} from "./components/workload/container";
export type { Network, Peer } from "./components/workload/network";
export type { Rollout } from "./components/workload/rollout";
export type { ManagedSidecar, Sidecar } from "./components/workload/sidecar-containers";
export type { WorkloadArgs } from "./components/workload/workload";
export {
  InferenceService,
  type InferenceServiceArgs,
  type ModelServiceArgs,
} from "./components/serving/inference-service";
export type { Exposure } from "./components/serving/exposure";
export type { ModelArgs } from "./components/serving/model-server";
export type { Weights } from "./components/serving/engines/engine";
export type { EngineName } from "./components/serving/engines/engines";
export type { Attention, ModelShape } from "./catalog/model";
export type { LogShipping } from "./components/serving/log-shipping";
export type { ModelUpdates, Notify } from "./components/serving/model-updates";
export { BatchJob, type BatchJobArgs } from "./components/jobs/batch-job";
export type { JobRunArgs } from "./components/jobs/job-problems";
export { ScheduledJob, type ScheduledJobArgs } from "./components/jobs/scheduled-job";

// Observability.
export { Monitoring, type MonitoringArgs } from "./components/monitoring/monitoring";
export { OperatedMonitoring, type OperatedMonitoringArgs } from "./components/monitoring/operated";
export { alerts, type Alert, type AlertArgs } from "./components/monitoring/alerts";
export { dashboards, type Dashboard } from "./components/monitoring/dashboards";
export type { KeyedService } from "./components/monitoring/scrape";
export type { Metrics } from "./components/workload/metrics";

// Stack files.
export { deployStack } from "./program";
export { readConfig, readStackFile } from "./stacks/config";
export { buildEnvironment, type Before, type Outputs } from "./stacks/environment";
export { StackProblems, type StackProblem } from "./stacks/problems";
export type { JobConfig, ServiceConfig, Stack, VolumeConfig } from "./stacks/stack";
export type { Problem } from "./components/problem";
