import { fitOnCpus, isSlowOnCpus, runsOnCpus } from "./cpu-fit";
import { roomOf } from "./cpu-nodes";
import { fit, type FitDemand } from "./fit";
import type { Fit } from "./fit-result";
import {
  cpuMachines,
  machines,
  type GpuMachine,
  type Machine,
  type ManagedCloud,
} from "./machines";
import type { ModelShape } from "./model";

/** Machines of one kind that hold a model. */
export interface SuitableMachines {
  machine: Machine;
  fit: Fit;
  /** Machines that one replica takes. */
  count: number;
  /** USD per hour of all of them, on demand. @default no list price */
  usdPerHour?: number;
}

/** The most machines that a replica is given where no single one holds the model, and what their network must carry in Gbit/s. */
const [mostMachines, fastGbps] = [4, 400];

/** The three cheapest kinds of machines of a cloud that hold a model, those without a list price last; several together only where no single one holds it. */
export function machinesFor(
  model: ModelShape,
  demand: FitDemand,
  cloud: ManagedCloud,
): SuitableMachines[] {
  const single = [
    ...gpuMachinesFor(model, { ...demand, nodes: 1 }, cloud, () => true),
    ...cpuMachinesFor(model, demand, cloud),
  ];
  const { nodes = mostMachines } = demand;
  const found =
    single.length > 0 ? single : gpuMachinesFor(model, { ...demand, nodes }, cloud, hasFastNetwork);
  return found.sort(byPrice).filter(isFirstOfItsKind).slice(0, 3);
}

/** Whether no cheaper machine in the list gives as many GPUs of the same kind, or none either. */
function isFirstOfItsKind(one: SuitableMachines, at: number, all: SuitableMachines[]): boolean {
  const isAlike = ({ machine, fit: { gpus }, count }: SuitableMachines) =>
    machine.gpu === one.machine.gpu && gpus === one.fit.gpus && count === one.count;
  return all.findIndex(isAlike) === at;
}

function byPrice(a: SuitableMachines, b: SuitableMachines): number {
  return (
    compare(a.usdPerHour ?? Infinity, b.usdPerHour ?? Infinity) ||
    compare(a.count, b.count) ||
    compare(a.fit.gpus, b.fit.gpus) ||
    compare(a.machine.name, b.machine.name) ||
    compare(a.machine.gpusPerNode, b.machine.gpusPerNode)
  );
}

function gpuMachinesFor(
  model: ModelShape,
  demand: FitDemand,
  cloud: ManagedCloud,
  isUsable: (one: GpuMachine) => boolean,
): SuitableMachines[] {
  return machines
    .filter((one) => one.cloud === cloud && one.gpuFraction === 1 && !hasNoImage(one))
    .filter(isUsable)
    .flatMap((machine) => {
      const { fit: found } = fit(model, machine, demand);
      return found ? [suitable(machine, found)] : [];
    });
}

/** Whether machines of that kind can serve one model together: layers pass their results on over the network. */
function hasFastNetwork({ net = "" }: GpuMachine): boolean {
  return /InfiniBand|RoCE|GPUDirect/.test(net) || Number.parseInt(net) >= fastGbps;
}

/** Whether the cloud has no node image with the driver that the GPU needs (docs/facts.md 16.15). */
function hasNoImage({ cloud, gpu }: GpuMachine): boolean {
  return cloud === "eks" && gpu === "RTX-PRO-4500";
}

function cpuMachinesFor(
  model: ModelShape,
  demand: FitDemand,
  cloud: ManagedCloud,
): SuitableMachines[] {
  if (!runsOnCpus(model) || isSlowOnCpus(model) || demand.gpus) return [];
  return cpuMachines
    .filter((one) => one.cloud === cloud && one.arch === "amd64")
    .flatMap((machine) => {
      const { fit: found } = fitOnCpus(model, roomOf(cloud, machine).memoryMiB / 1024, demand);
      return found ? [suitable(machine, found)] : [];
    });
}

function suitable(machine: Machine, found: Fit): SuitableMachines {
  const { usdPerHour } = machine;
  const price = usdPerHour === undefined ? {} : { usdPerHour: usdPerHour * found.nodes };
  return { machine, fit: found, count: found.nodes, ...price };
}

/** Not a difference: that of two infinities is no number. */
export function compare<T extends number | string>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
