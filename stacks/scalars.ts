import { z } from "zod";
import { range, singleAddress } from "./cidr";
import { imagePattern, imageVersion } from "./image";
import { rules, type Rule } from "./rule";
import { cpu, cpuPattern, duration, durationPattern, isMemory, memoryPattern } from "./units";
import { nearestDuration, nearestMemory, seconds } from "./units";

/** A string that is read into something else; what cannot be read is told by the rule. */
function read<T>(pattern: RegExp, to: (text: string) => T | undefined, rule: Rule) {
  return z
    .string()
    .transform((text, context): T => {
      const value = to(text);
      if (value !== undefined) return value;
      context.addIssue({ code: "custom", message: rule.allowed });
      return z.NEVER;
    })
    .register(rules, rule)
    .meta({ pattern: jsonPattern(pattern), examples: rule.example ? [rule.example] : [] });
}

/** The pattern as JSON Schema writes it: whole text, no JavaScript flags. */
function jsonPattern(pattern: RegExp): string {
  return pattern.source;
}

function whole(text: string): string {
  return `a whole number ${text}`;
}

/** A whole number within bounds. */
export function count(least: number, most: number, explain?: Rule["explain"]) {
  return z
    .int()
    .min(least)
    .max(most)
    .register(rules, { allowed: whole(`from ${least} to ${most}`), example: `${least}`, explain });
}

/** Any text. */
export const text = z.string().min(1).register(rules, { allowed: "text" });

const longestName = 52;
const namePattern = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;

/** The nearest name that Kubernetes takes. */
function asName(found: string, fallback: string): string {
  const plain = found
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const led = /^[a-z]/.test(plain) ? plain : `${fallback}${plain ? `-${plain}` : ""}`;
  return led.slice(0, longestName).replace(/-+$/, "");
}

/**
 * A name that may stand in a Service: a DNS-1035 label, because a Service's name is a DNS name and may not start with a digit.
 * 52 letters leave room for the suffixes of the objects that are made from it.
 */
export function name(of: string) {
  return z
    .string()
    .max(longestName)
    .regex(namePattern)
    .register(rules, {
      allowed: `at most ${longestName} small letters, digits and "-", starting with a letter, not ending with "-"`,
      example: of,
      explain: (found) =>
        typeof found === "string"
          ? {
              what: found.length > longestName ? "name too long" : "not a name Kubernetes takes",
              remedy: `rename it, for example to "${asName(found, of)}"`,
            }
          : undefined,
    });
}

/** Name of a namespace: a DNS-1123 label outside of those that Kubernetes keeps for itself. */
export const namespaceName = z
  .string()
  .max(63)
  .regex(/^(?!kube-)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/)
  .register(rules, {
    allowed:
      'at most 63 small letters, digits and "-", with a letter or digit at both ends, not starting with "kube-"',
    example: "models",
    explain: (found) => {
      if (typeof found !== "string") return undefined;
      if (found.startsWith("kube-")) {
        return {
          what: "kept by Kubernetes for itself",
          remedy: `choose another name, for example "${asName(found.slice(5), "models")}"`,
        };
      }
      return {
        what: "not a name Kubernetes takes",
        remedy: `rename it, for example to "${asName(found, "models")}"`,
      };
    },
  });

/** Name of a config key that holds a secret. */
export const secretKey = z
  .string()
  .regex(/^[A-Za-z0-9_.-]+$/)
  .register(rules, {
    allowed: 'the name of a config key: letters, digits, "-", "_" and "."',
    example: "apiToken",
  });

/** Name of an environment variable, as Kubernetes takes it. */
export const variableName = z
  .string()
  .regex(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/)
  .register(rules, {
    allowed: 'letters, digits, "_", "-" and ".", not starting with a digit',
    explain: (found) => ({
      what: "not a name for an environment variable",
      remedy: `rename it, for example to "${String(found)
        .replace(/[^-._a-zA-Z0-9]+/g, "_")
        .replace(/^(?=\d|$)/, "_")}"`,
    }),
  });

