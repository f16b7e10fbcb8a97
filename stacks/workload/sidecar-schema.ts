import { z } from "zod";
import { portBounds } from "../../components/workload/bounds";
import { program } from "./program-schema";
import { urlPath } from "../../values/address";
import { count, cpuQuantity, memoryQuantity, time } from "../../values/amounts";
import { endpoint, logFile } from "../../values/log-target";
import { image } from "../../values/image";
import { mountPath, volumeFolder } from "../../values/mount";
import { rules } from "../../values/rule";
import { oneOf } from "../../values/text";

/** A container beside the main one. */
export const sidecar = z.strictObject({
  image: image.describe("Image of the container, with a tag or digest."),
  ...program,
  cpu: cpuQuantity.optional().describe("CPU it is promised; default: `50m`."),
  memory: memoryQuantity
    .optional()
    .describe("Memory it is promised and limited to; default: `64Mi` promised, no limit."),
  user: count(1, 65535)
    .optional()
    .describe(
      "Number of the user that it runs as, for an image whose own is root; default: the image's.",
    ),
  port: count(...portBounds)
    .optional()
    .describe("Port it listens on, another one than the server's; default: none."),
  health: urlPath
    .optional()
    .describe(
      "Path on its port that answers 200 when it works; what starts after it waits for that.",
    ),
});

/** How a server learns of a new version. */
const notify = z
  .union([
    z.strictObject({
      signal: oneOf("HUP", "USR1", "USR2"),
      user: count(1, 65535),
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
export const modelUpdates = z.strictObject({
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

/** Where the log files of a server go. */
export const logs = z.strictObject({
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
