import { cpuNodes } from "../../catalog/cpu-nodes";
import { sharedDiskType } from "../../catalog/gke-disks";
import type { ManagedPool } from "../../components/clouds/managed";
import { shown, type Fault } from "../faults";
import { bytes } from "../values/units";
import type { Entry } from "./entry";
import type { ReadMount } from "./mounts";
import { cloudOf } from "./pools";
import type { ReadVolume } from "./volumes";

/** Smallest Hyperdisk in GiB (docs/facts.md 2.11). */
const leastHyperdisk = 4;

/** Disks that not all machines take whose pods mount them: one of the pods would wait for ever. */
export function diskTypeFaults(
  file: string,
  cluster: unknown,
  volumes: readonly ReadVolume[],
  mounts: readonly ReadMount[],
  poolOf: (entry: Entry) => string | undefined,
  pools: Readonly<Record<string, ManagedPool>>,
): Fault[] {
  if (cloudOf(cluster) !== "gke") return [];
  return volumes.flatMap((volume): Fault[] => {
    const users = [
      ...new Set(mounts.filter((it) => it.volume === volume.name).map((it) => it.entry)),
    ];
    if (volume.kind !== "disk" || users.some((entry) => isUnclear(entry, poolOf(entry), pools))) {
      return [];
    }
    const machines = users.map((entry) => machineName(poolOf(entry), pools));
    const at = ["volumes", volume.name, "disk"];
    const found = shown(volume.of);
    const type = sharedDiskType(machines.map((name) => ({ name })));
    if (type === undefined) {
      return [
        {
          ...{ file, at, found },
          what: `no disk that all machines take whose pods mount it: ${parts(users, machines)}`,
          allowed: "machines that take the same disks",
          remedy: "mount it on machines of one family, or use a bucket or a claim in its place",
        },
      ];
    }
    if (type !== "hyperdisk-balanced" || bytes(volume.of) >= leastHyperdisk * 1024 ** 3) return [];
    return [
      {
        ...{ file, at, found },
        what: `smaller than a Hyperdisk, which is what ${machines[0]} takes`,
        allowed: `${leastHyperdisk}Gi or more`,
        remedy: `raise it to ${leastHyperdisk}Gi`,
      },
    ];
  });
}

/** Whether it cannot be told which machine an entry runs on. */
function isUnclear(
  { broken, fields: { gpus = 0 } }: Entry,
  pool: string | undefined,
  pools: Readonly<Record<string, ManagedPool>>,
): boolean {
  if (broken.has("pool") || broken.has("gpus")) return true;
  return pool === undefined ? gpus > 0 : pools[pool] === undefined;
}

function machineName(
  pool: string | undefined,
  pools: Readonly<Record<string, ManagedPool>>,
): string {
  return (pool === undefined ? undefined : pools[pool]?.machine.name) ?? cpuNodes.gke.machine;
}

function parts(users: readonly Entry[], machines: readonly string[]): string {
  return users.map(({ name }, at) => `${name} on ${machines[at]}`).join(", ");
}
