import { cpuNodes } from "../../../catalog/cpu-nodes";

/** Machine of nodes without GPUs, whose temporary disk holds the system's. */
export const plainMachine = cpuNodes.aks.machine;

/** Name of the pool that a cluster is made with. */
export const systemPoolName = "system";

/** Nodes of the cluster's own pods. */
export const systemNodes = { min: 2, max: 5 } as const;
/** Nodes of pods without GPUs, unless said otherwise. */
export const plainNodes = { min: 1, max: 10 } as const;
/** Nodes that an upgrade of one of these pools adds. */
export const upgradeSurge = 1;

/** Most nodes without GPUs that a cluster has while both of their pools are upgraded. */
export const mostPlainNodes = systemNodes.max + plainNodes.max + 2 * upgradeSurge;

/** Zones of nodes without GPUs where the file names none. */
export const regionZones: readonly string[] = ["1", "2", "3"];
