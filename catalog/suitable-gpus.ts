import { fit, type FitDemand } from "./fit";
import { gpuMemoryGiB, type GpuName } from "./gpus";
import type { ModelShape } from "./model";

/** GPUs of one machine that hold a model. */
export interface SuitableGpus {
  gpu: GpuName;
  count: number;
}

/** GPUs of one machine: only few machines have more. */
const mostGpus = 8;

/** The GPUs of the catalog that hold a model on one machine, those of least memory first. */
export function gpusFor(model: ModelShape, demand: FitDemand, most = 2): SuitableGpus[] {
  const suitable = Object.entries(gpuMemoryGiB).flatMap(([name, memory]) => {
    const target = { gpu: name, gpuMemoryGiB: memory, gpusPerNode: mostGpus };
    const found = fit(model, target, { ...demand, gpus: undefined, nodes: 1 }).fit;
    return found && isGpu(name) ? [{ gpu: name, count: found.gpus, gib: found.gpus * memory }] : [];
  });
  return suitable
    .sort((one, other) => one.gib - other.gib)
    .slice(0, most)
    .map(({ gpu, count }) => ({ gpu, count }));
}

function isGpu(name: string): name is GpuName {
  return Object.hasOwn(gpuMemoryGiB, name);
}
