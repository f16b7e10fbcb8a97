import { z } from "zod";
import { rules, type Explanation, type Rule } from "./rule";

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
  return z.string().max(longestName).regex(namePattern).register(rules, nameRule(of));
}

/** The same, for names that may not start with what our own begin with. */
export function nameBesideOurs(of: string, ours: string) {
  const usual = nameRule(of);
  return z
    .string()
    .max(longestName)
    .regex(new RegExp(`^(?!${ours})${namePattern.source.slice(1)}`))
    .register(rules, {
      ...usual,
      allowed: `${usual.allowed}, not starting with "${ours}"`,
      explain: (found) =>
        typeof found === "string" && found.startsWith(ours)
          ? {
              problem: "kept for what we add to pods",
              fix: `rename it, for example to "${asName(found.slice(ours.length), of)}"`,
            }
          : usual.explain(found),
    });
}

function nameRule(of: string): Rule & { explain: (found: unknown) => Explanation | undefined } {
  return {
    allowed: `at most ${longestName} small letters, digits and "-", starting with a letter, not ending with "-"`,
    example: of,
    explain: (found) =>
      typeof found === "string"
        ? {
            problem: found.length > longestName ? "name too long" : "not a name Kubernetes takes",
            fix: `rename it, for example to "${asName(found, of)}"`,
          }
        : undefined,
  };
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
          problem: "kept by Kubernetes for itself",
          fix: `choose another name, for example "${asName(found.slice(5), "models")}"`,
        };
      }
      return {
        problem: found.length > 63 ? "name too long" : "not a name Kubernetes takes",
        fix: `rename it, for example to "${asName(found, "models")}"`,
      };
    },
  });

/** Name of a PersistentVolumeClaim: a DNS-1123 subdomain. */
export const claimName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/)
  .register(rules, {
    allowed: 'small letters, digits, "-" and ".", with a letter or digit at both ends',
    example: "models",
    explain: (found) =>
      typeof found === "string"
        ? {
            problem: found === "" ? "empty" : "not a name that a claim can have",
            fix: "copy it from `kubectl get pvc`",
          }
        : undefined,
  });

/** A domain of an organization. */
export const domain = z
  .string()
  .max(253)
  .regex(/^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/)
  .register(rules, {
    allowed: "a domain in small letters, such as acme.example",
    example: "acme.example",
    explain: (found) =>
      typeof found === "string"
        ? {
            problem: "not a domain",
            fix: "write the domain alone, in small letters, without the name of a group before it",
          }
        : undefined,
  });

/** Name of a config key that holds a secret. */
export const secretKey = z
  .string()
  .regex(/^[A-Za-z0-9_.-]+$/)
  .register(rules, {
    allowed: 'the name of a config key: letters, digits, "-", "_" and "."',
    example: "apiToken",
    explain: (found) =>
      typeof found === "string"
        ? {
            problem: found === "" ? "empty" : "not the name of a config key",
            fix: "write the name under which the secret is stored, for example apiToken",
          }
        : undefined,
  });

/** Name of an environment variable, as Kubernetes takes it. */
export const variableName = z
  .string()
  .regex(/^(?!\.$|\.\.)[-._a-zA-Z][-._a-zA-Z0-9]*$/)
  .register(rules, {
    allowed: 'letters, digits, "_", "-" and ".", not starting with a digit or ".."',
    explain: (found) => ({
      problem: "not a name for an environment variable",
      fix: `rename it, for example to "${String(found)
        .replace(/[^-._a-zA-Z0-9]+/g, "_")
        .replace(/^(?:\.\.+|\.$)/, "_")
        .replace(/^(?=\d|$)/, "_")}"`,
    }),
  });

/** Key of a node label. */
export const labelKey = z
  .string()
  .regex(/^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/)
  .register(rules, {
    allowed:
      '[domain/]name of a label: letters, digits, "-", "_" and ".", at most 63 behind the "/"',
    example: "gpu-serving/pool",
    explain: () => ({
      problem: "not the key of a label",
      fix: "copy it from `kubectl get nodes --show-labels`",
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
            problem: "not the value of a label",
            fix: "copy it from `kubectl get nodes --show-labels`",
          }
        : undefined,
  });

/** Full name of a stack, as a reference to it needs. */
export const stackName = z
  .string()
  .regex(/^[\w.-]+\/[\w.-]+\/[\w.-]+$/)
  .register(rules, {
    allowed: "organization/project/stack",
    example: "acme/gpu-serving/prod",
    explain: (found) =>
      typeof found === "string"
        ? {
            problem: "not the full name of a stack",
            fix: `write it like "organization/gpu-serving/${found.split("/").at(-1) || "prod"}"; with a backend of your own, the organization is called organization`,
          }
        : undefined,
  });