/** Text of an image; whether it must say a version depends on the stack. */
export const image = z
  .string()
  .regex(imagePattern)
  .register(rules, {
    allowed: "[registry/]repository:tag or [registry/]repository@sha256:digest",
    example: "registry.example/team/model:v1",
    explain: (found) => {
      if (typeof found !== "string") return undefined;
      const trimmed = found.trim().replace(/^(?:https?|docker):\/\//, "");
      const lower = trimmed.replace(/^[^:@]+/, (repository) => repository.toLowerCase());
      const remedy = [trimmed, lower].find((candidate) => imageVersion(candidate));
      return {
        what: "not the name of an image",
        remedy: remedy
          ? `write "${remedy}"`
          : "write the name as for `docker pull`; a repository has small letters only",
      };
    },
  });

/** A source range; the canonical text. */
export const sourceRange = read(
  /^[0-9a-fA-F:.]+\/\d{1,3}$/,
  (found) => {
    const parsed = range(found);
    return parsed && !parsed.hostBits ? parsed.canonical : undefined;
  },
  {
    allowed: "a range of addresses, IPv4 or IPv6, with its length and no bit set behind it",
    example: "203.0.113.0/24",
    explain: (found) => {
      if (typeof found !== "string") return undefined;
      const parsed = range(found);
      if (parsed) {
        return {
          what: "bits set behind the length of the range",
          remedy: `write "${parsed.canonical}" for the range, or "${singleAddress(found.split("/")[0] ?? "") ?? ""}" for the one address`,
        };
      }
      const alone = singleAddress(found.trim());
      return alone
        ? { what: "length missing", remedy: `write "${alone}" for this one address` }
        : {
            what: "not a range of addresses",
            remedy: 'write it like "203.0.113.0/24" or "2001:db8::/32"',
          };
    },
  },
);

/** A duration within bounds, in seconds. */
export function time(least: number, most: number, example: string) {
  const within = (value: number) => value >= least && value <= most;
  return read(
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
        if (value !== undefined) {
          const bound = value < least ? least : most;
          return {
            what: "out of range",
            remedy: `write ${duration(bound)} for the ${value < least ? "shortest" : "longest"} possible`,
          };
        }
        return {
          what: "not a duration",
          remedy: `write ${nearestDuration(found) ?? `it like ${example}`}`,
        };
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
      if (typeof found !== "number" && typeof found !== "string") return undefined;
      const cores = /^(\d+(?:\.\d+)?)\s*(?:v?cpus?|cores?)$/i.exec(String(found).trim());
      const remedy = cores?.[1]
        ? `write ${cores[1]}`
        : "write 2 for two cores or 500m for half a core";
      return {
        what: Number.parseFloat(String(found)) <= 0 ? "out of range" : "not an amount of CPU",
        remedy,
      };
    },
  })
  .meta({ pattern: jsonPattern(cpuPattern), examples: ["500m", 2] });

/** Memory of one replica, as Kubernetes writes it. */
export const memoryQuantity = read(
  memoryPattern,
  (found) => (isMemory(found) ? found : undefined),
  {
    allowed:
      "an amount above 0 with its unit: Ki, Mi, Gi, Ti (powers of 1024) or k, M, G, T (powers of 1000)",
    example: "8Gi",
    explain: (found) => {
      if (typeof found === "number" || (typeof found === "string" && /^\d+(\.\d+)?$/.test(found))) {
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

/** A path on the server. */
export const urlPath = z
  .string()
  .regex(/^\/[^\s?#]*$/)
  .register(rules, {
    allowed: 'a path that starts with "/", without query or spaces',
    example: "/healthz",
    explain: (found) => {
      if (typeof found !== "string") return undefined;
      const path = found.replace(/^[a-z]+:\/\/[^/]*/i, "").replace(/[\s?#].*$/, "");
      return {
        what: "not a path",
        remedy: `write "${path.startsWith("/") ? path : `/${path}`}"`,
      };
    },
  });

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;
const taintPattern =
  /^([A-Za-z0-9](?:[A-Za-z0-9./_-]*[A-Za-z0-9])?)(?:=([A-Za-z0-9._-]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/;

/** A taint as kubectl writes it, in its parts. */
export const taint = read(
  taintPattern,
  (found) => {
    const [, key, value, written] = taintPattern.exec(found) ?? [];
    const effect = effects.find((known) => known === written);
    return key && effect ? { key, value, effect } : undefined;
  },
  {
    allowed: `key[=value]:effect, with the effect ${effects.join(", ")}`,
    example: "nvidia.com/gpu=present:NoSchedule",
    explain: (found) => {
      if (typeof found !== "string") return undefined;
      const [before = "", effect = ""] = found.split(":");
      const near = effects.find((known) => known.toLowerCase() === effect.trim().toLowerCase());
      return {
        what: "not a taint",
        remedy: `write "${before.trim() || "nvidia.com/gpu"}:${near ?? "NoSchedule"}"`,
      };
    },
  },
);

/** Key of a node label. */
export const labelKey = z
  .string()
  .regex(/^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/)
  .register(rules, {
    allowed:
      '[domain/]name of a label: letters, digits, "-", "_" and ".", at most 63 behind the "/"',
    example: "gpu-serving/pool",
    explain: () => ({
      what: "not the key of a label",
      remedy: "copy it from `kubectl get nodes --show-labels`",
    }),
  });

/** Value of a node label. */
export const labelValue = z
  .string()
  .regex(/^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/)
  .register(rules, {
    allowed: 'at most 63 letters, digits, "-", "_" and "."',
    example: "l4",
    explain: (found) =>
      typeof found === "string"
        ? {
            what: "not the value of a label",
            remedy: "copy it from `kubectl get nodes --show-labels`",
          }
        : undefined,
  });
