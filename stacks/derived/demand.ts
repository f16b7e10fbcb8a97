import { fuseRequests } from "../../components/clouds/gke/bucket-volume";
import { shipperRequests, waiterRequests } from "../../components/serving/log-shipping";
import { fetcherRequests } from "../../components/serving/model-updates";
import { defaultRequests } from "../../components/workload/container";
import { sidecarRequests } from "../../components/workload/sidecar-containers";
import type { Entry } from "../entry";
import { bytes, millicores } from "../../values/units";

/** What pods ask for together: GPUs, thousandths of a core, bytes of memory, and the pods themselves. */
export interface Demand {
  gpus: number;
  cpu: number;
  memory: number;
  pods: number;
}

/** All that a demand is made of. */
export const resources = ["gpus", "cpu", "memory", "pods"] as const;

/** What one container asks for. */
interface ContainerDemand {
  gpus?: number;
  cpu?: string;
  memory?: string;
}

/** What one pod of an entry asks for. */
export interface PodDemand extends ContainerDemand {
  sidecars?: Readonly<Record<string, ContainerDemand>>;
  modelUpdates?: object;
  logs?: object;
  /** Whether it mounts a bucket on GKE, which injects a sidecar for it. @default false */
  injectedSidecar?: boolean;
}

/** What so many containers ask for, each in a pod of its own. */
function demandOfContainer(
  { gpus = 0, cpu, memory }: ContainerDemand,
  pods: number,
  byDefault: { cpu: string; memory: string } = defaultRequests,
): Demand {
  return {
    gpus: gpus * pods,
    cpu: millicores(cpu ?? byDefault.cpu) * pods,
    memory: bytes(memory ?? byDefault.memory) * pods,
    pods,
  };
}

/** What so many pods of an entry ask for, with their sidecar containers. */
export function demandOf(pod: PodDemand, pods: number): Demand {
  const { sidecars = {}, modelUpdates, logs, injectedSidecar = false } = pod;
  const ours = [
    ...(modelUpdates ? [fetcherRequests] : []),
    ...(logs ? [shipperRequests, waiterRequests] : []),
    ...(injectedSidecar ? [fuseRequests] : []),
  ];
  const containers = [
    ...[pod, ...ours].map((one) => demandOfContainer(one, pods)),
    ...Object.values(sidecars).map((one) => demandOfContainer(one, pods, sidecarRequests)),
  ];
  return { ...total(containers), pods };
}

/** What so many pods of an entry of the stack ask for. */
export type DemandOf = (entry: Entry, pods: number) => Demand;

/** A quota as a stack file has it; what is left out has no bound. */
export interface Quota {
  gpus?: number;
  cpu?: string;
  memory?: string;
  pods?: number;
}

/** Bounds of a quota in the units of {@link Demand}. */
export function boundsOf({ gpus, cpu, memory, pods }: Quota): Partial<Demand> {
  return {
    ...(gpus !== undefined && { gpus }),
    ...(cpu !== undefined && { cpu: millicores(cpu) }),
    ...(memory !== undefined && { memory: bytes(memory) }),
    ...(pods !== undefined && { pods }),
  };
}

/** Everything that is asked for, in one. */
export function total(demands: readonly Demand[]): Demand {
  const sum = (of: keyof Demand) => demands.reduce((all, demand) => all + demand[of], 0);
  return { gpus: sum("gpus"), cpu: sum("cpu"), memory: sum("memory"), pods: sum("pods") };
}

/** What a demand has more than a quota bounds. */
export function beyond(quota: Quota, demand: Demand): (keyof Demand)[] {
  const bounds = boundsOf(quota);
  return resources.filter((of) => demand[of] > (bounds[of] ?? Infinity));
}

/** How many more pods of this demand a quota takes beside what is there; without a bound, as many as one likes. */
export function slotsUnder(quota: Quota, there: Demand, pod: Demand): number {
  const bounds = boundsOf(quota);
  const slots = resources.flatMap((of) => {
    const bound = bounds[of];
    return bound === undefined || pod[of] === 0 ? [] : [Math.floor((bound - there[of]) / pod[of])];
  });
  return Math.max(0, Math.min(...slots));
}
