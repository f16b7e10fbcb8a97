import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { answersReady, kubectl, nodesAreReady, within } from "./cluster";
import { fill, kubeconfig } from "./cluster-config";
import { askDocker } from "./docker";
import { Fault } from "../process/fault";
import { checkout, inFolder } from "./folder";
import { bootId, bootIdFile, changedSettings, noteSettings } from "./kernel-settings";
import { notCreated, portInUse } from "./kind-problems";
import { enforcesPolicies } from "./kind-policies";
import { note, step, type Say } from "../process/progress";
import { run, type RunOptions } from "../process/run";
import { kindTool, kubectlTool, kwokTool } from "./tool-list";
import { provide } from "./tools";
import { writeWhole } from "../process/files";

/** Each checkout has a cluster of its own name: another one's is never taken for it. */
const name = `gpu-serving-${createHash("sha256").update(checkout).digest("hex").slice(0, 8)}`;
/** The one node of the cluster, a container. */
export const kindNode = `${name}-control-plane`;
/** File in the node: the checkout that the cluster belongs to, written once it is whole. */
const ownerFile = "/etc/gpu-serving-checkout";
/** Is there from before the cluster is made until it is gone, with the kernel's settings as they were. */
const mark = inFolder("docker", "host-before.json");
const inCluster = (file: string) => path.join(__dirname, "cluster", file);

/** Finds or makes kind, kubectl and kwok, which runs in the node. */
export async function provideKind(say: Say): Promise<string> {
  await provide(kindTool, say);
  await provide(kubectlTool, say);
  const docker = await askDocker();
  // Node.js may be another processor's, which the machine imitates.
  return provide(kwokTool, say, { os: "linux", ...("arch" in docker && { arch: docker.arch }) });
}

/** kind, on Docker whatever else it would find or was told to use. */
const kind = (args: string[], options: RunOptions = {}) =>
  run("kind", args, {
    ...options,
    env: { ...process.env, KIND_EXPERIMENTAL_PROVIDER: "docker" },
  });

const inNode = (command: string[], options: RunOptions = {}) => {
  const asks = options.input === undefined ? [] : ["--interactive"];
  return run("docker", ["exec", ...asks, kindNode, ...command], options);
};

/** Starts the cluster in Docker, or takes up the one that is there; returns when its nodes are ready and have their GPUs. */
export async function startKind(kwok: string, say: Say): Promise<void> {
  const there = await isThere();
  await (there ? resume(say) : create(say));
  await kubectl(["config", "rename-context", `kind-${name}`, "gpu-serving-local"]);
  say("waiting for the API server");
  if (!(await within(180, answersReady)))
    throw notReady("The API server did not become ready within 180 s");
  say("simulated nodes");
  await keepNodes(kwok);
  say("waiting for the nodes");
  if (!(await within(120, nodesHaveGpus)))
    throw notReady("The nodes did not become ready within 120 s");
  if (there) return;
  say("trying a network policy");
  if ((await enforcesPolicies(kindNode)) === false)
    note("  network policies are not enforced: Docker's kernel lacks what kind's network needs");
}

const notReady = (what: string) =>
  new Fault(
    `${what}: look at \`docker logs ${kindNode}\`. Run \`npm stop\`, then \`npm start\` again.`,
  );

/** Whether the whole cluster is there. Half a one is removed, and one of another checkout refused. */
async function isThere(): Promise<boolean> {
  const ofKind = ["--filter", "label=io.x-k8s.kind.cluster", "--filter", "name=gpu-serving"];
  const { stdout } = await run("docker", ["ps", "--all", ...ofKind, "--format", "{{.Names}}"]);
  const nodes = stdout
    .split("\n")
    .filter((it) => /^gpu-serving(-[0-9a-f]{8})?-control-plane$/.test(it));
  const other = nodes.find((it) => it !== kindNode);
  if (other !== undefined) throw await notOurs(other);
  if (!nodes.includes(kindNode)) return false;
  if ((await ownerOf(kindNode)) === checkout) return true;
  note("  an interrupted start left the cluster half made: it is made again");
  await remove();
  return false;
}

/** The checkout that a whole cluster belongs to, whether its node runs or not. */
async function ownerOf(node: string): Promise<string | undefined> {
  // A tar archive: the file begins after a header of 512 bytes, and zeros follow it.
  const { stdout } = await run("docker", ["cp", `${node}:${ownerFile}`, "-"], { mayFail: true });
  return stdout.slice(512).split("\0")[0] || undefined;
}

async function notOurs(node: string): Promise<Fault> {
  const owner = await ownerOf(node);
  return new Fault(
    owner !== undefined && existsSync(owner)
      ? `The local cluster of another checkout (${owner}) is in Docker, and the ports are its own: run \`npm stop\` there, then run the command again.`
      : `The container ${node} is the local cluster of another checkout${owner === undefined ? "" : `, which is gone (${owner})`}, and the ports are its own: if nobody needs it, remove it with \`docker rm --force --volumes ${node}\`, then run the command again.`,
  );
}

async function create(say: Say): Promise<void> {
  noteSettings(mark);
  rmSync(kubeconfig, { force: true });
  const config = ["--config", inCluster("kind.yaml"), "--kubeconfig", kubeconfig];
  const args = ["create", "cluster", "--name", name, ...config, "--wait", "180s"];
  const onLine = (line: string) => say(line.trim());
  const { code, stderr } = await kind(args, { onLine, mayFail: true, diesWithParent: "KILL" });
  if (code !== 0) throw await notCreated(stderr);
  await inNode(["tee", ownerFile], { input: checkout });
}

