import { millicores } from "../../catalog/cpu";
import { fuseRequests } from "../../components/clouds/gke/bucket-volume";
import { shipperRequests, waiterRequests } from "../../components/serving/log-shipping";
import { fetcherRequests } from "../../components/serving/model-updates";
import { defaultRequests } from "../../components/workload/container";
import { sidecarRequests } from "../../components/workload/sidecar-containers";
import { bytes } from "../../values/units";

/** All that a demand is made of. */
export const resources = ["gpus", "cpu", "memory", "pods"] as const;

/** What pods ask for together: GPUs, thousandths of a core, bytes of memory, and the pods themselves. */
export type Demand = Record<(typeof resources)[number], number>;

/** What one container asks for. */
interface Requests {
  cpu?: string;
  memory?: string;
}

/** What decides how much one pod of an entry asks for. */
export interface PodFields extends Requests {
  gpus: number;
  initContainers?: readonly Requests[];
  sidecars: Readonly<Record<string, Requests>>;
  modelUpdates?: object;
  logs?: object;
}

/** What one pod of an entry asks for, with its sidecar containers; GKE injects one where it mounts a bucket. */
export function podDemand(entry: PodFields, injectedSidecar: boolean): Demand {
  const containers = [
    { ...defaultRequests, ...said(entry) },
    ...Object.values(entry.sidecars).map((sidecar) => ({ ...sidecarRequests, ...said(sidecar) })),
    ...(entry.modelUpdates ? [fetcherRequests] : []),
    ...(entry.logs ? [shipperRequests, waiterRequests] : []),
    ...(injectedSidecar ? [fuseRequests] : []),
  ];
  // Init containers run before the main container and its sidecars, beside ours.
  const ours = containers.slice(1 + Object.keys(entry.sidecars).length);
  const first = (entry.initContainers ?? []).map((of) => [
    { ...defaultRequests, ...said(of) },
    ...ours,
  ]);
  const most = (of: (requests: Required<Requests>) => number) =>
    Math.max(...[containers, ...first].map((all) => all.reduce((sum, one) => sum + of(one), 0)));
  return {
    gpus: entry.gpus,
    cpu: most(({ cpu }) => millicores(cpu)),
    memory: most(({ memory }) => bytes(memory)),
    pods: 1,
  };
}

function said({ cpu, memory }: Requests): Requests {
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
}

/** What pods of several kinds ask for together. */
export function total(groups: readonly { demand: Demand; count: number }[]): Demand {
  const sum = (of: keyof Demand) =>
    groups.reduce((all, { demand, count }) => all + demand[of] * count, 0);
  return { gpus: sum("gpus"), cpu: sum("cpu"), memory: sum("memory"), pods: sum("pods") };
}

/** A quota as a stack file has it; what is left out has no bound. */
export interface Quota extends Requests {
  gpus?: number;
  pods?: number;
}

/** Bounds of a quota in the units of {@link Demand}; what it leaves out is unbounded. */
export function boundsOf({ gpus = Infinity, cpu, memory, pods = Infinity }: Quota): Demand {
  return {
    gpus,
    cpu: cpu === undefined ? Infinity : millicores(cpu),
    memory: memory === undefined ? Infinity : bytes(memory),
    pods,
  };
}

/** How many more pods of this demand a quota takes beside what is there; without a bound, as many as one likes. */
export function slotsUnder(quota: Quota, there: Demand, pod: Demand): number {
  const bounds = boundsOf(quota);
  const slots = resources
    .filter((of) => pod[of] > 0)
    .map((of) => Math.floor((bounds[of] - there[of]) / pod[of]));
  return Math.max(0, Math.min(...slots));
}
