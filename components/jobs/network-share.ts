/** What a worker gets of so many things of a node: the share that goes with its GPUs, whole, and one at least. */
export function networkShare(ofNode: number, gpus: number, gpusPerNode: number): number {
  return Math.max(1, Math.floor((ofNode * gpus) / gpusPerNode));
}
