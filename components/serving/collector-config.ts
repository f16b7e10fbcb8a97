import { stringify } from "yaml";

/** What a collector that ships log files is told. */
export interface CollectorConfigArgs {
  /** Entry whose files they are. */
  entry: string;
  /** Base URL of an OTLP/HTTP endpoint, or `stdout`. */
  to: string;
  /** Files to read, by absolute path; the last part may have `*`. */
  files: string[];
  /** Folder that outlives the collector's container. */
  stateFolder: string;
}

/**
 * Configuration of an OpenTelemetry Collector that loses no line: what was read, and what is still to be sent, is written
 * down before it goes on; where the receiver is away it waits, and the lines stay in their files.
 */
export function collectorConfig({ entry, to, files, stateFolder }: CollectorConfigArgs): string {
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
