import { z } from "zod";
import { serviceBounds } from "../../components/serving/service-problems";
import { sourceRange, urlPath } from "../../values/address";
import { count, memoryQuantity, time } from "../../values/amounts";
import { endpoint, logFile } from "../../values/log-target";
import { mountPath, volumeFolder } from "../../values/mount";
import { ruleOf, rules } from "../../values/rule";
import { listOf, oneOf } from "../../values/text";
import { replicas, scaleOn } from "../autoscaling/schema";
import { modelKeys } from "../model/schema";
import { health } from "../workload/health";
import {
  annotationHint,
  annotations,
  serviceAnnotations,
  user,
  workload,
} from "../workload/schema";
import { callers, ports } from "./ports";

/** Keys of the design that are refused by name until they exist. */
const later = ["apiKeys", "host"];
const needsGateway = {
  problem: "not available yet: needs the gateway",
  fix: "remove it, and list the ranges that may connect in allow",
};

const portsAside = {
  problem: "said by each port itself",
  fix: "remove it: the server's own port is offered as port 80; of others write ports: { NAME: { port: NUMBER, expose: true } } beside expose",
};

/** Who may reach a service, and how. */
const exposure = z.strictObject({
  scope: oneOf("cluster", "internal", "public")
    .default("cluster")
    .describe(
      "Who reaches the service: pods of the cluster, the cluster's own networks (private load balancer), or the internet, as plain HTTP.",
    ),
  allow: listOf(sourceRange, "ranges", "[203.0.113.0/24]")
    .default([])
    .describe("Ranges that may connect to the load balancer; needed with `scope: public`."),
});
exposure.register(rules, {
  ...ruleOf(exposure),
  hint: (key) => {
    if (later.includes(key)) return needsGateway;
    return /^ports?$/.test(key) ? portsAside : undefined;
  },
});

/** How a server learns of a new version. */
const notify = z
  .union([
    z.strictObject({
      signal: oneOf("HUP", "USR1", "USR2"),
      user,
    }),
    z.strictObject({ http: urlPath }),
  ])
  .register(rules, {
    allowed: "{ signal: HUP, user: NUMBER } (also USR1, USR2) or { http: PATH }",
    example: "{ http: /reload }",
    explain: () => ({
      problem: "neither a signal with the server's user nor a path",
      fix: "write { signal: HUP, user: 65532 } with the number of the user that the image runs as, or { http: /reload }, or remove it for a server that looks by itself",
    }),
  });

/** New versions of a model for a running server. */
const modelUpdates = z.strictObject({
  from: volumeFolder.describe(
    "Volume, or folder of one (`models/digits`), that versions are published to: a disk, claim or bucket.",
  ),
  to: mountPath.describe(
    "Folder of the server's container; `current` in it is the version to read.",
  ),
  every: time(10, 86400, "5m")
    .prefault("5m")
    .describe("Time between two looks for a new version, from 10s to 24h."),
  notify: notify
    .optional()
    .describe(
      "How the server is told: `{ signal: HUP, user: 65532 }` (`user`: the number of the user that its image runs as) or `{ http: /reload }` (a POST to its port); default: it looks by itself.",
    ),
  size: memoryQuantity
    .default("10Gi")
    .describe(
      "The most that the versions in a pod may take: the current, the last and the next one.",
    ),
});

/** Where a server tells its figures. */
const metrics = z.strictObject({
  path: urlPath.default("/metrics").describe("Path that answers in Prometheus' text format."),
  port: count(...serviceBounds.port)
    .optional()
    .describe("Port of the pods; default: the server's own."),
});

/** Where the log files of a server go. */
const logs = z.strictObject({
  to: endpoint.describe(
    "OTLP/HTTP endpoint of a collector, such as `http://collector.observability:4318`, or `stdout` of a container of its own, where the cluster's own log collection finds it.",
  ),
  files: z
    .array(logFile)
    .min(1)
    .register(rules, { allowed: "a list of at least one file", example: "[/var/log/server/*.log]" })
    .describe("Log files that the server writes and rotates, by absolute path."),
  size: memoryQuantity
    .default("1Gi")
    .describe(
      "The most that a folder of log files may hold, with what was rotated; a pod that has more is replaced.",
    ),
});

const annotationsOfService = z.strictObject({ ...annotations, service: serviceAnnotations });
annotationsOfService.register(rules, { ...ruleOf(annotationsOfService), hint: annotationHint });

/** The description of a key whose default is another one beside `model`. */
const withModel = (words: string | undefined, follows: string) =>
  `${words?.replace(/\.$/, "")}; with \`model\`: ${follows}.`;

/** A model server. */
export const service = z.strictObject({
  ...modelKeys,
  ...workload,
  cpu: workload.cpu.describe(withModel(workload.cpu.description, "what its engine needs")),
  memory: workload.memory.describe(withModel(workload.memory.description, "what its engine needs")),
  gpus: workload.gpus.describe(withModel(workload.gpus.description, "as many as it needs")),
  pool: workload.pool.describe(withModel(workload.pool.description, "the cheapest that holds it")),
  port: count(...serviceBounds.port)
    .default(8000)
    .describe(
      "Port the server listens on; the Service offers it as port 80. With `model`: its engine's port.",
    ),
  ports: ports
    .default({})
    .describe(
      "More ports of its pods by name, such as `{ grpc: 8001, metrics: 8002 }`, of sidecar containers too: the Service offers each by its own number. Beside a load balancer they are at the Service `<name>-cluster`.",
    ),
  replicas: replicas
    .default(1)
    .describe(
      "Identical servers behind one address, as a number or as the range within which their number follows `scaleOn`; `0` stops them and keeps the address with all else.",
    ),
  scaleOn,
  health: health
    .optional()
    .describe(
      "How a replica is asked whether it can serve: a path that answers 200, `{ path: /ping, port: 8081, https: true }` for another port or HTTPS, or `{ grpc: true }` for gRPC's health service; default: the port accepts connections.",
    ),
  startup: time(...serviceBounds.startup, "10m")
    .prefault("10m")
    .describe(
      "Time a new replica has to answer, image pull included, from 10s to 12h; with `model`: what image, weights and engine take.",
    ),
  drain: time(...serviceBounds.drain, "30s")
    .prefault("30s")
    .describe(
      "Time requests in flight get to finish when a replica stops, from 0s to 1h; with `model`: `2m`.",
    ),
  expose: exposure
    .prefault({})
    .describe("Who may reach the service; default: pods of its own namespace."),
  modelUpdates: modelUpdates
    .optional()
    .describe("New versions of the model, which reach the running server; default: none do."),
  metrics: metrics
    .optional()
    .describe(
      "Where Prometheus reads the metrics of each replica, `{ path: /metrics, port: 8002 }` (`port`: of the pods; default: the server's own); default: nowhere, with `model` where its engine has them.",
    ),
  logs: logs
    .optional()
    .describe("Where the server's log files go; default: only what it prints is collected."),
  annotations: annotationsOfService
    .optional()
    .describe("Annotations of its pods, its Service and its service account."),
  callers: callers.describe(
    "Who in the cluster may connect to it: services and jobs of the stack by name, and all pods of any namespace by `{ namespace: ingress-nginx }`, also of one that the stack does not declare; default: all of its own namespace.",
  ),
});
