import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, renameSync, rmSync, statfsSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { clusterFolder, configureCluster, kubeconfig, nodeName, settings } from "./cluster-config";
import { Fault } from "../process/fault";
import { inFolder } from "./folder";
import { readIfThere } from "../process/files";
import { checkHost, holders, ownNamespaces, prepareHost, restoreHost } from "./host";
import { note, type Say } from "../process/progress";
import { run, type RunOptions, type RunResult } from "../process/run";

const inSources = (file: string) => path.join(__dirname, "cluster", file);
const supervisor = inSources("supervise.sh");
const kubectlCache = inFolder("kubectl");
const overlayfs = 0x794c7630;

/** What the cluster is put together from. */
export interface ClusterParts {
  /** Folders that hold the components' commands, first come first. */
  path: string[];
  /** Folder of the CNI plugins. */
  cniPlugins: string;
  /** Image of the container that holds a pod's network. */
  pauseImage: string;
  /** Archive to load that image from. @default it is pulled */
  pauseArchive?: string;
  /** Whether there are simulated nodes beside the real one; those of an earlier start stay. @default false */
  simulatedNodes?: boolean;
}

/** Process id of the first process in the cluster's namespaces. */
function firstProcess(): number | undefined {
  const [holder] = holders();
  const children = holder && readIfThere(`/proc/${holder}/task/${holder}/children`)?.trim();
  return children ? Number(children.split(" ")[0]) : undefined;
}

/** Runs kubectl as the cluster's administrator. */
export const kubectl = (args: string[], options: RunOptions = {}) =>
  // What it remembers of an API server goes to the user's folder otherwise.
  run("kubectl", ["--kubeconfig", kubeconfig, "--cache-dir", kubectlCache, ...args], options);

/** True when the API server answers that it is ready. */
export async function answersReady(): Promise<boolean> {
  const ready = ["get", "--raw", "/readyz", "--request-timeout=5s"];
  return (await kubectl(ready, { mayFail: true })).stdout === "ok";
}

/** True when the embedded cluster runs and is ready. */
export const isReady = async () => holders().length > 0 && answersReady();

/** Starts the embedded cluster, or takes up the one that runs; returns when its nodes are ready and have their GPUs. */
export async function startEmbedded(parts: ClusterParts, say: Say): Promise<void> {
  process.env.PATH = [...parts.path, process.env.PATH].join(":");
  if (holders().length > 0 && !(await within(20, isReady))) {
    note("  the cluster that runs does not answer: it is ended and started again");
    await stopEmbedded(say);
  }
  if (holders().length === 0) {
    say("preparing");
    await stopEmbedded(say);
    await checkHost(settings.POD_RANGE);
    try {
      await prepareHost(settings.NODE_IP, settings.SERVICE_RANGE);
      await checkPorts();
      const onOverlay = statfsSync(clusterFolder).type === overlayfs;
      await configureCluster({
        PAUSE_IMAGE: parts.pauseImage,
        SNAPSHOTTER: onOverlay ? "native" : "overlayfs",
        CNI_BIN: parts.cniPlugins,
      });
    } catch (thrown) {
      await restoreHost();
      throw thrown;
    }
    hold(parts);
  }
  say("waiting for the API server");
  if (!(await within(90, isReady))) throw died("The API server did not become ready within 90 s");
  const unreadable = path.join(clusterFolder, "etcd.unreadable");
  if (existsSync(unreadable)) {
    note(
      "  the cluster's data could not be read after a crash: it starts afresh, and `pulumi up` makes everything again",
    );
    renameSync(unreadable, `${unreadable}.seen`);
  }
  const dns = path.join(clusterFolder, "dns.yaml");
  const nodes = parts.simulatedNodes ? [inSources("nodes.yaml")] : [];
  const objects = [...nodes, inSources("disks.yaml"), dns];
  await kubectl(["apply", "--server-side", ...objects.flatMap((file) => ["-f", file])]);
  say("waiting for the nodes");
  if (!(await within(90, () => nodesAreReady(parts.simulatedNodes))))
    throw died("The nodes did not become ready within 90 s");
}

