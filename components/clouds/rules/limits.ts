import type { ManagedCloud } from "../../../catalog/machines";
import { aksLimits } from "../aks/limits";
import { eksLimits } from "../eks/limits";
import { gkeLimits } from "../gke/limits";
import type { CloudLimits } from "../limits";

/** What each cloud takes. */
export const limits: Readonly<Record<ManagedCloud, CloudLimits>> = {
  gke: gkeLimits,
  eks: eksLimits,
  aks: aksLimits,
};
