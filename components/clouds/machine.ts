import { z } from "zod";
import { gpuMemoryGiB, type GpuName } from "../../catalog/gpus";
import {
  cheapestMachine,
  machine,
  machines,
  type Machine,
  type ManagedCloud,
} from "../../catalog/machines";
import { gpuNames } from "../../values/cloud";
import { rules } from "../../values/rule";
import type { Problem } from "../problem";
import { meantOr } from "../spelling";

/** GPUs that a cloud has on some machine as a whole. */
function offeredOn(cloud: ManagedCloud): GpuName[] {
  const whole = machines.filter((one) => one.cloud === cloud && one.gpuFraction === 1);
  return [...new Set(whole.map(({ gpu }) => gpu))];
}

/** The GPU of a cloud with as much memory as that one, or a little more; undefined: it has none. */
function nextOn(cloud: ManagedCloud, wanted: GpuName): GpuName | undefined {
  const [close] = offeredOn(cloud)
    .filter((other) => gpuMemoryGiB[other] >= gpuMemoryGiB[wanted])
    .sort((a, b) => gpuMemoryGiB[a] - gpuMemoryGiB[b]);
  return close;
}

/** What takes the place of another cloud's machine. */
function insteadOf({ gpu }: Machine, cloud: ManagedCloud): string {
  if (offeredOn(cloud).includes(gpu)) {
    return `write gpu: ${gpu} for the cheapest machine with it on every cloud`;
  }
  const close = nextOn(cloud, gpu);
  return close
    ? `write gpu: ${close}, the next that ${cloud} has with at least ${gpuMemoryGiB[gpu]} GiB; it has no ${gpu}`
    : `choose another one; ${cloud} has no ${gpu} and none with as much memory`;
}

/** GPU of a cloud, for a pool's nodes. */
export function gpuOf(cloud: ManagedCloud) {
  const offered = offeredOn(cloud);
  return z.enum(offered).register(rules, {
    allowed: offered.join(", "),
    example: offered[0],
    explain: (found) => {
      const wanted = gpuNames.find((known) => known === found);
      if (wanted === undefined) return undefined;
      const close = nextOn(cloud, wanted);
      return {
        problem: `not offered on ${cloud}`,
        fix: close
          ? `choose another one; the next with at least ${gpuMemoryGiB[wanted]} GiB is ${close}`
          : "choose another one, or another cloud",
      };
    },
  });
}

/** Name of a machine of the catalog. */
export function machineName(cloud: ManagedCloud) {
  const known = machines.filter((one) => one.cloud === cloud).map(({ name }) => name);
  return z
    .string()
    .refine((name) => machine(cloud, name) !== undefined)
    .register(rules, {
      allowed: `a machine of catalog/machines/${cloud}.ts, such as ${known[0]}`,
      example: known[0],
      explain: (found) => {
        if (typeof found !== "string") return undefined;
        const other = machines.find(({ name }) => name === found);
        if (other) {
          return {
            problem: `a machine of ${other.cloud}, not of ${cloud}`,
            fix: insteadOf(other, cloud),
          };
        }
        const fix = meantOr(found, known, "name the GPU instead: gpu: L4");
        return { problem: "not a machine with NVIDIA GPUs", fix };
      },
    });
}

/** Which machine a pool wants. */
type Wanted = Partial<Pick<Machine, "gpu" | "gpusPerNode">> & { machine?: string };

/** The machine that a pool's nodes are: the one it names, or the cheapest with its GPU; or why there is none. */
function machineOf(
  cloud: ManagedCloud,
  { gpu, machine: name, gpusPerNode }: Wanted,
): Machine | Omit<Problem, "found"> {
  if ((gpu === undefined) === (name === undefined)) {
    return gpu === undefined
      ? {
          path: ["gpu"],
          problem: "missing",
          allowed: "one of gpu and machine",
          fix: "say what the nodes have, gpu: L4, or which machine they are, machine: <name>",
        }
      : {
          path: ["machine"],
          problem: "never together with gpu",
          allowed: "gpu or machine, one of both",
          fix: `remove gpu for this machine, or remove machine for the cheapest one with a whole ${gpu}`,
        };
  }
  const chosen = gpu
    ? cheapestMachine(cloud, gpu, gpusPerNode)
    : machine(cloud, name ?? "", gpusPerNode);
  if (chosen) return chosen;
  const counts = machines
    .filter((one) => one.cloud === cloud && (gpu ? one.gpu === gpu : one.name === name))
    .flatMap((one) => (gpu && one.gpuFraction < 1 ? [] : [one.gpusPerNode]))
    .sort((a, b) => a - b);
  return {
    path: ["gpusPerNode"],
    problem: "no machine with that many GPUs",
    allowed: `${[...new Set(counts)].join(", ")}: GPUs of ${name ?? `one machine of ${cloud} with ${gpu}`}`,
    fix: `choose one of these, or remove it for ${counts[0]}`,
  };
}

/** Reads a pool of a file into the argument of a component: its machine is one of the catalog. */
export function withMachine(cloud: ManagedCloud) {
  return <Fields extends Wanted & { disk?: number }>(
    { gpu, machine: name, gpusPerNode, disk, ...pool }: Fields,
    context: z.core.$RefinementCtx,
  ) => {
    const found = machineOf(cloud, { gpu, machine: name, gpusPerNode });
    if ("problem" in found) {
      context.addIssue({ code: "custom", path: [...found.path], params: { ...found } });
      return z.NEVER;
    }
    return { ...pool, machine: found, ...(disk !== undefined && { diskGiB: disk }) };
  };
}
