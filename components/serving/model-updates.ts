import { readFileSync } from "node:fs";
import { join } from "node:path";
import { managedFiles, type ManagedSidecar } from "../workload/sidecar-containers";
import type { PodExtras } from "../workload/pod";
import { ownVolume, type Volume } from "../workload/volumes";

/** New versions of a model for a running server. */
export interface ModelUpdates {
  /** Folder of a volume that others write versions into; the whole volume without `folder`. */
  from: { volume: Volume; folder?: string };
  /** Folder of the server's container; `current` in it is the version to read. */
  to: string;
  /** Seconds between two looks for a new version. */
  every: number;
  /** How the server is told. @default it is not: it looks by itself */
  notify?: Notify;
  /** The most that versions may take together: the current one, the one before and the next. @default 10240 */
  sizeMiB?: number;
}

/**
 * How a server is told of a new version: by a signal to its first process, for which both containers run as one user and
 * see each other's processes, or by a POST request to a path on its port.
 */
export type Notify = { signal: "HUP" | "USR1" | "USR2"; user: number } | { http: string };

/** Image with the shell and the copying program; 75 MB, by the makers of rclone. */
export const rcloneImage = "docker.io/rclone/rclone:1.75.1";

/** What the container that fetches is promised; memory is also its limit. */
export const fetcherRequests = { cpu: "50m", memory: "256Mi" };

/**
 * Fetches versions of a model into a folder that a server reads: `sh update.sh first` once before the server starts,
 * `sh update.sh` while it runs. Written for the shell of Alpine (BusyBox) and for any other POSIX shell; docs/sidecars.md
 * tells what it promises to those who publish a model and to those who read it. Its variables are set below.
 */
const updateScript = readFileSync(join(__dirname, "model-updates.sh"), "utf8");

/** Variable by which the fetching container finds a server that it signals; the server has no other of the name. */
export const serverVariable = "MODEL_UPDATES";

// The fetching containers' own paths: the server's folder may be called like any of them.
const source = "/source";
const target = "/target";

/** The containers that fetch new versions of a model for the server on a port, and what its pod and main container have for them. */
export function modelUpdates(
  { from, to, every, notify, sizeMiB = 10240 }: ModelUpdates,
  port: number,
): { managed: ManagedSidecar[] } & Pick<PodExtras, "mounts" | "variables" | "user" | "spec"> {
  const folder = from.folder === undefined ? "" : `/${from.folder}`;
  const size = `${sizeMiB}Mi`;
  const volume: Volume = { kind: "nodeCache", name: ownVolume("model-versions"), size };
  const signalled = notify !== undefined && "signal" in notify;
  const fetcher = {
    image: rcloneImage,
    ...fetcherRequests,
    env: {
      // Below the mount, not mounted itself: a folder that is renamed into place would not be seen.
      SOURCE: `${source}${folder}`,
      // What messages call the source.
      NAME: `${from.volume.name}${folder}`,
      TARGET: target,
      // Where the server sees TARGET.
      FOLDER: to,
      EVERY: String(every),
      // Seconds that a version stays after another one replaced it, for servers that still read it.
      GRACE: String(Math.max(every, 600)),
      // Seconds between two listings of a source without checksums.
      SETTLE: "10",
      LIMIT_KIB: String(sizeMiB * 1024),
      NOTIFY: notification(notify, port),
    },
    files: { "update.sh": updateScript },
    mounts: {
      [source]: { volume: from.volume, write: false },
      [target]: { volume, write: true },
    },
    ...(signalled && { user: notify.user }),
  };
  const command = ["sh", `${managedFiles}/update.sh`];
  return {
    managed: [
      { ...fetcher, name: "model", command: [...command, "first"], first: true },
      { ...fetcher, name: "model-updates", command },
    ],
    mounts: { [to]: { volume, write: false } },
    // How the script finds the server among the processes of the pod.
    variables: signalled ? [{ name: serverVariable, value: to }] : [],
    ...(signalled && { user: notify.user }),
    spec: signalled ? { shareProcessNamespace: true } : {},
  };
}

function notification(notify: Notify | undefined, port: number): string {
  if (notify === undefined) return "";
  return "signal" in notify
    ? `signal ${notify.signal}`
    : `http http://127.0.0.1:${port}${notify.http}`;
}
