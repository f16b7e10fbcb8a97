import { z } from "zod";
import { percentBounds } from "../../components/serving/autoscaling/problems";
import type { ScaleOn } from "../../components/serving/autoscaling/scale-on";
import { paceBounds } from "../../components/serving/autoscaling/windows";
import { serviceBounds } from "../../components/serving/service-problems";
import { count, time } from "../../values/amounts";
import { ruleOf, rules, type Rule } from "../../values/rule";
import { cronLine, timeZone } from "../../values/schedule";
import { oneOf, text, textOf } from "../../values/text";
import { isMap, valueAt } from "../lookup";

/** What the stack's services are scaled by. */
export const autoscaling = z
  .strictObject({
    keda: oneOf("install", "existing").describe(
      "Whether this stack installs KEDA, in the namespace `keda`, or the cluster has it already. Of several stacks on a cluster one installs it.",
    ),
    prometheus: textOf(/^https?:\/\/[^\s?#@]+$/, {
      allowed: "the address of Prometheus inside the cluster: http(s)://host:port",
      example: "http://prometheus.monitoring:9090",
      explain: {
        problem: "not an address",
        fix: "write it like http://prometheus.monitoring:9090, without credentials",
      },
    })
      .optional()
      .describe(
        "Address of the Prometheus that collects the services' metrics, for `scaleOn` with metrics of engines or a query; default: the one of `observability`.",
      ),
  })
  .optional()
  .describe("KEDA, which scales services on anything but CPU; default: there is none.");

const pace = ({ window, every }: { window: string; every: string }) =>
  z
    .strictObject({
      window: time(...paceBounds.window, "5m")
        .optional()
        .describe(`Time for which a change must be called for, up to 1h; default: ${window}.`),
      every: time(...paceBounds.every, "2m")
        .optional()
        .describe(`Time between two replicas, up to 30m; default: ${every}.`),
    })
    .optional();

const [, most] = serviceBounds.replicas;
const least = count(...serviceBounds.replicas);
// Without a replica, most services have nothing that brings the first one back.
least.register(rules, { ...ruleOf(least), example: "1" });

const range = z
  .strictObject({
    min: least.describe(
      "Replicas that always run; `0` only where `scaleOn` has what brings the first one back.",
    ),
    max: count(1, most).describe(
      "The most replicas, for which the pool must have nodes; as many as `min` hold the number.",
    ),
    spare: count(0, most)
      .optional()
      .describe(
        "Replicas for which placeholder pods keep nodes ready, at the nodes' price; default: 0.",
      ),
    scaleUp: pace({ window: "30s", every: "the time that a replica takes to start" }).describe(
      "How replicas are added, one at a time.",
    ),
    scaleDown: pace({
      window: "the time that a replica takes to start, 5m at least",
      every: "2m",
    }).describe("How replicas are removed, one at a time."),
  })
  .describe("of a range");
range.register(rules, {
  ...ruleOf(range),
  hint: (key, map) => {
    if (key !== "scaleOn") return undefined;
    const fix = `write it beside replicas: scaleOn: ${JSON.stringify(valueAt(map, [key]))}`;
    return { problem: "a key of the service", fix };
  },
});

const replicasRule: Rule = {
  allowed: `a whole number from 0 to ${most}, or { min: NUMBER, max: NUMBER }`,
  example: "2",
  explain: (found) => {
    if (isMap(found)) return undefined;
    if (typeof found === "number") {
      const problem = Number.isInteger(found) ? "out of range" : "not a whole number";
      return { problem, fix: "choose a number in this range" };
    }
    const plain = typeof found === "string" && /^\d+$/.test(found) ? found : undefined;
    return {
      problem: "wrong type",
      fix: plain ? `remove the quotes: ${plain}` : "write a number, or { min: 2, max: 6 }",
    };
  },
};

/** How many replicas a service has. */
export const replicas = z
  .union([count(...serviceBounds.replicas), range])
  .register(rules, replicasRule);

