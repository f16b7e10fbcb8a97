import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kubectl } from "../../local/cluster";
import { folder, inFolder } from "../../local/folder";
import { bridge } from "../../local/host";
import { dockerAnswers } from "../../local/image";
import { startCluster, stopCluster } from "../../local/local";
import { processesOf } from "../../local/processes";
import { run } from "../../local/run";
import { cluster } from "../support/local-cluster";

/** Namespaces that processes live in, of the kinds that a container has. */
function namespaces(): string[] {
  const found = new Set<string>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    for (const kind of ["net", "mnt", "pid"]) {
      try {
        found.add(readlinkSync(`/proc/${pid}/ns/${kind}`));
      } catch {
        // The process has ended since.
      }
    }
  }
  return [...found].sort();
}

function clusterProcesses(): string[] {
  const names = /^(\/\S*\/)?(etcd|kube-\w+|kubelet|kwok|containerd\S*|runc|pause|supervise\.sh)\0/;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    })
    .filter((command) => names.test(command));
}

const cgroups = (folder = "/sys/fs/cgroup", depth = 2): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => [
      join(folder, name),
      ...(depth > 1 ? cgroups(join(folder, name), depth - 1) : []),
    ]);

const settings = ["net/ipv4/ip_forward", "net/ipv4/conf/all/route_localnet", "kernel/panic"].concat(
  ["kernel/panic_on_oops", "vm/overcommit_memory", "vm/panic_on_oom"],
);

/** What the cluster could leave on the machine. */
async function machine() {
  const rules = await Promise.all(
    ["iptables-save", "ip6tables-save"].map((command) => run(command, [], { mayFail: true })),
  );
  return {
    processes: clusterProcesses(),
    programs: processesOf(folder).map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8")),
    namespaces: namespaces(),
    mounts: readFileSync("/proc/mounts", "utf8").split("\n"),
    interfaces: Object.keys(networkInterfaces()).concat(readdirSync("/sys/class/net")),
    rules: rules.map(({ stdout }) => stdout.split("\n").filter((line) => /^-A|^:.* -/.test(line))),
    cgroups: cgroups(),
    settings: settings.map((name) => [name, readFileSync(`/proc/sys/${name}`, "utf8").trim()]),
    folders: ["/run", "/var/lib", "/var/log", "/etc"].map((folder) => readdirSync(folder).sort()),
  };
}

describe("npm stop", function () {
  this.timeout(300_000);
  before("the cluster is no container", async function () {
    if (!(await dockerAnswers())) return;
    console.log("SKIPPED: npm stop: a cluster in Docker leaves the machine alone anyway");
    this.skip();
  });
  cluster(this);

  it("leaves the machine as it was: no process, namespace, mount, interface, firewall rule, cgroup or setting", async function () {
    await stopCluster();
    const before = await machine();
    // Also those that the tests of killed updates have left before.
    assert.deepEqual(before.programs, []);
    await startCluster();
    const pod = {
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "to-be-left" } },
      spec: { containers: [{ name: "pause", image: "localhost/gpu-serving/pause:1" }] },
    };
    const service = ["create", "service", "loadbalancer", "to-be-left", "--tcp=80:80"];
    await kubectl(["apply", "-f", "-"], { input: JSON.stringify(pod) });
    await kubectl(service, { mayFail: true });
    await kubectl(["wait", "--for=condition=Ready", "pod/to-be-left", "--timeout=60s"]);
    const during = await machine();
    for (const what of ["processes", "namespaces", "interfaces", "rules", "cgroups"] as const) {
      assert.notDeepEqual(during[what], before[what], `the cluster has ${what} of its own`);
    }
    await kubectl(["delete", "pod,service", "to-be-left", "--wait=false"]);
    await stopCluster();
    // The kernel takes a network namespace down, with its interfaces, a moment after its last process.
    for (let tries = 0; tries < 50; tries++) {
      if (JSON.stringify((await machine()).interfaces) === JSON.stringify(before.interfaces)) break;
      await sleep(100);
    }
    assert.deepEqual(await machine(), before);
  });

  it("leaves the cluster of another checkout alone, also after a stop here that did not come to its end", async () => {
    const cgroup = existsSync("/sys/fs/cgroup/cgroup.controllers")
      ? "/sys/fs/cgroup/gpu-serving"
      : "/sys/fs/cgroup/memory/gpu-serving";
    const notes = inFolder("cluster", "host-before.json");
    await run("ip", ["link", "add", bridge, "type", "bridge"]);
    try {
      await run("ip", ["link", "set", bridge, "alias", "gpu-serving /of/somebody/else"]);
      mkdirSync(cgroup);
      writeFileSync(notes, JSON.stringify({ boot: "", settings: {} }));
      const before = await machine();
      await stopCluster();
      assert.deepEqual(await machine(), before);
      await assert.rejects(startCluster(), /gpus0 belongs to another checkout/);
      assert.deepEqual(await machine(), before);
    } finally {
      await run("ip", ["link", "delete", bridge]);
      await stopCluster();
    }
    assert.ok(!existsSync(cgroup) && !existsSync(notes), "what was left here goes later");
  });

  it("has nothing to do the second time", async () => {
    const before = await machine();
    await stopCluster();
    assert.deepEqual(await machine(), before);
  });
});
