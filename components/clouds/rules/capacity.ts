import { machines } from "../../../catalog/machines";
import type { CapacityType } from "../managed";
import type { Rule } from "./rule";

/** Rules of every cloud about where the nodes of a pool come from. */
export const capacityRules: readonly Rule[] = [
  {
    id: "COMMON-12",
    about: "capacity that the machine is not sold as, none at all, or a type given twice",
    facts: "1.5",
    pool: ({ capacity }) => {
      if (capacity.length === 0) {
        return {
          path: ["capacity"],
          problem: "no capacity type: nodes would come from nowhere",
          found: "[]",
          allowed: "at least one capacity type",
          fix: "write [on-demand], or remove the key",
        };
      }
      const shown = capacity.map(shownCapacity);
      return shown.flatMap((text, at) => {
        const first = shown.indexOf(text);
        if (first === at) return [];
        return [
          {
            path: ["capacity", at],
            problem: "capacity type given twice",
            found: text,
            allowed: "each capacity type once",
            fix: `remove it; capacity[${first}] is the same`,
          },
        ];
      });
    },
    capacity: (type, { machine }) => {
      const { cloud, gpu, name, soldOnlyAs } = machine;
      if (soldOnlyAs === undefined || soldOnlyAs.includes(type.kind)) return undefined;
      const others = machines.filter(
        (one) =>
          one.cloud === cloud &&
          one.gpu === gpu &&
          one.gpuFraction === 1 &&
          (one.soldOnlyAs?.includes(type.kind) ?? true),
      );
      const sold = others.map((one) => `${one.name} (${one.gpusPerNode} GPUs)`).join(", ");
      const reservations: readonly string[] = ["reserved", "block"];
      return {
        path: [],
        problem: `not how ${name} is sold`,
        found: shownCapacity(type),
        allowed: soldOnlyAs
          .map((kind) => (reservations.includes(kind) ? `{ ${kind} }` : kind))
          .join(", "),
        fix: `write one of these${sold && `, or choose a machine that is sold like this: ${sold}`}`,
      };
    },
  },
  {
    id: "COMMON-19",
    about: "a reservation outside the zones of its pool",
    facts: "2.6, 3.9",
    capacity: (type, pool, cluster) => {
      const zones = pool.zones ?? cluster.zones;
      const zone = "zone" in type ? type.zone : undefined;
      if (zone === undefined || zones === undefined || zones.includes(zone)) return undefined;
      return {
        path: ["zone"],
        problem: "not a zone of this pool",
        found: JSON.stringify(zone),
        allowed: zones.join(", "),
        fix: `add ${zone} to the zones of the pool, or name a reservation in one of them`,
      };
    },
  },
  {
    id: "COMMON-20",
    about: "nodes that always run, from capacity that the cloud takes back",
    facts: "2.7, 8.5",
    pool: ({ capacity, nodes: { min } }) =>
      min === 0 || capacity.some(({ kind }) => kind !== "spot" && kind !== "flex-start")
        ? undefined
        : {
            path: ["nodes", "min"],
            problem: "nodes that always run, from capacity that the cloud takes back",
            found: String(min),
            allowed: "any number; only on-demand, reserved and block keep it",
            fix: "add on-demand as the last capacity type, or lower min to 0",
            warning: true,
          },
  },
];

/** A capacity type as the stack file has it. */
function shownCapacity(type: CapacityType): string {
  if (type.kind !== "reserved" && type.kind !== "block") return JSON.stringify(type.kind);
  const { kind, reservation, ...place } = type;
  return JSON.stringify({ [kind]: reservation, ...place });
}
