import { gpuMemoryGiB } from "../../catalog/gpus";
import {
  cheapestMachine,
  machine,
  machines,
  type Machine,
  type ManagedCloud,
} from "../../catalog/machines";
import { nothing, shown, type Fault } from "../faults";
import type { ManagedPoolFields } from "../schema";
import { nearest } from "../spelling";

/** Which machine a pool wants. */
export type Wanted = Pick<ManagedPoolFields, "gpu" | "machine" | "gpusPerNode">;

/** Why there is no such machine: a fault below the pool. */
export type MachineFault = Omit<Fault, "file" | "at"> & { key: keyof Wanted };

/** The machine that a pool's nodes are, or why there is none. */
export function machineOf(cloud: ManagedCloud, wanted: Wanted): Machine | MachineFault {
  const { gpu, machine: name, gpusPerNode } = wanted;
  if (gpu !== undefined && name !== undefined) {
    return {
      key: "machine",
      what: "never together with gpu",
      found: shown(name),
      allowed: "gpu or machine, one of both",
      remedy: `remove gpu for this machine, or remove machine for the cheapest one with a whole ${gpu}`,
    };
  }
  if (name !== undefined) return named(cloud, name, gpusPerNode);
  if (gpu !== undefined) return cheapest(cloud, gpu, gpusPerNode);
  return {
    key: "gpu",
    what: "missing",
    found: nothing,
    allowed: `${gpusOf(cloud).join(", ")}; or machine in its place`,
    remedy: "say what the nodes have, gpu: L4, or which machine they are, machine: <name>",
  };
}

function named(cloud: ManagedCloud, name: string, gpusPerNode?: number): Machine | MachineFault {
  const chosen = machine(cloud, name, gpusPerNode);
  if (chosen) return chosen;
  const counts = machines.filter((one) => one.cloud === cloud && one.name === name);
  if (counts.length > 0) return noSuchCount(counts, `the GPUs of a ${name}`, gpusPerNode);
  const known = machines.filter((one) => one.cloud === cloud).map((one) => one.name);
  const other = machines.find((one) => one.name === name);
  const meant = nearest(name, known);
  return {
    key: "machine",
    what: other ? `a machine of ${other.cloud}, not of ${cloud}` : "not a machine with NVIDIA GPUs",
    found: shown(name),
    allowed: `a machine of catalog/machines/${cloud}.ts, such as ${known[0]}`,
    remedy: other
      ? `write gpu: ${other.gpu} for the cheapest machine with it on every cloud`
      : meant
        ? `did you mean "${meant}"?`
        : "name the GPU instead: gpu: L4",
  };
}

function cheapest(
  cloud: ManagedCloud,
  gpu: keyof typeof gpuMemoryGiB,
  gpusPerNode?: number,
): Machine | MachineFault {
  const chosen = cheapestMachine(cloud, gpu, gpusPerNode);
  if (chosen) return chosen;
  const whole = machines.filter(
    (one) => one.cloud === cloud && one.gpu === gpu && one.gpuFraction === 1,
  );
  if (whole.length > 0)
    return noSuchCount(whole, `the ${gpu} in one machine of ${cloud}`, gpusPerNode);
  const memory = gpuMemoryGiB[gpu];
  const close = gpusOf(cloud)
    .filter((other) => gpuMemoryGiB[other] >= memory)
    .sort((a, b) => gpuMemoryGiB[a] - gpuMemoryGiB[b])[0];
  return {
    key: "gpu",
    what: `not offered on ${cloud}`,
    found: shown(gpu),
    allowed: gpusOf(cloud).join(", "),
    remedy: close
      ? `choose another one; the next with at least ${memory} GiB is ${close}`
      : "choose another one, or another cloud",
  };
}

function noSuchCount(
  candidates: readonly Machine[],
  what: string,
  gpusPerNode?: number,
): MachineFault {
  const counts = [...new Set(candidates.map((one) => one.gpusPerNode))].sort((a, b) => a - b);
  return {
    key: "gpusPerNode",
    what: "no machine with that many GPUs",
    found: shown(gpusPerNode),
    allowed: `${counts.join(", ")}: ${what}`,
    remedy: `choose one of these, or remove it for ${counts[0]}`,
  };
}

/** GPUs that a cloud has on some machine as a whole. */
function gpusOf(cloud: ManagedCloud) {
  const whole = machines.filter((one) => one.cloud === cloud && one.gpuFraction === 1);
  return [...new Set(whole.map(({ gpu }) => gpu))];
}
