import { autoPools, systemClass, systemPools, type AutoPool } from "./auto-pools";
import type { GroupPlanArgs } from "./group-plan";
import { subnetZones } from "./zones";

/** What a NodeClass says beyond what all of them do. */
export type ClassSettings = Pick<AutoPool, "nodeClass" | "diskGiB" | "reservations" | "placedWith">;

/** What Auto Mode is asked for, before anything is made. */
export interface AutoPlan {
  /** NodePools without GPUs. */
  system: Pick<AutoPool, "name" | "spec">[];
  /** NodePools with GPUs. */
  gpu: AutoPool[];
  /** NodeClasses of both. */
  classes: ClassSettings[];
  /** Zones of all nodes. */
  zones: string[];
}

/** Plans the NodePools of a cluster and their NodeClasses, each class once. */
export function autoPlan({ system, zones, pools }: GroupPlanArgs): AutoPlan {
  const gpu = Object.entries(pools).flatMap(([name, pool]) => autoPools(name, pool, zones));
  const all: ClassSettings[] = [{ nodeClass: systemClass, diskGiB: 80, reservations: [] }, ...gpu];
  return {
    system: systemPools(system, zones),
    gpu,
    classes: all.filter(
      ({ nodeClass }, at) => all.findIndex((other) => other.nodeClass === nodeClass) === at,
    ),
    zones: subnetZones(zones, pools),
  };
}
