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
          const isMeant = Number.isInteger(asSeconds) && within(asSeconds);
          return {
            problem: "unit missing",
            fix: isMeant
              ? `write ${asSeconds}s if seconds are meant`
              : `add the unit, for example ${example}`,
          };
        }
        if (typeof found !== "string") return undefined;
        const value = seconds(found);
        const near = value === undefined ? nearestDuration(found) : undefined;
        const meant = value ?? (near === undefined ? undefined : seconds(near));
        const problem = value === undefined ? "not a duration" : "out of range";
        if (meant !== undefined && !within(meant)) {
          const [bound, of] = meant < least ? [least, "shortest"] : [most, "longest"];
          return { problem, fix: `write ${duration(bound)} for the ${of} possible` };
        }
        return { problem, fix: `write ${near ?? `it like ${example}`}` };
      },
    },
  );
}

const cpuRule: Rule = {
  allowed: "cores above 0 (2, 0.5) or thousandths of a core (500m)",
  example: "500m",
  explain: (found) => {
    const text = typeof found === "string" ? found.trim() : JSON.stringify(found);
    const cores = /^(\d+(?:\.\d+)?)\s*(?:v?cpus?|cores?)$/i.exec(text);
    return {
      problem: Number.parseFloat(text) <= 0 ? "out of range" : "not an amount of CPU",
      fix: cores?.[1] ? `write ${cores[1]}` : "write 2 for two cores or 500m for half a core",
    };
  },
};

const cpuText = z.union([z.number(), z.string()]).register(rules, cpuRule);

/** CPU of one replica, in cores or thousandths of a core. */
export const cpuQuantity = cpuText
  .transform((found, context) => {
    const value = cpu(found);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", input: found, inst: cpuText });
    return z.NEVER;
  })
  .register(rules, cpuRule)
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
        if (Number(found) <= 0) return { problem: "out of range", fix: "write it like 8Gi" };
        return { problem: "unit missing", fix: `write ${found}Gi if gibibytes are meant` };
      }
      if (typeof found !== "string") return undefined;
      const near = nearestMemory(found);
      return {
        problem: memoryPattern.test(found) ? "out of range" : "not an amount of memory",
        fix: `write ${near.length > 0 && !memoryPattern.test(found) ? near.join(" or ") : "it like 8Gi"}`,
      };
    },
  },
);
