import type { z } from "zod";
import { millicores } from "../../catalog/cpu";
import type { DescribedPool } from "../../components/cluster/described-pool";
import { bytes } from "../../values/units";
import type { describedPool } from "./schema";

/** A pool of an existing cluster as its component takes it. */
export function describedArgs({
  gpuMemory,
  offers,
  ...pool
}: z.output<typeof describedPool>): DescribedPool {
  return {
    ...pool,
    ...(gpuMemory !== undefined && { gpuMemoryGiB: bytes(gpuMemory) / 1024 ** 3 }),
    ...(offers && {
      room: {
        millicores: millicores(offers.cpu),
        memoryMiB: Math.floor(bytes(offers.memory) / 1024 ** 2),
      },
    }),
  };
}

/** The pools of an existing cluster by name, as their component takes them. */
export function allDescribed(
  pools: Readonly<Record<string, z.output<typeof describedPool>>>,
): Record<string, DescribedPool> {
  return Object.fromEntries(
    Object.entries(pools).map(([name, pool]) => [name, describedArgs(pool)]),
  );
}
