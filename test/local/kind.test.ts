import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path, { join } from "node:path";
import { parse } from "yaml";
import { checkout as ours } from "../../local/folder";
import { kubectlTool } from "../../local/tool-list";
import { readIfThere } from "../../process/files";
import { run, type RunResult } from "../../process/run";
import { suiteFolder } from "../support/folder";

/** Stands for Docker: containers are lines of a file, and so is what the node holds. Its answers can be set by files. */
const docker = `
case "$1" in
  version) cat version ;;
  info) cat cgroup ;;
  ps) cat containers ;;
  cp) case "$2" in *:/etc/gpu-serving-checkout) tar -cf - "owner-\${2%%:*}" ;; esac ;;
  start) [ ! -e start-fails ] || { cat start-fails >&2; exit 1; } ;;
  image) echo "sha256:built linux/arm64" ;;
  save) [ "$2" != --platform ] || shift 2; echo archive >"$3" ;;
  rm) grep -v "^$4$" containers >rest; mv rest containers; rm -f "owner-$4" ;;
  exec)
    case "$*" in
      *--interactive*tee*) cat >"owner-$3" ;;
      *--interactive*loaded*) cat >loaded ;;
      *"crictl images"*) [ ! -e loaded ] || { echo sha256:in-node; cat loaded; } ;;
      *nsenter*9153) cat policy >&2; [ ! -s policy ] ;;
      *pgrep*) exit 1 ;;
    esac ;;
esac`;

/** Stands for kind. */
const kind = `
[ "$KIND_EXPERIMENTAL_PROVIDER" = docker ] || exit 9
case "$1 $2" in
  "create cluster")
    [ ! -e create-fails ] || { cat create-fails >&2; exit 1; }
    echo "$4-control-plane" >>containers ;;
esac`;

/** Stands for kubectl on a cluster where all is well. */
const kubectl = `
case "$*" in
  *readyz*) printf ok ;;
  *"get nodes"*)
    printf '{"items":['
    for node in $(cat containers) 1 2 3; do
      [ "$node" = 3 ] && end= || end=,
      printf '{"metadata":{"name":"%s"},"status":{"allocatable":{"nvidia.com/gpu":"8"},"conditions":[{"type":"Ready","status":"True"}]}}%s' $node $end
    done
    printf ']}' ;;
  *"get pods"*) printf 'dns-1 10.0.0.1\\ndns-2 10.0.0.2\\n' ;;
esac`;

