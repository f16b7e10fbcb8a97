import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kubectl } from "./cluster";
import { run } from "../process/run";

const policy = path.join(__dirname, "cluster", "tried-policy.yaml");
/** Ports of the cluster's DNS: one that the policy leaves open, and the one that it closes. */
const ports = { open: 8080, closed: 9153 };
/** How often the closed port must answer before nothing is believed to keep the policy. */
const enough = 4;

/** A pod of the cluster's DNS. */
interface Pod {
  name: string;
  ip: string;
}

/**
 * Tries a network policy between two pods that every cluster of kind has: those of its DNS.
 * @returns undefined where they do not answer at all
 */
export async function enforcesPolicies(node: string): Promise<boolean | undefined> {
  await kubectl(["apply", "--server-side", "-f", policy]);
  let passed = 0;
  for (let tries = 0; tries < 60 && passed < enough; tries++, await sleep(500)) {
    const [from, to] = await dnsPods();
    if (!from || !to || !(await connects(node, from, to, ports.open))) continue;
    if (!(await connects(node, from, to, ports.closed))) return true;
    passed++;
  }
  return passed > 0 ? false : undefined;
}

async function dnsPods(): Promise<Pod[]> {
  const which = ["--namespace", "kube-system", "--selector", "k8s-app=kube-dns"];
  const format = 'jsonpath={range .items[*]}{.metadata.name} {.status.podIP}{"\\n"}{end}';
  const { stdout } = await kubectl(["get", "pods", ...which, "--output", format]);
  return stdout.split("\n").flatMap((line) => {
    const [name = "", ip = ""] = line.split(" ");
    return ip === "" ? [] : [{ name, ip }];
  });
}

/** Whether a connection from one pod to another is made within a second. */
async function connects(node: string, from: Pod, to: Pod, port: number): Promise<boolean> {
  const inNetworkOfPod = `
    pod=$(crictl pods --quiet --state ready --name "$0")
    pid=$(crictl inspectp --output go-template --template '{{.info.pid}}' "$pod")
    exec nsenter --target "$pid" --net timeout 1 bash -c ': <>"/dev/tcp/$0/$1"' "$1" "$2"`;
  const command = ["bash", "-c", inNetworkOfPod, from.name, to.ip, `${port}`];
  return (await run("docker", ["exec", node, ...command], { mayFail: true })).code === 0;
}
