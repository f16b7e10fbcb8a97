import { z } from "zod";
import { rules, type Rule } from "./rule";
import { readFrom, readText } from "./text";
import {
  cpu,
  cpuPattern,
  duration,
  durationPattern,
  isMemory,
  memoryPattern,
  nearestMemory,
  nearestSeconds,
  seconds,
} from "./units";

/** A number that stands where an amount with its unit should. */
const bareNumber = /^-?\d+(\.\d+)?$/;

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
  const within = (value: number | undefined) =>
    value !== undefined && value >= least && value <= most ? value : undefined;
  return readText(durationPattern, (found) => within(seconds(found)), {
    allowed: `a duration from ${duration(least)} to ${duration(most)}: a whole number with s, m or h`,
    example,
    explain: (found) => {
      const text = typeof found === "number" ? String(found) : found;
      if (typeof text !== "string") return undefined;
      if (bareNumber.test(text)) {
        const isMeant = Number.isInteger(Number(text)) && within(Number(text)) !== undefined;
        return {
          problem: "unit missing",
          fix: isMeant
            ? `write ${text}s if seconds are meant`
            : `add the unit, for example ${example}`,
        };
      }
      const value = seconds(text);
      const meant = value ?? nearestSeconds(text);
      const problem = value === undefined ? "not a duration" : "out of range";
      if (meant === undefined) return { problem, fix: `write it like ${example}` };
      return { problem, fix: `write ${duration(Math.min(Math.max(meant, least), most))}` };
    },
  });
}

/** CPU of one replica, in cores or thousandths of a core. */
export const cpuQuantity = readFrom(z.union([z.number(), z.string()]), cpuPattern, cpu, {
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
});

/** Memory of one replica, as Kubernetes writes it. */
export const memoryQuantity = readText(
  memoryPattern,
  (found) => (isMemory(found) ? found : undefined),
  {
    allowed:
      "an amount above 0 with its unit: Ki, Mi, Gi, Ti (powers of 1024) or k, M, G, T (powers of 1000)",
    example: "8Gi",
    explain: (found) => {
      const text = typeof found === "number" ? String(found) : found;
      if (typeof text !== "string") return undefined;
      if (Number.parseFloat(text) <= 0)
        return { problem: "out of range", fix: "write it like 8Gi" };
      return bareNumber.test(text)
        ? { problem: "unit missing", fix: `write ${text}Gi if gibibytes are meant` }
        : {
            problem: "not an amount of memory",
            fix: `write ${nearestMemory(text).join(" or ") || "it like 8Gi"}`,
          };
    },
  },
);
