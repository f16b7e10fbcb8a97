import { z } from "zod";
import { ruleOf, rules } from "./rule";
import { textOf } from "./text";

const longestName = 52;
const label = {
  form: /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/,
  longest: longestName,
  allowed: `at most ${longestName} small letters, digits and "-", starting with a letter, not ending with "-"`,
};

/** The nearest name that Kubernetes takes. */
function asName(found: string, fallback: string): string {
  const plain = found
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const led = /^[a-z]/.test(plain) ? plain : `${fallback}${plain ? `-${plain}` : ""}`;
  return led.slice(0, longestName).replace(/-+$/, "");
}

/** A name of a form that does not start with what is kept for others. */
function nameOf(
  example: string,
  { form, longest, allowed }: typeof label,
  kept?: { start: string; problem: string },
) {
  const rule = {
    allowed: kept ? `${allowed}, not starting with "${kept.start}"` : allowed,
    example,
    explain: (found: string) => {
      const isKept = kept !== undefined && found.startsWith(kept.start);
      const problem = found.length > longest ? "name too long" : "not a name Kubernetes takes";
      const own = isKept ? found.slice(kept.start.length) : found;
      return {
        problem: isKept ? kept.problem : problem,
        fix: `rename it, for example to "${asName(own, example)}"`,
      };
    },
  };
  const start = kept ? `(?!${kept.start})` : "";
  return textOf(new RegExp(`^${start}${form.source.slice(1)}`), rule, longest);
}

/**
 * A name that may stand in a Service: a DNS-1035 label, because a Service's name is a DNS name and may not start with a digit.
 * 52 letters leave room for the suffixes of the objects that are made from it.
 */
export function name(of: string) {
  return nameOf(of, label);
}

/** The same, for names that may not start with what our own begin with. */
export function nameBesideOurs(of: string, ours: string) {
  return nameOf(of, label, { start: ours, problem: "kept for what we add to pods" });
}

const namespaceLabel = {
  form: /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/,
  longest: 63,
  allowed: 'at most 63 small letters, digits and "-", with a letter or digit at both ends',
};

/** Name of any namespace, also of one that Kubernetes keeps for itself. */
export const anyNamespace = nameOf("monitoring", namespaceLabel);

/** Name of a namespace: a DNS-1123 label outside of those that Kubernetes keeps for itself. */
export const namespaceName = nameOf("models", namespaceLabel, {
  start: "kube-",
  problem: "kept by Kubernetes for itself",
});

/** Name of an object that is there already: a DNS-1123 subdomain; `get` is what kubectl lists it by. */
function existingName(of: string, get: string, example: string) {
  return textOf(
    /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/,
    {
      allowed: 'small letters, digits, "-" and ".", with a letter or digit at both ends',
      example,
      explain: {
        problem: `not a name that ${of} can have`,
        fix: `copy it from \`kubectl get ${get}\``,
      },
    },
    253,
  );
}

/** Name of a PersistentVolumeClaim. */
export const claimName = existingName("a claim", "pvc", "models");

/** Name of a Secret of the namespace. */
export const secretName = existingName("a Secret", "secrets", "hugging-face");

/** Name of a ConfigMap of the namespace. */
export const configMapName = existingName("a ConfigMap", "configmaps", "settings");

/** Name of a service account of the namespace. */
export const accountName = existingName("a service account", "serviceaccounts", "trainer");

/** Name of a PriorityClass. */
export const priorityClassName = existingName("a PriorityClass", "priorityclasses", "serving");

/** Name of a RuntimeClass. */
export const runtimeClassName = existingName("a RuntimeClass", "runtimeclasses", "nvidia");

/** Key in a Secret or a ConfigMap. */
export const objectKey = textOf(
  /^(?!\.$|\.\.)[-._a-zA-Z0-9]+$/,
  {
    allowed: 'letters, digits, "-", "_" and ".", not starting with ".."',
    example: "token",
    explain: { problem: "not a key of a Secret or a ConfigMap", fix: "copy it from the object" },
  },
  253,
);

