import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kubectl } from "../../local/cluster";
import { alone, folder, inFolder } from "../../local/folder";
import { bridge } from "../../local/host";
import { dockerAnswers } from "../../local/docker";
import { startCluster, stopCluster } from "../../local/local";
import { processesOf } from "../../local/processes";
import { run } from "../../process/run";
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
    await kubectl(["wait", "--for=condition=Ready", "pod/to-be-left", "--timeout=300s"]);
    const during = await machine();
    for (const what of ["processes", "namespaces", "interfaces", "rules", "cgroups"] as const) {
      assert.notDeepEqual(during[what], before[what], `the cluster has ${what} of its own`);
    }
    // The cluster's data stays: one whose deletion had only begun would be in the way of the next run.
    await kubectl(["delete", "pod,service", "to-be-left", "--now"]);
    await stopCluster();
    // The kernel takes a network namespace down, with its interfaces, a moment after its last process.
    for (let tries = 0; tries < 50; tries++) {
      if (JSON.stringify((await machine()).interfaces) === JSON.stringify(before.interfaces)) break;
      await sleep(100);
    }
    assert.deepEqual(await machine(), before);
  });

  describe("beside the cluster of another checkout", () => {
    const cgroup = existsSync("/sys/fs/cgroup/cgroup.controllers")
      ? "/sys/fs/cgroup/gpu-serving"
      : "/sys/fs/cgroup/memory/gpu-serving";
    const there = mkdtempSync(join(tmpdir(), "another-checkout-"));
    const supervisor = join(there, "local", "cluster", "supervise.sh");
    const panic = "/proc/sys/kernel/panic";
    let panicBefore: string;
    let without: Awaited<ReturnType<typeof machine>>;
    let theirs: ChildProcess;

    before("it runs", async () => {
      await stopCluster();
      without = await machine();
      panicBefore = readFileSync(panic, "utf8").trim();
      mkdirSync(dirname(supervisor), { recursive: true });
      writeFileSync(supervisor, "read line\n");
      theirs = spawn("unshare", ["--fork", "--kill-child", "bash", supervisor]);
      await run("ip", ["link", "add", bridge, "type", "bridge"]);
      await run("ip", ["link", "set", bridge, "alias", `gpu-serving ${there}`]);
      mkdirSync(cgroup);
      writeFileSync(panic, "7");
      const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
      const settings = { [panic]: panicBefore };
      const notes = join(there, ".local", "cluster", "host-before.json");
      mkdirSync(dirname(notes), { recursive: true });
      writeFileSync(notes, JSON.stringify({ boot, settings }));
    });
    after(async () => {
      theirs.kill("SIGKILL");
      await run("ip", ["link", "delete", bridge], { mayFail: true });
      writeFileSync(panic, panicBefore);
      await stopCluster();
    });

    it("leaves it alone, also after a stop here that did not come to its end", async () => {
      const beside = await machine();
      const notes = inFolder("cluster", "host-before.json");
      writeFileSync(notes, JSON.stringify({ boot: "", settings: {} }));
      await stopCluster();
      assert.deepEqual(await machine(), beside);
      await assert.rejects(
        startCluster(),
        new RegExp(`gpus0 belongs to another checkout \\(${there}\\): run \`npm stop\` there`),
      );
      assert.deepEqual(await machine(), beside);
    });

    it("says how to end it where its checkout was deleted", async () => {
      renameSync(there, `${there}.gone`);
      try {
        await assert.rejects(startCluster(), new RegExp(`kill -9 ${theirs.pid}\``));
      } finally {
        renameSync(`${there}.gone`, there);
      }
    });

    it("takes what it left away once it was killed", async () => {
      const ended = once(theirs, "exit");
      theirs.kill("SIGKILL");
      await ended;
      const itStarts = join(there, ".local", "lock");
      await alone(() => assert.rejects(startCluster(), /belongs to another checkout/), itStarts);
      await startCluster();
      await stopCluster();
      assert.deepEqual(await machine(), without);
    });
  });

  it("has nothing to do the second time", async () => {
    await stopCluster();
    const before = await machine();
    await stopCluster();
    assert.deepEqual(await machine(), before);
  });
});
