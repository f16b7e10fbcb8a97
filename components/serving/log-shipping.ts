import { managedFiles, type ManagedSidecar } from "../workload/managed-sidecars";
import { ownVolume, type Mounts, type Volume } from "../workload/volumes";
import { collectorConfig } from "./collector-config";

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

/** What a pod has so that its server's log files arrive elsewhere. */
export interface LogShippingOfPod {
  /** The containers that ship. */
  managed: ManagedSidecar[];
  /** What the main container mounts besides its own: the folders of the files. */
  mounts: Mounts;
}

/**
 * The containers that ship the log files of an entry. What the entry mounts itself stays: only folders outside of that get
 * a volume.
 */
export function logShipping(
  entry: string,
  { to, files, sizeMiB = 1024 }: LogShipping,
  mounted: Mounts,
): LogShippingOfPod {
  const folders = [...new Set(files.map(folderOf))];
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
        files: { "collector.yaml": collectorConfig({ entry, to, files, stateFolder }) },
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

/** The folder that a file, or those of a pattern, are in. */
export function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf("/"));
}

/** Whether a path is, or is in, what is mounted at another. */
export function holds(mountPath: string, path: string): boolean {
  return path === mountPath || path.startsWith(`${mountPath}/`);
}

function podVolume(name: string, sizeMiB: number): Volume {
  return { kind: "nodeCache", name: ownVolume(name), size: `${sizeMiB}Mi` };
}
