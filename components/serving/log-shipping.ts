import { posix } from "node:path";
import { stringify } from "yaml";
import { holds } from "../../catalog/mount-path";
import { managedFiles, type ManagedSidecar } from "../workload/sidecar-containers";
import { ownVolume, type Mounts, type Volume } from "../workload/volumes";

/** Where the log files of a server go. */
export interface LogShipping {
  /** Base URL of an OTLP/HTTP endpoint, such as `http://collector:4318`, or `stdout` of a container of their own. */
  to: string;
  /** Files to read, by absolute path; the last part may have `*`. Each is written by the server alone. */
  files: string[];
  /** The most that each folder of files may hold, with what was rotated; beyond it the pod is evicted. @default 1024 */
  sizeMiB?: number;
}

/** Image of the collector; 90 MB, by the OpenTelemetry project. */
export const collectorImage = "docker.io/otel/opentelemetry-collector-contrib:0.160.0";

/** Image that waits; 2 MB, an official one of Docker. */
export const waitingImage = "docker.io/library/busybox:1.37.0";

/** What the collector is promised; memory is also its limit. */
export const shipperRequests = { cpu: "50m", memory: "256Mi" };

/** What the container that waits is promised; memory is also its limit. */
export const waiterRequests = { cpu: "1m", memory: "8Mi" };

/** Seconds from the end of the server to that of the collector, which reads and sends the last lines in them. */
export const lastLines = 5;

/** Folder of what was read so far and what is still to be sent; it stays when the collector is killed. */
const stateFolder = "/var/lib/otelcol";

/**
 * The containers that ship the log files of an entry, and the folders of the files, which its main container mounts too. What the
 * entry mounts itself stays: only folders outside of that get a volume.
 */
export function logShipping(
  entry: string,
  { to, files, sizeMiB = 1024 }: LogShipping,
  mounted: Mounts,
): { managed: ManagedSidecar[]; mounts: Mounts } {
  const folders = [...new Set(files.map((file) => posix.dirname(file)))];
  const own = folders.filter((folder) => !Object.keys(mounted).some((at) => holds(at, folder)));
  const made = Object.fromEntries(
    own.map((folder, at) => [
      folder,
      { volume: podVolume(at === 0 ? "log-files" : `log-files-${at}`, sizeMiB), write: true },
    ]),
  );
  const shared = Object.entries({ ...mounted, ...made })
    .filter(([at]) => folders.some((folder) => holds(at, folder)))
    // In a folder that cannot be written, nobody could make the one that another is mounted at.
    .map(([at, mount], _, all) => {
      const write = all.some(([inner]) => inner !== at && holds(at, inner));
      return [at, { ...mount, write }] as const;
    });
  return {
    managed: [
      {
        name: "logs",
        image: collectorImage,
        // Without it a killed collector loses the lines that it has read and not yet written down.
        args: [
          `--config=${managedFiles}/collector.yaml`,
          "--feature-gates=stanza.synchronousLogEmitter",
        ],
        ...shipperRequests,
        user: 10001,
        facts: { POD_NAME: "metadata.name", POD_NAMESPACE: "metadata.namespace" },
        files: { "collector.yaml": collectorConfig(entry, to, files) },
        mounts: {
          ...Object.fromEntries(shared),
          [stateFolder]: { volume: podVolume("log-state", 1024), write: true },
        },
      },
      {
        // The collector does not read once more when it is told to stop: what starts after it and stops before it gives it time.
        name: "logs-end",
        image: waitingImage,
        command: ["sh", "-c", `trap "sleep ${lastLines}; exit 0" TERM; sleep infinity & wait`],
        ...waiterRequests,
      },
    ],
    mounts: made,
  };
}

function podVolume(name: string, sizeMiB: number): Volume {
  return { kind: "nodeCache", name: ownVolume(name), size: `${sizeMiB}Mi` };
}

/**
 * Configuration of an OpenTelemetry Collector that loses no line: what was read, and what is still to be sent, is written
 * down before it goes on; where the receiver is away it waits, and the lines stay in their files.
 */
function collectorConfig(entry: string, to: string, files: readonly string[]): string {
  const exporter = to === "stdout" ? "file" : "otlp_http";
  return stringify({
    extensions: { file_storage: { directory: stateFolder, create_directory: true } },
    receivers: {
      file_log: {
        include: files.map(literally),
        start_at: "beginning",
        storage: "file_storage",
        // Files that begin alike are told apart by what follows.
        fingerprint_size: "4kb",
        include_file_path: true,
        retry_on_failure: { enabled: true, max_elapsed_time: "0s" },
        resource: {
          "service.name": entry,
          "k8s.namespace.name": "${env:POD_NAMESPACE}",
          "k8s.pod.name": "${env:POD_NAME}",
        },
      },
    },
    exporters: {
      [exporter]: exporter === "file" ? { path: "/dev/stdout", append: true } : sent(to),
    },
    service: {
      extensions: ["file_storage"],
      // Nobody scrapes it, and the port would be one more that the server cannot have.
      telemetry: { metrics: { level: "none" } },
      pipelines: { logs: { receivers: ["file_log"], exporters: [exporter] } },
    },
  });
}

function sent(endpoint: string): object {
  return {
    endpoint: literally(endpoint),
    retry_on_failure: {
      enabled: true,
      initial_interval: "1s",
      max_interval: "15s",
      max_elapsed_time: "0s",
    },
    sending_queue: {
      storage: "file_storage",
      sizer: "bytes",
      queue_size: 256 * 1024 * 1024,
      block_on_overflow: true,
      batch: {
        sizer: "bytes",
        min_size: 64 * 1024,
        max_size: 4 * 1024 * 1024,
        flush_timeout: "1s",
      },
    },
  };
}

/** A text that the collector takes as it is: `${...}` would be a variable to it. */
function literally(text: string): string {
  return text.replaceAll("$", "$$$$");
}