async function resume(say: Say): Promise<void> {
  say("starting the node");
  // After a restart of Docker it may stand still.
  const { code, stderr } = await run("docker", ["start", kindNode], { mayFail: true });
  if (code !== 0) throw portInUse(stderr) ?? notReady(`The node does not start (${stderr.trim()})`);
  rmSync(kubeconfig, { force: true });
  await kind(["export", "kubeconfig", "--name", name, "--kubeconfig", kubeconfig]);
}

async function nodesHaveGpus(): Promise<boolean> {
  if (await nodesAreReady(true, kindNode)) return true;
  const gpus = { "nvidia.com/gpu": "8" };
  const patch = JSON.stringify({ status: { capacity: gpus, allocatable: gpus } });
  const which = ["patch", "node", kindNode, "--subresource=status", "--type=merge"];
  await kubectl([...which, "-p", patch], { mayFail: true });
  return false;
}

/** kwok runs in the node and ends with it, so that no process is left on the machine. */
async function keepNodes(kwok: string): Promise<void> {
  if ((await inNode(["pgrep", "-x", "kwok"], { mayFail: true })).code !== 0) {
    const ofNode = inFolder("docker", "kwok-kind.yaml");
    writeWhole(ofNode, fill("kwok-kind.yaml", { NODE_NAME: kindNode }));
    await run("docker", ["cp", kwok, `${kindNode}:/usr/local/bin/kwok`]);
    for (const file of [inCluster("kwok.yaml"), ofNode])
      await run("docker", ["cp", file, `${kindNode}:/etc/${path.basename(file)}`]);
    // A kwok takes over nodes only when the lease of the one before has run out.
    const leases = ["1", "2", "3"].map((number) => `simulated-gpu-${number}`);
    const ofNodes = ["--namespace", "kube-node-lease", "--ignore-not-found"];
    await kubectl(["delete", "lease", ...leases, ...ofNodes]);
    const configs = ["--config", "/etc/kwok.yaml", "--config", "/etc/kwok-kind.yaml"];
    const access = ["--kubeconfig", "/etc/kubernetes/admin.conf"];
    const which = ["--manage-nodes-with-annotation-selector", "kwok.x-k8s.io/node=fake"];
    const times = ["--node-lease-duration-seconds", "40"];
    const command = ["kwok", ...access, ...configs, ...which, ...times];
    await run("docker", ["exec", "--detach", kindNode, ...command]);
  }
  await kubectl(["apply", "--server-side", "-f", inCluster("nodes.yaml")]);
}

/** Loads an image of the Docker daemon into the node. @returns false when the node had it */
export async function loadIntoKind(tag: string): Promise<boolean> {
  const format = "{{.Id}} {{.Os}}/{{.Architecture}}";
  const image = await run("docker", ["image", "inspect", "--format", format, tag]);
  const [id = "", platform = ""] = image.stdout.trim().split(" ");
  const noted = `/var/lib/gpu-serving/loaded/${tag.replace(/[^\w.-]/g, "_")}`;
  // Docker's own number of an image is not always the one that the node knows it by.
  const look = 'crictl inspecti "$0" >/dev/null && cat "$1"';
  const there = await inNode(["sh", "-c", look, tag, noted], { mayFail: true });
  if (there.stdout === id) return false;
  await step(`loading ${tag}`, (say) => load(tag, platform, say));
  await inNode(["sh", "-c", 'mkdir -p "${0%/*}" && cat >"$0"', noted], { input: id });
  return true;
}

async function load(tag: string, platform: string, say: Say): Promise<void> {
  const docker = await askDocker();
  // Of an image for several platforms it has only this machine's, and kind would look for all of them (kind issue 3795).
  const one = "api" in docker && isAtLeast(docker.api, [1, 48]) ? ["--platform", platform] : [];
  const archive = inFolder("docker", "image.tar");
  mkdirSync(path.dirname(archive), { recursive: true });
  try {
    say("saving");
    await run("docker", ["save", ...one, "--output", archive, tag]);
    say("copying into the node");
    await kind(["load", "image-archive", archive, "--name", name]);
  } finally {
    rmSync(archive, { force: true });
  }
}

const isAtLeast = ([major, minor]: [number, number], [wanted, least]: [number, number]) =>
  major > wanted || (major === wanted && minor >= least);

/** Removes the cluster from Docker, if there is one; a fault where it cannot be looked for. */
export async function stopKind(say: Say): Promise<void> {
  const docker = await askDocker();
  if (!("cause" in docker)) {
    say("removing the cluster from Docker");
    return remove();
  }
  if (!existsSync(mark) || !docker.installed) return;
  throw new Fault(
    `${docker.cause}, and the local cluster may be in it: it comes back with Docker. To remove it, ${docker.fix}, then run the command again.`,
  );
}

async function remove(): Promise<void> {
  await restoreSettings();
  await run("docker", ["rm", "--force", "--volumes", kindNode], { mayFail: true });
  rmSync(mark, { force: true });
}

/** Puts the kernel's settings back by way of the node, which may write them whoever runs this. */
async function restoreSettings(): Promise<void> {
  const changed = changedSettings(mark);
  if (changed.length === 0) return;
  // Docker Desktop's containers run on another kernel than this process.
  const { stdout } = await inNode(["cat", bootIdFile], { mayFail: true });
  if (stdout !== bootId()) return;
  const lines = changed.map(([file, value]) => `echo '${value}' >${file}\n`);
  await inNode(["sh"], { input: lines.join(""), mayFail: true });
}
