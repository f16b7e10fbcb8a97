import { z } from "zod";
import { rules, type Rule } from "./rule";
import { readText } from "./text";
import {
  cpu,
  cpuPattern,
  duration,
  durationPattern,
  isMemory,
  memoryPattern,
  nearestDuration,
  nearestMemory,
  seconds,
} from "./units";

/** A whole number within bounds. */
export function count(least: number, most: number, explain?: Rule["explain"]) {
  return z
    .int()
    .min(least)
    .max(most)
    .register(rules, {
      allowed: `a whole number from ${least} to ${most}`,
      example: `${least}`,
      explain,
    });
}

/** A duration within bounds, in seconds. */
export function time(least: number, most: number, example: string) {
  const within = (value: number) => value >= least && value <= most;
  return readText(
    durationPattern,
    (found) => {
      const value = seconds(found);
      return value !== undefined && within(value) ? value : undefined;
    },
    {
      allowed: `a duration from ${duration(least)} to ${duration(most)}: a whole number with s, m or h`,
      example,
      explain: (found) => {
        if (
          typeof found === "number" ||
          (typeof found === "string" && /^\d+(\.\d+)?$/.test(found))
        ) {
          const asSeconds = Number(found);
          const remedy = Number.isInteger(asSeconds) && within(asSeconds);
          return {
            what: "unit missing",
            remedy: remedy
              ? `write ${asSeconds}s if seconds are meant`
              : `add the unit, for example ${example}`,
          };
        }
        if (typeof found !== "string") return undefined;
        const value = seconds(found);
        const near = value === undefined ? nearestDuration(found) : undefined;
        const meant = value ?? (near === undefined ? undefined : seconds(near));
        const what = value === undefined ? "not a duration" : "out of range";
        if (meant !== undefined && !within(meant)) {
          const [bound, of] = meant < least ? [least, "shortest"] : [most, "longest"];
          return { what, remedy: `write ${duration(bound)} for the ${of} possible` };
        }
        return { what, remedy: `write ${near ?? `it like ${example}`}` };
      },
    },
  );
}

/** CPU of one replica, in cores or thousandths of a core. */
export const cpuQuantity = z
  .union([z.number(), z.string()])
  .transform((found, context) => {
    const value = cpu(found);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: "not an amount of CPU" });
    return z.NEVER;
  })
  .register(rules, {
    allowed: "cores above 0 (2, 0.5) or thousandths of a core (500m)",
    example: "500m",
    explain: (found) => {
      const text = typeof found === "string" ? found.trim() : JSON.stringify(found);
      const cores = /^(\d+(?:\.\d+)?)\s*(?:v?cpus?|cores?)$/i.exec(text);
      const remedy = cores?.[1]
        ? `write ${cores[1]}`
        : "write 2 for two cores or 500m for half a core";
      return {
        what: Number.parseFloat(text) <= 0 ? "out of range" : "not an amount of CPU",
        remedy,
      };
    },
  })
  .meta({ pattern: cpuPattern.source, examples: ["500m", 2] });

/** Memory of one replica, as Kubernetes writes it. */
export const memoryQuantity = readText(
  memoryPattern,
  (found) => (isMemory(found) ? found : undefined),
  {
    allowed:
      "an amount above 0 with its unit: Ki, Mi, Gi, Ti (powers of 1024) or k, M, G, T (powers of 1000)",
    example: "8Gi",
    explain: (found) => {
      if (typeof found === "number" || (typeof found === "string" && /^\d+(\.\d+)?$/.test(found))) {
        if (Number(found) <= 0) return { what: "out of range", remedy: "write it like 8Gi" };
        return { what: "unit missing", remedy: `write ${found}Gi if gibibytes are meant` };
      }
      if (typeof found !== "string") return undefined;
      const near = nearestMemory(found);
      return {
        what: memoryPattern.test(found) ? "out of range" : "not an amount of memory",
        remedy: `write ${near.length > 0 && !memoryPattern.test(found) ? near.join(" or ") : "it like 8Gi"}`,
      };
    },
  },
);
