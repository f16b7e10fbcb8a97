import { z } from "zod";
import { serviceBounds } from "../../components/serving/service-problems";
import { logs, modelUpdates } from "../workload/sidecar-schema";
import { sourceRange, urlPath } from "../../values/address";
import { count, time } from "../../values/amounts";
import { name } from "../../values/names";
import { ruleOf, rules } from "../../values/rule";
import { oneOf } from "../../values/text";
import { imageOrBuild, workload } from "../workload/schema";

/** Keys of the design that are refused by name until they exist. */
const later = ["apiKeys", "host"];

/** Who may reach a service, and how. */
const exposure = z.strictObject({
  scope: oneOf("cluster", "internal", "public")
    .default("cluster")
    .describe(
      "Who reaches the service: pods of the cluster, the cluster's own networks (private load balancer), or the internet.",
    ),
  allow: z
    .array(sourceRange)
    .register(rules, { allowed: "a list of ranges", example: "[203.0.113.0/24]" })
    .default([])
    .describe("Ranges that may connect to the load balancer; needed with `scope: public`."),
});
exposure.register(rules, {
  ...ruleOf(exposure),
  hint: (key) =>
    later.includes(key)
      ? {
          problem: "not available yet: needs the gateway",
          fix: "remove it, and list the ranges that may connect in allow",
        }
      : undefined,
});

/** A model server. */
export const service = z
  .strictObject({
    ...workload,
    port: count(...serviceBounds.port)
      .default(8000)
      .describe("Port the server listens on."),
    replicas: count(...serviceBounds.replicas, (found) =>
      found === 0
        ? {
            problem: "out of range",
            fix: "remove the entry, or its expose section, to stop serving",
          }
        : undefined,
    )
      .default(1)
      .describe("Identical servers behind one address."),
    health: urlPath
      .optional()
      .describe(
        "Path that answers 200 once the server can serve; default: the port accepts connections.",
      ),
    startup: time(...serviceBounds.startup, "10m")
      .prefault("10m")
      .describe("Time a new replica has to answer, image pull included, from 10s to 12h."),
    drain: time(...serviceBounds.drain, "30s")
      .prefault("30s")
      .describe("Time requests in flight get to finish when a replica stops, from 0s to 1h."),
    expose: exposure
      .prefault({})
      .describe("Who may reach the service; default: pods of its own namespace."),
    modelUpdates: modelUpdates
      .optional()
      .describe("New versions of the model, which reach the running server; default: none do."),
    logs: logs
      .optional()
      .describe("Where the server's log files go; default: only what it prints is collected."),
    callers: z
      .array(name("gate"))
      .register(rules, { allowed: "a list of services and jobs", example: "[gate]" })
      .optional()
      .describe(
        "Services and jobs of the stack that may connect to it, of any namespace; default: all of its own namespace.",
      ),
  })
  .register(rules, imageOrBuild);
