import { z } from "zod";
import { portName } from "../../components/serving/ports";
import { portBounds } from "../../components/workload/bounds";
import { count } from "../../values/amounts";
import { anyNamespace, name } from "../../values/names";
import { ruleOf, rules, type Explanation } from "../../values/rule";
import { listOf, textOf } from "../../values/text";
import { isMap, valueAt } from "../lookup";
import { unknownKey } from "../problems";
import { portsFix } from "../values-of-others";

/** Who in the cluster may connect: a service or job of the stack, or all pods of a namespace. */
const wholeNamespace = z.strictObject({ namespace: anyNamespace });
wholeNamespace.register(rules, {
  ...ruleOf(wholeNamespace),
  hint: (key) =>
    /selector/i.test(key)
      ? {
          problem: unknownKey,
          fix: "remove it: all pods of the namespace may connect, none are selected",
        }
      : undefined,
});
const caller = z.union([name("gate"), wholeNamespace]);
caller.register(rules, {
  allowed: "the name of a service or job, or { namespace: NAME } for all pods of a namespace",
  example: "{ namespace: ingress-nginx }",
  explain: (found) => {
    if (isMap(found)) return selectorWords(found);
    if (typeof found === "string") return undefined;
    return {
      problem: "neither a name nor a namespace",
      fix: "write gate for a service or job of this stack, or { namespace: ingress-nginx } for all pods of a namespace",
    };
  },
});

/** Selectors of a NetworkPolicy; each namespace has a label with its own name (docs/facts.md 13.1). */
function selectorWords(found: Record<string, unknown>): Explanation | undefined {
  if ("namespace" in found || !Object.keys(found).some((key) => /selector$/i.test(key))) {
    return undefined;
  }
  const label = ["namespaceSelector", "matchLabels", "kubernetes.io/metadata.name"];
  const named = valueAt(found, label);
  return {
    problem: "the form of a manifest",
    fix:
      typeof named === "string"
        ? `write { namespace: ${JSON.stringify(named)} }, for all pods of it`
        : "write the name of a service or job of this stack, or { namespace: NAME } for all pods of a namespace",
  };
}

/** All that may connect. */
export const callers = listOf(
  caller,
  "services, jobs and namespaces",
  "[gate, { namespace: ingress-nginx }]",
).optional();

const number = count(...portBounds);

const extraPort = z
  .union([
    number.transform((port) => ({ port, expose: false, callers: undefined })),
    z
      .strictObject({
        port: number.describe("Number of the port, in the pods and at the Service."),
        expose: z
          .boolean()
          .default(false)
          .describe(
            "Whether the load balancer of an exposed service offers it too, to the same ranges; else only the cluster reaches it.",
          ),
        callers: callers.describe(
          "Who in the cluster may connect to it, in the words of the service's `callers`; default: who may connect to the server, beside a load balancer its own namespace.",
        ),
      })
      .describe("as a map"),
  ])
  .register(rules, {
    allowed: "the number of a port, or { port: NUMBER, callers: [...] }",
    example: "8002",
    explain: (found) =>
      isMap(found) || (typeof found === "number" && Number.isInteger(found))
        ? outOfRange(found)
        : {
            problem: "not a port",
            fix: "write its number, such as 8002, or { port: 8002, callers: [...] }",
          },
  });

function outOfRange(found: unknown) {
  if (isMap(found)) return undefined;
  const [least, greatest] = portBounds;
  return { problem: "out of range", fix: `choose a number from ${least} to ${greatest}` };
}

const named = textOf(portName, {
  allowed:
    'at most 15 small letters, digits and single "-" between them, a letter among them, such as metrics',
  example: "metrics",
  explain: {
    problem: "not a name for a port",
    fix: "rename it, for example to grpc or metrics",
  },
});

/** Ports besides the server's own. */
export const ports = z.record(named, extraPort).register(rules, {
  allowed: "a map of names to ports",
  example: "{ metrics: 8002 }",
  explain: (found) =>
    Array.isArray(found) ? { problem: "wrong type", fix: portsFix(found) } : undefined,
});
