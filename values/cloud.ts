import { z } from "zod";
import { gpuMemoryGiB, type GpuName } from "../catalog/gpus";
import { rules } from "./rule";
import { readText, text } from "./text";
import { memoryPattern, nearestMemory } from "./units";

/** Names of all GPUs. */
export const gpuNames = Object.keys(gpuMemoryGiB).filter(
  (found): found is GpuName => found in gpuMemoryGiB,
);

/** Name of a GPU. */
export const gpuName = z
  .enum(gpuNames)
  .register(rules, { allowed: gpuNames.join(", "), example: "L4" });

/** Name of any GPU, also of one that the catalog does not know. */
export const anyGpuName = text
  .meta({ examples: [...gpuNames] })
  .register(rules, { allowed: "the name of a GPU, such as L4 or MI300X", example: "L4" });

/** Name of a region in a cloud's own form. */
export function region(form: RegExp, example: string) {
  return z
    .string()
    .regex(form)
    .register(rules, {
      allowed: `a region by its own name, such as ${example}`,
      example,
      explain: (found) => {
        if (typeof found !== "string") return undefined;
        const text = found.trim().toLowerCase();
        const plain = [text, text.replace(/-?[a-f]$/, ""), text.replace(/[ -]/g, "")];
        const meant = plain.find((one) => form.test(one));
        return {
          problem: "not the name of a region",
          fix: meant ? `did you mean "${meant}"?` : `write it like ${example}`,
        };
      },
    });
}

/** Minor version of Kubernetes. */
export const kubernetesVersion = z
  .string()
  .regex(/^1\.\d{2}$/)
  .register(rules, {
    allowed: 'a minor version of Kubernetes in quotes, such as "1.35"',
    example: '"1.35"',
    explain: (found) => {
      if (typeof found === "number") {
        // YAML reads 1.30 as the number 1.3.
        const [major = "", minor = ""] = String(found).split(".");
        return { problem: "wrong type", fix: `quote it: "${major}.${minor.padEnd(2, "0")}"` };
      }
      const [, minor] = (typeof found === "string" && /^v?(1\.\d{2})\b/.exec(found)) || [];
      return {
        problem: "not a minor version",
        fix: minor
          ? `write "${minor}"; the cloud picks the patch`
          : 'write it like "1.35", or follow a channel',
      };
    },
  });

const gibibytes: Record<string, number> = {
  Ki: 1 / 1024 ** 2,
  Mi: 1 / 1024,
  Gi: 1,
  Ti: 1024,
  k: 1e3 / 1024 ** 3,
  M: 1e6 / 1024 ** 3,
  G: 1e9 / 1024 ** 3,
  T: 1e12 / 1024 ** 3,
};

/** Size of a disk as a Kubernetes quantity, in whole GiB. */
export const diskSize = readText(
  memoryPattern,
  (found) => {
    const [, amount = "", unit = ""] = /^([\d.]+)(\D+)$/.exec(found) ?? [];
    const size = Math.ceil(Number(amount) * (gibibytes[unit] ?? NaN));
    return memoryPattern.test(found) && size > 0 ? size : undefined;
  },
  {
    allowed: "a size with its unit: Gi, Ti (powers of 1024) or G, T (powers of 1000)",
    example: "200Gi",
    explain: (found) => {
      if (typeof found === "number" || (typeof found === "string" && /^\d+$/.test(found))) {
        return { problem: "unit missing", fix: `write ${found}Gi if gibibytes are meant` };
      }
      if (typeof found !== "string") return undefined;
      const near = nearestMemory(found).join(" or ");
      return { problem: "not a size", fix: `write ${near || "it like 200Gi"}` };
    },
  },
);

/** Name of a MIG profile. */
export const migProfile = z
  .string()
  .regex(/^\dg\.\d+gb$/)
  .register(rules, {
    allowed: "a MIG profile such as 1g.10gb",
    example: "1g.10gb",
    explain: (found) => ({
      problem: "not a MIG profile",
      fix:
        typeof found === "string" && /^(?:mig-)?\dg\.\d+gb$/i.test(found.trim())
          ? `write ${found.trim().toLowerCase().replace("mig-", "")}`
          : "write it like 1g.10gb: compute slices and memory of one instance",
    }),
  });