/** Ends the cluster's processes and takes everything of it off the machine. Data, images and tools stay in the folder. */
export async function stopEmbedded(say: Say): Promise<void> {
  const first = firstProcess();
  for (const pid of holders()) process.kill(pid, "SIGKILL");
  say("waiting for the last process");
  const isGone = () => holders().length === 0 && !(first && existsSync(`/proc/${first}`));
  if (!(await within(30, isGone))) {
    throw new Fault(
      `The cluster's processes did not end within 30 s (first: ${first}): run \`npm stop\` again, or restart the machine.`,
    );
  }
  await restoreHost();
  // What the disks were mounted over; they are in the cluster's folder.
  await run("rmdir", ["/tmp/hostpath_pv"], { mayFail: true });
  // Its address is nobody's now: what asks it would ask whoever takes the address next.
  rmSync(kubeconfig, { force: true });
}

/** Loads an image archive (docker or OCI) into the cluster's containerd. */
export async function importImage(archive: string): Promise<void> {
  await images(["import", "--all-platforms", "-"], { inputFile: archive });
}

/** Pulls an image into the cluster's containerd, as its kubelet would. @returns false where that cannot be done */
export async function pullImage(tag: string): Promise<boolean> {
  return (await images(["pull", tag], { mayFail: true, timeout: 300_000 })).code === 0;
}

async function images(args: string[], options: RunOptions): Promise<RunResult> {
  const first = firstProcess();
  if (first === undefined) throw died("The cluster is not running");
  const containerd = ["ctr", "-n", "k8s.io", "images"];
  return run("nsenter", ["-t", `${first}`, "-m", ...containerd, ...args], options);
}

function hold({ pauseArchive = "" }: ClusterParts): void {
  const log = openSync(path.join(clusterFolder, "supervisor.log"), "w", 0o600);
  const child = spawn("unshare", [...ownNamespaces, "bash", supervisor], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { PATH: process.env.PATH, HOME: clusterFolder, PAUSE_ARCHIVE: pauseArchive, ...settings },
  });
  child.unref();
}

const nodeList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({
        allocatable: z.record(z.string(), z.string()).optional(),
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
      }),
    }),
  ),
});

/** True when the named node is ready and has GPUs, and the simulated ones too where they are wanted. */
export async function nodesAreReady(simulated = false, name = nodeName): Promise<boolean> {
  const { stdout } = await kubectl(["get", "nodes", "-o", "json"], { mayFail: true });
  if (stdout === "") return false;
  const { items } = nodeList.parse(JSON.parse(stdout));
  const ready = items.filter(
    ({ status }) =>
      status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") &&
      Number(status.allocatable?.["nvidia.com/gpu"] ?? 0) > 0,
  );
  return (
    ready.length >= (simulated ? 4 : 1) && ready.some(({ metadata }) => metadata.name === name)
  );
}

async function checkPorts(): Promise<void> {
  for (const [name, port] of Object.entries(settings).filter(([name]) => name.endsWith("_PORT"))) {
    const ofNode = ["API_PORT", "KUBELET_PORT", "DNS_PORT"].includes(name);
    const host = ofNode ? settings.NODE_IP : "127.0.0.1";
    const server = createServer().unref();
    try {
      await once(server.listen(Number(port), host), "listening");
    } catch {
      throw new Fault(
        `Port ${port} on ${host} is in use, and the local cluster needs it: find its program with \`ss -ltnp 'sport = :${port}'\`, end it, then run the command again.`,
      );
    }
    await once(server.close(), "close");
  }
}

/** Whether a check succeeds within this time. */
export async function within(
  seconds: number,
  check: () => boolean | Promise<boolean>,
): Promise<boolean> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(300))
    if (await check()) return true;
  return false;
}

function died(what: string): Fault {
  const logs = path.join(clusterFolder, "log");
  return new Fault(
    `${what}: the reason is in ${logs} (one file for each component). Run \`npm stop\`, then \`npm start\` again.`,
  );
}