describe("the local cluster in Docker", () => {
  const all = suiteFolder();
  let folder: string;
  let checkout: string;
  let node: string;

  const state = (file: string) => readIfThere(join(folder, file)) ?? "";
  const set = (file: string, text: string) => writeFileSync(join(folder, file), text);
  const calls = (beginning: string) =>
    state("calls")
      .split("\n")
      .filter((line) => line.startsWith(beginning));
  const nodeOf = (of: string) =>
    `gpu-serving-${createHash("sha256").update(of).digest("hex").slice(0, 8)}-control-plane`;

  beforeEach(() => {
    folder = mkdtempSync(join(all, "kind-"));
    checkout = join(folder, "checkout");
    node = nodeOf(checkout);
    for (const part of ["local", "process"])
      cpSync(join(ours, part), join(checkout, part), {
        recursive: true,
        filter: (file) => path.basename(path.dirname(file)) !== "tools",
      });
    symlinkSync(join(ours, "node_modules"), join(checkout, "node_modules"));
    writeFileSync(
      join(checkout, "command.ts"),
      `import { loadIntoKind, startKind, stopKind } from "./local/kind";
import { sentenceFor } from "./process/fault";
const say = () => undefined;
const work = {
  start: () => startKind("kwok", say),
  stop: () => stopKind(say),
  load: async () => console.log(await loadIntoKind("model:v1")),
}[process.argv[2] ?? ""];
work?.().catch((thrown) => { console.error(sentenceFor(thrown)); process.exitCode = 1; });
`,
    );
    mkdirSync(join(folder, "bin"));
    for (const [name, lines] of Object.entries({ docker, kind, kubectl })) {
      const text = `#!/bin/sh\ncd "${folder}"\necho "${name} $*" >>calls${lines}\n`;
      writeFileSync(join(folder, "bin", name), text, { mode: 0o755 });
    }
    set("version", JSON.stringify({ Client: { ApiVersion: "1.48" }, Server: { Arch: "amd64" } }));
    set("cgroup", "2\n");
    set("containers", "");
    set("policy", "no answer\n");
  });

  /** Runs one of the commands. */
  const command = (name: "start" | "stop" | "load"): Promise<RunResult> =>
    run(process.execPath, ["--import=tsx", "command.ts", name], {
      cwd: checkout,
      env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH}` },
      mayFail: true,
    });
  /** Runs it, and it must not fail. @returns what it says */
  async function done(name: "start" | "stop" | "load"): Promise<string> {
    const { code, stdout, stderr } = await command(name);
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout;
  }
  /** Runs it, and it must fail. @returns its sentence */
  async function failure(name: "start" | "stop"): Promise<string> {
    const { code, stderr } = await command(name);
    assert.equal(code, 1);
    return stderr.trimEnd();
  }
  const created = () => calls("kind create cluster").length;
  const removed = () => calls("docker rm");

  it("is made once, with a name of its own checkout, and taken up by the next start", async () => {
    await done("start");
    const [call = ""] = calls("kind create cluster");
    const name = node.replace("-control-plane", "");
    assert.ok(call.startsWith(`kind create cluster --name ${name} --config `), call);
    await done("start");
    assert.equal(created(), 1);
    assert.deepEqual(calls("docker start"), [`docker start ${node}`]);
    assert.deepEqual(removed(), []);
  });

  it("is made again where a start was interrupted while it made it", async () => {
    set("containers", `${node}\n`);
    const said = await done("start");
    assert.match(said, /an interrupted start left the cluster half made: it is made again\n/);
    assert.deepEqual(removed(), [`docker rm --force --volumes ${node}`]);
    assert.equal(created(), 1);
    assert.equal(state(`owner-${node}`), checkout);
  });

  describe("of another checkout", () => {
    const other = () => nodeOf("/another");
    const there = (owner?: string) => {
      set("containers", `${other()}\n`);
      if (owner !== undefined) set(`owner-${other()}`, owner);
    };

    it("is refused with the way to it, and left as it is", async () => {
      there(all);
      const ends =
        "is in Docker, and the ports are its own: run `npm stop` there, then run the command again.";
      assert.equal(
        await failure("start"),
        `The local cluster of another checkout (${all}) ${ends}`,
      );
      await done("stop");
      assert.deepEqual([removed(), created()], [[`docker rm --force --volumes ${node}`], 0]);
      assert.equal(state("containers"), `${other()}\n`);
    });

    it("can be removed by hand where that checkout is gone", async () => {
      there("/no/such/checkout");
      const owner = "another checkout, which is gone (/no/such/checkout)";
      const ends = `if nobody needs it, remove it with \`docker rm --force --volumes ${other()}\`, then run the command again.`;
      assert.equal(
        await failure("start"),
        `The container ${other()} is the local cluster of ${owner}, and the ports are its own: ${ends}`,
      );
    });
  });

  describe("that cannot be made", () => {
    it("names the port that is in use", async () => {
      const said =
        "Error starting userland proxy: listen tcp4 127.0.0.1:30003: bind: address already in use";
      for (const file of ["create-fails", "start-fails"]) {
        set(file, said);
        assert.match(
          await failure("start"),
          /^Port 30003 on 127\.0\.0\.1 is in use, .*`docker ps --filter publish=30003`.*, then run the command again\.$/,
        );
        set("containers", `${node}\n`);
        set(`owner-${node}`, checkout);
        rmSync(join(folder, "create-fails"), { force: true });
      }
    });

    it("gives kind's reason without a stack trace, and cgroup v1 as a possible one", async () => {
      const trace = [
        "k8s.io/kubernetes/cmd/kubeadm/app/cmd/phases/workflow.(*Runner).Run.func1",
        "\tk8s.io/kubernetes/cmd/kubeadm/app/cmd/phases/workflow/runner.go:262",
        "runtime.goexit",
        "\truntime/asm_amd64.s:1693",
      ];
      const reason = [
        "ERROR: failed to create cluster: failed to init node",
        "the kubelet is not healthy",
      ];
      set("create-fails", [...reason, ...trace].join("\n"));
      const lines = `kind says:\n  ${reason.join("\n  ")}`;
      assert.equal(await failure("start"), `The cluster could not be made in Docker. ${lines}`);
      set("cgroup", "1\n");
      assert.equal(
        await failure("start"),
        `The cluster could not be made in Docker. Docker uses cgroup v1 here, which Kubernetes no longer supports: start the machine with cgroup v2 if nothing else is wrong. ${lines}`,
      );
    });
  });

  it("says that network policies are not enforced where one that was tried is not, and nothing otherwise", async () => {
    assert.doesNotMatch(await done("start"), /network policies/);
    await done("stop");
    set("policy", "");
    assert.match(await done("start"), /^ {2}network policies are not enforced: /m);
  });

  describe("at its end", () => {
    it("is removed with its disks, and nothing is left to do", async () => {
      await done("start");
      await done("stop");
      assert.deepEqual(removed(), [`docker rm --force --volumes ${node}`]);
      assert.equal(existsSync(join(checkout, ".local/docker/host-before.json")), false);
    });

    it("is said to come back where Docker cannot be asked", async () => {
      await done("start");
      const down =
        "Cannot connect to the Docker daemon at unix:///run/d.sock. Is the docker daemon running?";
      appendFileSync(join(folder, "bin/docker"), "");
      writeFileSync(join(folder, "bin/docker"), `#!/bin/sh\necho '${down}' >&2\nexit 1\n`);
      assert.match(
        await failure("stop"),
        /^The Docker daemon at unix:\/\/\/run\/d\.sock does not run, and the local cluster may be in it: it comes back with Docker\. To remove it, start it \(.*\), then run the command again\.$/,
      );
      // Of a checkout that has never had a cluster in Docker nothing can be there.
      rmSync(join(checkout, ".local/docker"), { recursive: true });
      await done("stop");
    });
  });

  describe("gets an image", () => {
    const saved = () => calls("docker save").map((line) => line.split(" --output")[0]);

    it("for its own platform alone, where Docker can save that, and once", async () => {
      assert.match(await done("load"), /true\n$/);
      assert.deepEqual(saved(), ["docker save --platform linux/arm64"]);
      assert.match(
        calls("kind load")[0] ?? "",
        /^kind load image-archive \S+\/image\.tar --name gpu-/,
      );
      assert.equal(await done("load"), "false\n");
      assert.equal(saved().length, 1);
    });

    it("as an older Docker saves it", async () => {
      set("version", JSON.stringify({ Client: { ApiVersion: "1.41" }, Server: { Arch: "amd64" } }));
      await done("load");
      assert.deepEqual(saved(), ["docker save"]);
    });
  });

  describe("its configuration", () => {
    const file = (name: string) => readFileSync(join(ours, "local/cluster", name), "utf8");
    const [config] = (parse(file("kind.yaml")) as { nodes: Record<string, unknown>[] }).nodes;

    it("pins the node image by its digest, of the Kubernetes that kubectl is for", () => {
      const [, minor] = /^v1\.(\d+)\./.exec(kubectlTool.version) ?? [];
      const image = new RegExp(`^kindest/node:v1\\.${minor}\\.\\d+@sha256:[0-9a-f]{64}$`);
      assert.match(String(config?.image), image);
    });

    it("opens the ports of load balancers on 127.0.0.1, which macOS and WSL2 have, under the same numbers", () => {
      const ports = Array.from({ length: 16 }, (_, index) => 30000 + index);
      assert.deepEqual(
        config?.extraPortMappings,
        ports.map((port) => ({ listenAddress: "127.0.0.1", hostPort: port, containerPort: port })),
      );
      const range = "apiServer: { extraArgs: { service-node-port-range: 30000-30015 } }";
      assert.ok(file("kind.yaml").includes(range));
      assert.ok(file("kwok-kind.yaml").includes("ip: 127.0.0.1\n"));
    });
  });
});
