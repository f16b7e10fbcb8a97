import { existsSync, mkdirSync, readdirSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import path from "node:path";
import { Fault } from "../process/fault";
import { kubernetesChains, removeRules, savedRules } from "./firewall";
import { checkout, isHeld } from "./folder";
import { changedSettings, noteSettings } from "./kernel-settings";
import { readIfThere } from "../process/files";
import { processes } from "./processes";
import { note } from "../process/progress";
import { run } from "../process/run";

/** The bridge that pods hang on. Its alias tells which checkout it belongs to. */
export const bridge = "gpus0";
/** Name of the CNI network. */
const network = "gpu-serving";
const aliasOf = (owner: string) => `gpu-serving ${owner}`.slice(0, 250);
const alias = aliasOf(checkout);
const snapshotOf = (owner: string) => path.join(owner, ".local", "cluster", "host-before.json");
const snapshot = snapshotOf(checkout);

/** The cgroups of ours: one in each hierarchy of cgroup v1, or one in cgroup v2. */
function cgroups(): string[] {
  const root = "/sys/fs/cgroup";
  const hierarchies = existsSync(`${root}/cgroup.controllers`)
    ? [root]
    : readdirSync(root).map((name) => `${root}/${name}`);
  return hierarchies
    .filter((at) => existsSync(`${at}/cgroup.procs`))
    .map((at) => `${at}/gpu-serving`);
}

const bridgeOwner = () => readIfThere(`/sys/class/net/${bridge}/ifalias`)?.trim();

/**
 * Refuses to start beside another cluster, whose rules and addresses ours would get in the way of. What a cluster of another
 * checkout left when it was killed is taken off the machine: nobody may be there any more to stop it.
 */
export async function checkHost(podNetwork: string): Promise<void> {
  const other = bridgeOwner();
  if (other !== undefined && other !== alias) await takeOver(other);
  const prefix = podNetwork.split(".").slice(0, 2).join(".") + ".";
  const rules = (await savedRules("iptables")) + (await savedRules("ip6tables"));
  const chains = kubernetesChains(rules);
  // Rules for an address of ours, without the bridge of another checkout: a start that lost its notes left them.
  if (rules.includes(`-d ${prefix}1.1/32`)) await removeRules(network);
  else if (chains.length > 0) {
    throw new Fault(
      `Another Kubernetes cluster runs on this machine: its firewall chains are there (${chains.slice(0, 3).join(", ")} ...). Stop it, or start Docker so that the local cluster can run apart from it.`,
    );
  }
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    const taken = addresses.find(({ address }) => name !== bridge && address.startsWith(prefix));
    if (taken) {
      throw new Fault(
        `The local cluster uses the addresses ${prefix}0.0/16, and the interface ${name} has ${taken.address}: set GPU_SERVING_LOCAL_NETWORK to the first two numbers of a free private network (for example 10.213) and run the command again.`,
      );
    }
  }
}

async function takeOver(owner: string): Promise<void> {
  const there = owner.replace(/^gpu-serving /, "");
  if (!owner.startsWith("gpu-serving /"))
    throw new Fault(
      `The network interface ${bridge} is not the local cluster's: take it away (\`ip link delete ${bridge}\`), or start Docker so that the local cluster can run apart from it, then run the command again.`,
    );
  const [pid] = holders(there);
  if (pid !== undefined && !existsSync(there))
    throw new Fault(
      `The cluster of another checkout, which was deleted (${there}), still runs: end it with \`kill -9 ${pid}\`, then run the command again.`,
    );
  if (pid !== undefined || isHeld(path.join(there, ".local", "lock")))
    throw new Fault(
      `The network interface ${bridge} belongs to another checkout (${there}): run \`npm stop\` there, then run the command again.`,
    );
  note(`  the cluster of another checkout (${there}) was killed: what it left is taken away`);
  await restore(there);
}

/** What `unshare` is run with so that all that it starts, and what that mounts, ends with it. */
export const ownNamespaces = [
  ...["--mount", "--propagation", "private", "--pid"],
  ...["--fork", "--kill-child", "--mount-proc"],
];

/**
 * Process ids of the `unshare` that holds a checkout's cluster; found by its command line, so that nothing needs to be
 * remembered.
 * @param owner the checkout, or the beginning of its path where that is too long for the bridge's alias
 */
export function holders(owner = checkout): number[] {
  return processes().filter((pid) => {
    const [command, ...args] = (readIfThere(`/proc/${pid}/cmdline`) ?? "").split("\0");
    const supervisor = args.find((arg) => path.basename(arg) === "supervise.sh");
    return (
      command === "unshare" &&
      supervisor !== undefined &&
      aliasOf(path.resolve(supervisor, "../../..")) === aliasOf(owner)
    );
  });
}

/**
 * Makes the bridge and the cgroups, and notes the kernel settings so that {@link restoreHost} can put them back.
 * @param nodeAddress the node's, on the bridge
 * @param serviceRange cluster IPs of Services, in CIDR notation
 */
export async function prepareHost(nodeAddress: string, serviceRange: string): Promise<void> {
  noteSettings(snapshot);
  if (bridgeOwner() === undefined) {
    await run("ip", ["link", "add", bridge, "type", "bridge"]);
    await run("ip", ["link", "set", bridge, "alias", alias]);
    await run("ip", ["address", "add", `${nodeAddress}/24`, "dev", bridge]);
    await run("ip", ["link", "set", bridge, "up"]);
  }
  // kube-proxy changes one table after the other. What no rule translates in between must not leave the machine: whoever
  // answered there would keep the connection.
  await run("ip", ["route", "replace", serviceRange, "dev", bridge]);
  for (const at of cgroups()) {
    mkdirSync(at, { recursive: true });
    // A cpuset of cgroup v1 starts empty, and nothing can run in an empty one.
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      const parents = readIfThere(path.join(at, "..", file));
      if (parents !== undefined && !existsSync("/sys/fs/cgroup/cgroup.controllers"))
        writeFileSync(`${at}/${file}`, parents);
    }
  }
}

/** True when something of this checkout's cluster is on the machine, apart from processes. */
export const hostIsMarked = () => existsSync(snapshot) || bridgeOwner() === alias;

/** Takes bridge, firewall rules, cgroups and kernel settings back; call it once no process of the cluster is left. */
export async function restoreHost(): Promise<void> {
  if (!hostIsMarked()) return;
  const owner = bridgeOwner();
  // What there is now is another checkout's; ours goes once that has stopped.
  if (owner !== undefined && owner !== alias) return;
  await restore(checkout);
}

async function restore(of: string): Promise<void> {
  await removeRules(network);
  if (bridgeOwner() === aliasOf(of)) await run("ip", ["link", "delete", bridge], { mayFail: true });
  for (const at of cgroups()) removeCgroup(at);
  for (const [file, value] of changedSettings(snapshotOf(of))) writeFileSync(file, value);
  rmSync(snapshotOf(of), { force: true });
}

function removeCgroup(at: string): void {
  if (!existsSync(at)) return;
  for (const entry of readdirSync(at, { withFileTypes: true }))
    if (entry.isDirectory()) removeCgroup(path.join(at, entry.name));
  rmdirSync(at);
}
