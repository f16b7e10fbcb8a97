import { defaultRequests } from "../components/workload/resources";
import { bytes, millicores } from "./values/units";

/** What pods ask for together: GPUs, thousandths of a core, bytes of memory, and the pods themselves. */
export interface Demand {
  gpus: number;
  cpu: number;
  memory: number;
  pods: number;
}

/** What one pod of an entry asks for. */
export interface PodDemand {
  gpus?: number;
  cpu?: string;
  memory?: string;
}

/** What so many pods of an entry ask for. */
export function demandOf({ gpus = 0, cpu, memory }: PodDemand, pods: number): Demand {
  return {
    gpus: gpus * pods,
    cpu: millicores(cpu ?? defaultRequests.cpu) * pods,
    memory: bytes(memory ?? defaultRequests.memory) * pods,
    pods,
  };
}

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
export function roomUnder(quota: Quota, there: Demand, pod: Demand): number {
  const bounds = boundsOf(quota);
  const rooms = resources.flatMap((of) => {
    const bound = bounds[of];
    return bound === undefined || pod[of] === 0 ? [] : [Math.floor((bound - there[of]) / pod[of])];
  });
  return Math.max(0, Math.min(...rooms));
}

const resources = ["gpus", "cpu", "memory", "pods"] as const;