const schedule = z.strictObject({
  start: cronLine.describe("Cron line of when these replicas start."),
  end: cronLine.describe("Cron line of when they may end."),
  timeZone: timeZone
    .optional()
    .describe("Time zone of both, by its IANA name; default: `Etc/UTC`."),
  replicas: count(1, most).describe("Replicas at least in between."),
});

const positive = z.number().positive().register(rules, {
  allowed: "a number above 0",
  example: "5",
});
const latency = (what: string) => time(1, 3600, "5s").optional().describe(what);
const requests = (what: string) => count(1, 100000).optional().describe(what);

/** Figures of engines, by their keys. */
const signals = ["queue", "running", "cache", "latency", "firstToken"] as const;

const followed = z
  .strictObject({
    query: text
      .optional()
      .describe("Query of Prometheus whose answer is one number, beside `target`."),
    target: positive.optional().describe("So much of the query's answer for each replica."),
    queue: requests("Waiting requests for each replica of a model."),
    running: requests("Running requests for each replica of a model."),
    cache: count(...percentBounds)
      .optional()
      .describe("Percent of the KV cache that replicas of a model have in use."),
    latency: latency("The p95 of the time of requests to a model."),
    firstToken: latency("The p95 of the time to first token of a model."),
    cpu: count(...percentBounds)
      .optional()
      .describe("Percent of `cpu` that the pods use; alone it needs no KEDA."),
    schedule: schedule.optional().describe("Times at which there are more replicas."),
  })
  .superRefine((given, context) => {
    // An unknown key says more than that a known one is missing.
    if (context.issues.length > 0) return;
    const { target, ...others } = given;
    const said = Object.keys(others);
    const ofQuery = (given.query === undefined) === (target === undefined);
    if (said.length === 1 && ofQuery) return;
    const several = said.length > 1;
    context.addIssue({
      code: "custom",
      path: several ? [said[1] ?? ""] : ofQuery ? [] : [target === undefined ? "target" : "query"],
      params: {
        problem: several ? `a second one beside ${said[0]}` : "missing",
        allowed: `query with target, ${[...signals, "cpu"].join(", ")} or schedule`,
        fix: several
          ? `write a list: scaleOn: [{ ${said[0]}: ... }, { ${said[1]}: ... }]`
          : "write one of these, for example { query: 'sum(rate(requests_total[2m]))', target: 5 }",
      },
    });
  });
followed.register(rules, {
  ...ruleOf(followed),
  hint: (key) =>
    /^gpu/i.test(key)
      ? {
          problem: "not offered: GPU utilization says that a GPU is busy, not that requests wait",
          fix: "write queue: 10 for a model, or query and target with a metric of your own server",
        }
      : undefined,
});
const one = followed.transform((given): ScaleOn => {
  const { query, target, cpu, schedule: times } = given;
  if (query !== undefined) return { query, target: target ?? 1 };
  if (cpu !== undefined) return { cpu };
  if (times !== undefined) return { schedule: times };
  const signal = signals.find((key) => given[key] !== undefined) ?? "queue";
  return { signal, target: given[signal] ?? 1 };
});

const scaleOnRule: Rule = {
  allowed: "a map such as { cpu: 70 }, or a list of such maps",
  example: "{ cpu: 70 }",
  explain: (found) =>
    isMap(found) || Array.isArray(found)
      ? undefined
      : { problem: "wrong type", fix: "write a map, for example scaleOn: { cpu: 70 }" },
};

/** What the number of replicas follows. */
export const scaleOn = z
  .union([one, z.array(one).min(1)])
  .register(rules, scaleOnRule)
  .transform((given) => [given].flat())
  .register(rules, scaleOnRule)
  .optional()
  .describe(
    "What the number of replicas follows within their range, one or several, of which the one counts that asks for the most; default: of models `queue: 10`, and `cache: 80` where the engine tells it.",
  );