/** A domain of an organization. */
export const domain = textOf(
  /^(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/,
  {
    allowed: "a domain in small letters, such as acme.example",
    example: "acme.example",
    explain: {
      problem: "not a domain",
      fix: "write the domain alone, in small letters, without the name of a group before it",
    },
  },
  253,
);

/** What is wrong with a text that no config key is called. */
export const notAConfigKey = "not the name of a config key";

const secretKeyForm = /^[A-Za-z0-9_.-]+$/;
const secretMap = z.strictObject({ secret: z.string().regex(secretKeyForm) });

/** Name of a config key that holds a secret. */
export const secretKey = textOf(secretKeyForm, {
  allowed: 'the name of a config key: letters, digits, "-", "_" and "."',
  example: "apiToken",
  explain: {
    problem: notAConfigKey,
    fix: "write the name under which the secret is stored, for example apiToken",
  },
});

const secretKeyRule = ruleOf(secretKey);
secretKey.register(rules, {
  ...secretKeyRule,
  explain: (found, written) => {
    // Variables write it so, which may also be something else.
    const { secret } = secretMap.safeParse(found).data ?? {};
    return secret === undefined
      ? secretKeyRule.explain?.(found, written)
      : { problem: "wrong type", fix: `write the key alone: ${secret}` };
  },
});

/** Name of an environment variable, as Kubernetes takes it. */
export const variableName = textOf(/^(?!\.$|\.\.)[-._a-zA-Z][-._a-zA-Z0-9]*$/, {
  allowed: 'letters, digits, "_", "-" and ".", not starting with a digit or ".."',
  explain: (found) => {
    const plain = found.replace(/[^-._a-zA-Z0-9]+/g, "_").replace(/^(?:\.\.+|\.$|(?=\d|$))/, "_");
    return {
      problem: "not a name for an environment variable",
      fix: `rename it, for example to "${plain}"`,
    };
  },
});

const fromLabels = "copy it from `kubectl get nodes --show-labels`";

/** Key of a label or an annotation; `of` is what it is the key of, in words. */
function keyOf(of: string, example: string, fix: string) {
  return textOf(
    /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
    {
      allowed: `[domain/]name of ${of}: letters, digits, "-", "_" and ".", at most 63 behind the "/"`,
      example,
      explain: { problem: `not the key of ${of}`, fix },
    },
  );
}

/** Value of a label. */
function valueOf(example: string, fix: string) {
  return textOf(/^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/, {
    allowed: 'at most 63 letters, digits, "-", "_" and "."',
    ...{ example, explain: { problem: "not the value of a label", fix } },
  });
}

/** Key of a node label. */
export const labelKey = keyOf("a label", "gpu-serving/pool", fromLabels);

/** Name of a resource that a device plugin offers on nodes: Kubernetes keeps its own domains, and `requests.` for quotas (docs/facts.md 5.5). */
export const resourceName = textOf(
  /^(?!requests\.)(?![^/]*kubernetes\.io\/)[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  {
    allowed:
      'domain/name of a resource: letters, digits, "-", "_" and ".", at most 63 behind the "/"',
    example: "amd.com/gpu",
    explain: {
      problem: "not the name of a resource that nodes offer",
      fix: "copy it from Allocatable in `kubectl describe node`, for example amd.com/gpu",
    },
  },
);

/** Value of a node label. */
export const labelValue = valueOf("l4", fromLabels);

/** Key of a label of an entry's own. */
export const ownLabelKey = keyOf("a label", "team", "write it like team or example.com/team");

/** Value of a label of an entry's own. */
export const ownLabelValue = valueOf(
  "search",
  "shorten it to letters, digits, -, _ and ., or write an annotation",
);

/** Key of an annotation. */
export const annotationKey = keyOf(
  "an annotation",
  "example.com/owner",
  "write it like owner or example.com/owner",
);

/** Full name of a stack, as a reference to it needs. */
export const stackName = textOf(/^[\w.-]+\/[\w.-]+\/[\w.-]+$/, {
  allowed: "organization/project/stack",
  example: "acme/gpu-serving/prod",
  explain: (found) => ({
    problem: "not the full name of a stack",
    fix: `write it like "organization/gpu-serving/${found.split("/").at(-1) || "prod"}"; with a backend of your own, the organization is called organization`,
  }),
});
