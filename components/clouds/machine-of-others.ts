import { millicores } from "../../catalog/cpu";
import {
  cheapestCpuMachine,
  machine,
  cpuMachine,
  machines,
  type Machine,
  type ManagedCloud,
} from "../../catalog/machines";
import type { Explanation } from "../../values/rule";
import { bytes, cpuPattern, nearestMemory } from "../../values/units";
import { insteadOf } from "./machine";

// Nodes as other tools and described pools have them, of which a pool that we make says the machine.

type Fields = Readonly<Record<string, unknown>>;

const unknown = "unknown key";
const named =
  /^(?:instance|machine|node|vm|server)[-_]?(?:types?|size|class|sku)$|^(?:sku|flavou?r)$/i;
const ofCpu = /^(?:v?cpus?|(?:v?cpu)?[-_]?cores?)$/i;
const ofMemory = /^(?:mem|memory|ram)(?:[-_]?gi?b)?$/i;

/** What to write for a key of a pool that says the machine, or its size, in the words of others. */
export function machineHint(
  cloud: ManagedCloud,
  key: string,
  pool: unknown,
): (Explanation & { meant: string }) | undefined {
  if (typeof pool !== "object" || pool === null) return undefined;
  const fields: Fields = { ...pool };
  // A pool without a machine is told that of its gpu.
  const words = { problem: unknown, meant: "gpu" };
  if (named.test(key)) return { ...words, fix: namedFix(cloud, fields[key]) };
  const isSize = key === "offers" || ofCpu.test(key) || ofMemory.test(key);
  return isSize ? { ...words, fix: sizeFix(cloud, fields) } : undefined;
}

function namedFix(cloud: ManagedCloud, value: unknown): string {
  const name: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof name !== "string") return "write machine";
  if (machine(cloud, name) ?? cpuMachine(cloud, name)) return `write machine: ${name}`;
  const other = (["gke", "eks", "aks"] as const).flatMap((of): Machine[] =>
    [machine(of, name) ?? cpuMachine(of, name) ?? []].flat(),
  )[0];
  return other
    ? insteadOf(other, cloud)
    : "write machine, with the name of a machine of the catalog";
}

/** The cheapest machine with as much CPU and memory as the keys say, and with the GPU if there is one. */
function sizeFix(cloud: ManagedCloud, { offers, ...pool }: Fields): string {
  const given = Object.entries({
    ...pool,
    ...(typeof offers === "object" && offers !== null && offers),
  });
  const cpus = Math.ceil(
    Number(given.flatMap(([key, of]) => (ofCpu.test(key) ? cores(of) : []))[0] ?? 0),
  );
  const memory = given.flatMap(([key, of]) => (ofMemory.test(key) ? gibibytes(of) : []))[0] ?? 0;
  const isEnough = (one: Machine) => one.vcpus >= cpus && one.memoryGiB >= memory;
  const size = [cpus > 0 ? `${cpus} CPUs` : [], memory > 0 ? `${memory} GiB` : []]
    .flat()
    .join(" and ");
  if (size === "") return "write machine, with the name of a machine of the catalog";
  const { gpu } = pool;
  const found =
    gpu === undefined
      ? cheapestCpuMachine(cloud, "amd64", isEnough)
      : machines
          .filter((one) => one.cloud === cloud && one.gpu === gpu && isEnough(one))
          // Who names a GPU wants a whole one, and a part of one where no machine has it.
          .sort(
            (a, b) =>
              Number(a.gpuFraction < 1) - Number(b.gpuFraction < 1) ||
              (a.usdPerHour ?? Infinity) - (b.usdPerHour ?? Infinity),
          )[0];
  if (!found) return `write machine in its place; the catalog has none of ${cloud} with ${size}`;
  const instead = gpu === undefined ? "" : " in place of gpu";
  return `write machine: ${found.name}${instead}, the cheapest of ${cloud} with at least ${size}`;
}

function cores(value: unknown): number | [] {
  const text = String(value);
  return cpuPattern.test(text) ? millicores(text) / 1000 : [];
}

function gibibytes(value: unknown): number | [] {
  if (typeof value === "number") return value;
  const text = String(value);
  const [amount = text] = nearestMemory(text).slice(-1);
  const found = bytes(amount) / 1024 ** 3;
  return found > 0 ? Math.ceil(found * 10) / 10 : [];
}
