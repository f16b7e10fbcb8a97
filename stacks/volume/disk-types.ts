import { cpuNodes } from "../../catalog/cpu-nodes";
import { sharedDiskType } from "../../catalog/gke";
import type { ManagedPool } from "../../components/clouds/managed";
import type { Entry } from "../entry";
import type { PoolOf } from "../pool/placement";
import type { FileProblem } from "../problems";
import type { AnyCluster } from "../schema";
import { bytes } from "../../values/units";
import { mountsOf, type Volumes } from "./mounts";

/** Smallest Hyperdisk in GiB (docs/facts.md 2.11). */
const leastHyperdisk = 4;

/** Disks that not all machines take whose pods mount them: one of the pods would wait for ever. */
export function diskTypeProblems(
  file: string,
  cluster: AnyCluster,
  volumes: Volumes,
  entries: readonly Entry[],
  poolOf: PoolOf,
  pools: Readonly<Record<string, ManagedPool>>,
): FileProblem[] {
  if (cluster.kind !== "gke") return [];
  const machineOf = (entry: Entry): string | undefined => {
    const pool = poolOf(entry);
    if (pool !== undefined) return pools[pool]?.machine.name;
    const { gpus, pool: named } = entry.fields;
    return gpus > 0 || named !== undefined ? undefined : cpuNodes.gke.machine;
  };
  return Object.entries(volumes).flatMap(([name, volume]): FileProblem[] => {
    if (volume.kind !== "disk") return [];
    const users = entries
      .filter((entry) => mountsOf(entry).some((mount) => mount.volume === name))
      .map((entry) => ({ entry: entry.name, machine: machineOf(entry) }));
    const machines = users.flatMap(({ machine }) => machine ?? []);
    // An entry whose pool has a problem of its own has no machine yet.
    if (machines.length < users.length) return [];
    const at = { file, path: ["volumes", name, "disk"] };
    const type = sharedDiskType(machines.map((machine) => ({ name: machine })));
    if (type === undefined) {
      const parts = users.map(({ entry, machine }) => `${entry} on ${machine}`).join(", ");
      return [
        {
          ...at,
          problem: `no disk that all machines take whose pods mount it: ${parts}`,
          allowed: "machines that take the same disks",
          fix: "mount it on machines of one family, or use a bucket or a claim in its place",
        },
      ];
    }
    if (type !== "hyperdisk-balanced" || bytes(volume.size) >= leastHyperdisk * 1024 ** 3)
      return [];
    return [
      {
        ...at,
        problem: `smaller than a Hyperdisk, which is what ${machines[0]} takes`,
        allowed: `${leastHyperdisk}Gi or more`,
        fix: `raise it to ${leastHyperdisk}Gi`,
      },
    ];
  });
}
