import { z } from "zod";
import { systemMachines } from "../../catalog/cpu-nodes";
import { gpuMemoryGiB, type GpuName } from "../../catalog/gpus";
import {
  cheapestCpuMachine,
  cheapestMachine,
  cpuMachine,
  cpuMachines,
  machine,
  machines,
  type CpuMachine,
  type GpuMachine,
  type Machine,
  type ManagedCloud,
} from "../../catalog/machines";
import { gpuNames } from "../../values/cloud";
import { rules, type Explanation } from "../../values/rule";
import { readText } from "../../values/text";
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

/** The cheapest machine of a cloud without GPUs that has as much of both and the same processor. */
function cheapestLike({ vcpus, memoryGiB, arch }: CpuMachine, cloud: ManagedCloud) {
  const isEnough = (one: CpuMachine) => one.vcpus >= vcpus && one.memoryGiB >= memoryGiB;
  return cheapestCpuMachine(cloud, arch, isEnough);
}

/** What takes the place of another cloud's machine. */
export function insteadOf(of: Machine, cloud: ManagedCloud): string {
  if (of.gpu === undefined) {
    const like = cheapestLike(of, cloud);
    const size = `${of.vcpus} CPUs and ${of.memoryGiB} GiB`;
    return like
      ? `write machine: ${like.name}, the cheapest of ${cloud} with at least ${size}`
      : `choose another one; ${cloud} has none here with ${size}`;
  }
  const { gpu } = of;
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
  const gpus = machines.filter((one) => one.cloud === cloud).map(({ name }) => name);
  const cpus = cpuMachines.filter((one) => one.cloud === cloud).map(({ name }) => name);
  return z
    .string()
    .refine((name) => machine(cloud, name) ?? cpuMachine(cloud, name))
    .register(rules, {
      allowed: `a machine of catalog/machines/${cloud}.ts, such as ${gpus[0]}, or of cpu.ts, such as ${cpus[0]}`,
      example: gpus[0],
      explain: (found) =>
        ofAnotherCloud(found, cloud, [...machines, ...cpuMachines]) ?? {
          problem: "not a machine of the catalog",
          fix: meantOr(
            String(found),
            [...gpus, ...cpus],
            `name the GPU instead: gpu: L4, or one without GPUs, such as machine: ${systemMachines[cloud].name}`,
          ),
        },
    });
}

/** Machine of the cluster's own nodes, by name. */
export function systemMachine(cloud: ManagedCloud) {
  const known = cpuMachines.filter((one) => one.cloud === cloud).map(({ name }) => name);
  const usual = systemMachines[cloud].name;
  return readText(/^\S+$/, (name) => cpuMachine(cloud, name), {
    allowed: `a machine of ${cloud} in catalog/machines/cpu.ts, such as ${usual}`,
    example: usual,
    explain: (found) => {
      if (typeof found === "string" && machine(cloud, found)) {
        return {
          problem: "a machine with GPUs, for nodes whose pods need none",
          fix: "name one without, and put this one under pools",
        };
      }
      return (
        ofAnotherCloud(found, cloud, cpuMachines) ?? {
          problem: "not a machine without GPUs of the catalog",
          fix: meantOr(String(found), known, `write ${usual}`),
        }
      );
    },
  });
}

/** Why a machine of another cloud is none of this one; undefined where it is of no cloud. */
function ofAnotherCloud(
  found: unknown,
  cloud: ManagedCloud,
  known: readonly Machine[],
): Explanation | undefined {
  const other = known.find(({ name }) => name === found);
  if (!other) return undefined;
  return { problem: `a machine of ${other.cloud}, not of ${cloud}`, fix: insteadOf(other, cloud) };
}

/** Which machine a pool wants. */
type Wanted = Partial<Pick<GpuMachine, "gpu" | "gpusPerNode">> & { machine?: string };

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
          fix: `say what the nodes have, gpu: L4, or which machine they are, for example machine: ${systemMachines[cloud].name} for nodes without GPUs`,
        }
      : {
          path: ["machine"],
          problem: "never together with gpu",
          allowed: "gpu or machine, one of both",
          fix: `remove gpu for this machine, or remove machine for the cheapest one with a whole ${gpu}`,
        };
  }
  const withoutGpus = cpuMachine(cloud, name ?? "");
  if (withoutGpus) return gpusPerNode === undefined ? withoutGpus : noGpus(withoutGpus);
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

/** Why the nodes of such a machine have no number of GPUs. */
function noGpus({ name }: CpuMachine): Omit<Problem, "found"> {
  return {
    path: ["gpusPerNode"],
    problem: `${name} has no GPUs`,
    allowed: "nothing, for machines without GPUs",
    fix: "remove it",
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
