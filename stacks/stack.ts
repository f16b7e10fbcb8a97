import type * as pulumi from "@pulumi/pulumi";
import type { Demand } from "./derived/demand";
import type { Service } from "./entry";
import type { Placements } from "./model/serve";
import type {
  ClusterConfig,
  JobEntry,
  NamespaceConfig,
  ObservabilityConfig,
  Sections,
  ServiceEntry,
  VolumeEntry,
} from "./schema";

/** What an entry leaves to its surroundings. */
interface Placed {
  /** Namespace it goes to, a declared one. */
  namespace: string;
  /** Name of the container in its pods. */
  container: string;
  /** Pods of it that run at the same time. */
  count: number;
  /** What one pod of it asks for. */
  demand: Demand;
}

/** A service of a stack: its entry, with what the entry leaves to its surroundings filled in. */
export type ServiceConfig = ServiceEntry &
  Placed &
  Pick<Service, "shape" | "own" | "server" | "streams">;

/** A job of a stack, likewise. */
export type JobConfig = JobEntry & Placed;

type VolumeAccess = NonNullable<VolumeEntry["access"]>;

/** A volume of a stack: of which kind, with defaults applied. */
export type VolumeConfig =
  | { kind: "disk"; size: string; keep: boolean; namespace: string; access: VolumeAccess }
  | { kind: "claim"; claim: string; namespace: string; access: VolumeAccess }
  | { kind: "bucket"; bucket: string }
  | { kind: "memory" | "nodeCache"; size: string };

/** All that a stack file and its included files say, checked, with defaults applied; times are in seconds. */
export interface Stack {
  /** Name of the stack. */
  name: string;
  /** The cluster everything runs on, with its GPU pools by name. */
  cluster: ClusterConfig;
  /** Whether the controller of LeaderWorkerSets is installed or there already. @default there is none */
  leaderWorkerSet?: "install" | "existing";
  /** Namespaces, by name; at least one. */
  namespaces: Record<string, NamespaceConfig>;
  /** Volumes that services and jobs mount, by name. */
  volumes: Record<string, VolumeConfig>;
  /** What scales services on anything but CPU. @default nothing does */
  autoscaling?: Sections["autoscaling"];
  /** Services of all files, by name. */
  services: Record<string, ServiceConfig>;
  /** Jobs of all files, by name; no job has the name of a service. */
  jobs: Record<string, JobConfig>;
  /** Where each model goes and why nowhere else, by service; without those whose pools are another stack's. */
  placements: Placements;
  /** What watches the stack. @default nothing does */
  observability?: ObservabilityConfig;
  /** What the cloud takes all the same, but somebody should know; for readers without an engine: in a run the cluster says it, once. */
  warnings: string[];
  /** Secrets that services and jobs refer to, by config key; unknown when read from a file. */
  secrets: Record<string, pulumi.Output<string>>;
}
