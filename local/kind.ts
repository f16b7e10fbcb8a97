import path from "node:path";
import { kubectl, nodesAreReady } from "./cluster";
import { kubeconfig } from "./cluster-config";
import { Fault } from "../process/fault";
import { dockerAnswers } from "./image";
import type { Say } from "../process/progress";
import { run } from "../process/run";
import { kindTool, kubectlTool, kwokTool } from "./tool-list";
import { onPath, provide } from "./tools";

const name = "gpu-serving";
const node = `${name}-control-plane`;
const inCluster = (file: string) => path.join(__dirname, "cluster", file);

/** Finds or makes kind, kubectl and kwok. kwok runs in the node's container: it is always Linux's. */
export async function provideKind(say: Say): Promise<string> {
  await provide(kindTool, say);
  await provide(kubectlTool, say);
  return provide(kwokTool, say, "linux");
}

const exists = async () =>
  (await run("kind", ["get", "clusters"])).stdout.split("\n").includes(name);

/** Starts the cluster in Docker, or takes up the one that is there; returns when its nodes are ready and have their GPUs. */
export async function startKind(kwok: string, say: Say): Promise<void> {
  if (!(await exists())) {
    const args = ["create", "cluster", "--config", inCluster("kind.yaml"), "--wait", "180s"];
    await run("kind", [...args, "--kubeconfig", kubeconfig], { onLine: say });
  } else {
    // After a restart of Docker the node is there and stands still.
    await run("docker", ["start", node]);
    await run("kind", ["export", "kubeconfig", "--name", name, "--kubeconfig", kubeconfig]);
  }
  await kubectl(["config", "delete-context", "gpu-serving-local"], { mayFail: true });
  await kubectl(["config", "rename-context", `kind-${name}`, "gpu-serving-local"]);
  await keepNodes(kwok, say);
  const gpus = { "nvidia.com/gpu": "8" };
  const patch = JSON.stringify({ status: { capacity: gpus, allocatable: gpus } });
  for (let tries = 0; !(await nodesAreReady(node)); tries++) {
    if (tries > 60) {
      throw new Fault(
        "The nodes of the kind cluster did not become ready: run `npm stop`, then `npm start` again.",
      );
    }
    say("waiting for the nodes");
    const args = ["patch", "node", node, "--subresource=status", "--type=merge", "-p", patch];
    await kubectl(args, { mayFail: true });
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** kwok runs in the node's container and ends with it, so that no process is left on the machine. */
async function keepNodes(kwok: string, say: Say): Promise<void> {
  say("simulated nodes");
  const runs = await run("docker", ["exec", node, "pgrep", "-x", "kwok"], { mayFail: true });
  if (runs.code !== 0) {
    await run("docker", ["cp", kwok, `${node}:/usr/local/bin/kwok`]);
    await run("docker", ["cp", inCluster("kwok.yaml"), `${node}:/etc/kwok.yaml`]);
    const access = ["--kubeconfig", "/etc/kubernetes/admin.conf", "--config", "/etc/kwok.yaml"];
    const which = ["--manage-nodes-with-annotation-selector", "kwok.x-k8s.io/node=fake"];
    const leases = ["--node-lease-duration-seconds", "40"];
    await run("docker", ["exec", "--detach", node, "kwok", ...access, ...which, ...leases]);
  }
  await kubectl(["apply", "--server-side", "-f", inCluster("nodes.yaml")]);
}

/** Loads an image of the Docker daemon into the node. @returns false when the node had it */
export async function loadIntoKind(tag: string): Promise<boolean> {
  const id = await run("docker", ["image", "inspect", "--format", "{{.Id}}", tag]);
  const there = await run("docker", ["exec", node, "crictl", "images", "--no-trunc", "--quiet"]);
  if (there.stdout.includes(id.stdout.trim())) return false;
  await run("kind", ["load", "docker-image", tag, "--name", name]);
  return true;
}

/** Removes the cluster from Docker, if there is one. */
export async function stopKind(say: Say): Promise<void> {
  if (onPath("docker") === undefined || !(await dockerAnswers())) return;
  const there = await run("docker", ["ps", "--all", "--quiet", "--filter", `name=^${node}$`]);
  if (there.stdout.trim() === "") return;
  await run("docker", ["rm", "--force", "--volumes", node], { onLine: say });
}
