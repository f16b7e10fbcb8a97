import { readdirSync } from "node:fs";
import { kubectl } from "../../local/cluster";
import { readIfThere } from "../../process/files";
import { dockerAnswers } from "../../local/docker";
import { kindNode } from "../../local/kind";
import { run } from "../../process/run";

interface Status {
  name: string;
  containerID?: string;
  restartCount: number;
  ready: boolean;
  state: { running?: object };
  lastState: { terminated?: { message?: string } };
}

/** The one pod of an entry, as far as tests look at it. */
export interface PodOfTest {
  metadata: { name: string; uid: string };
  status: {
    phase: string;
    containerStatuses?: Status[];
    initContainerStatuses?: Status[];
  };
}

/** Pods of an entry that are not on their way out. */
export async function podsOf(namespace: string, entry: string): Promise<PodOfTest[]> {
  const { stdout } = await kubectl([
    "get",
    "pods",
    "-n",
    namespace,
    "-l",
    `app=${entry}`,
    "-o",
    "json",
  ]);
  const { items } = JSON.parse(stdout) as {
    items: (PodOfTest & { metadata: { deletionTimestamp?: string } })[];
  };
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** The status of a container of the one pod of an entry, of whichever kind the container is. */
export async function containerOf(
  namespace: string,
  entry: string,
  container: string,
): Promise<Status | undefined> {
  const [pod] = await podsOf(namespace, entry);
  const { containerStatuses = [], initContainerStatuses = [] } = pod?.status ?? {};
  return [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container);
}

/** Ends a container's first process at once, as a node that runs out of memory does. */
export async function killContainer(containerId: string): Promise<void> {
  const id = containerId.replace("containerd://", "");
  if (await dockerAnswers()) {
    const kill = ["ctr", "-n", "k8s.io", "tasks", "kill", "--signal", "SIGKILL", id];
    await run("docker", ["exec", kindNode, ...kill]);
    return;
  }
  const inContainer = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => (readIfThere(`/proc/${pid}/cgroup`) ?? "").includes(id))
    .map(Number);
  const parent = (pid: number) =>
    Number(/^PPid:\s+(\d+)$/m.exec(readIfThere(`/proc/${pid}/status`) ?? "")?.[1]);
  const first = inContainer.find((pid) => !inContainer.includes(parent(pid)));
  if (first === undefined) throw new Error(`no process of container ${id} runs`);
  process.kill(first, "SIGKILL");
}
