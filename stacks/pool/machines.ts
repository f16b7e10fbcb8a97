import { gpuMemoryGiB } from "../../catalog/gpus";
import {
  cheapestMachine,
  machine,
  machines,
  type Machine,
  type ManagedCloud,
} from "../../catalog/machines";
import type { Problem } from "../../components/problem";
import { shown } from "../problems";
import { nothing } from "../words";
import type { ManagedPoolFields } from "../schema";
import { nearest } from "../../components/spelling";

/** Which machine a pool wants. */
export type Wanted = Pick<ManagedPoolFields, "gpu" | "machine" | "gpusPerNode">;

/** The machine that a pool's nodes are, or why there is none, by its way from the pool. */
export function machineOf(cloud: ManagedCloud, wanted: Wanted): Machine | Problem {
  const { gpu, machine: name, gpusPerNode } = wanted;
  if (gpu !== undefined && name !== undefined) {
    return {
      path: ["machine"],
      problem: "never together with gpu",
      found: shown(name),
      allowed: "gpu or machine, one of both",
      fix: `remove gpu for this machine, or remove machine for the cheapest one with a whole ${gpu}`,
    };
  }
  if (name !== undefined) return named(cloud, name, gpusPerNode);
  if (gpu !== undefined) return cheapest(cloud, gpu, gpusPerNode);
  return {
    path: ["gpu"],
    problem: "missing",
    found: nothing,
    allowed: `${gpusOf(cloud).join(", ")}; or machine in its place`,
    fix: "say what the nodes have, gpu: L4, or which machine they are, machine: <name>",
  };
}

function named(cloud: ManagedCloud, name: string, gpusPerNode?: number): Machine | Problem {
  const chosen = machine(cloud, name, gpusPerNode);
  if (chosen) return chosen;
  const counts = machines.filter((one) => one.cloud === cloud && one.name === name);
  if (counts.length > 0) return noSuchCount(counts, `the GPUs of a ${name}`, gpusPerNode);
  const known = machines.filter((one) => one.cloud === cloud).map((one) => one.name);
  const other = machines.find((one) => one.name === name);
  const meant = nearest(name, known);
  return {
    path: ["machine"],
    problem: other
      ? `a machine of ${other.cloud}, not of ${cloud}`
      : "not a machine with NVIDIA GPUs",
    found: shown(name),
    allowed: `a machine of catalog/machines/${cloud}.ts, such as ${known[0]}`,
    fix: other
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
): Machine | Problem {
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
    path: ["gpu"],
    problem: `not offered on ${cloud}`,
    found: shown(gpu),
    allowed: gpusOf(cloud).join(", "),
    fix: close
      ? `choose another one; the next with at least ${memory} GiB is ${close}`
      : "choose another one, or another cloud",
  };
}

function noSuchCount(candidates: readonly Machine[], what: string, gpusPerNode?: number): Problem {
  const counts = [...new Set(candidates.map((one) => one.gpusPerNode))].sort((a, b) => a - b);
  return {
    path: ["gpusPerNode"],
    problem: "no machine with that many GPUs",
    found: shown(gpusPerNode),
    allowed: `${counts.join(", ")}: ${what}`,
    fix: `choose one of these, or remove it for ${counts[0]}`,
  };
}

/** GPUs that a cloud has on some machine as a whole. */
function gpusOf(cloud: ManagedCloud) {
  const whole = machines.filter((one) => one.cloud === cloud && one.gpuFraction === 1);
  return [...new Set(whole.map(({ gpu }) => gpu))];
}
