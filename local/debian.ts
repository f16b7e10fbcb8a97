import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { Fault } from "../process/fault";
import { inFolder, inTurn } from "./folder";
import { note, type Say } from "../process/progress";
import { run } from "../process/run";
import { onPath } from "./tools";

const unpacked = inFolder("tools", "debian");
const pluginFolders = [
  "/opt/cni/bin",
  "/usr/lib/cni",
  "/usr/libexec/cni",
  path.join(unpacked, "usr/lib/cni"),
];
const inBin = (command: string) =>
  onPath(command) ??
  ["usr/bin", "usr/sbin"]
    .map((bin) => path.join(unpacked, bin, command))
    .find((file) => existsSync(file));

/** Folder that has the CNI plugins the cluster uses, if there is one. */
const plugins = () =>
  pluginFolders.find((at) =>
    ["bridge", "host-local", "portmap", "loopback"].every((name) =>
      existsSync(path.join(at, name)),
    ),
  );

/** Where containerd, runc and the CNI plugins are. */
export interface ContainerRuntime {
  /** Folders of containerd, its shim, `ctr` and `runc`. */
  path: string[];
  /** Folder of the CNI plugins. */
  cniPlugins: string;
}

/**
 * Finds the container runtime and the network commands or gets them from Debian or Ubuntu packages. The runtime's packages are
 * only unpacked, into the ignored folder: installing them would start a containerd for the whole machine.
 */
export async function provideContainerRuntime(say: Say): Promise<ContainerRuntime> {
  const unpack = [
    ...(["containerd", "ctr", "containerd-shim-runc-v2"].every(inBin) ? [] : ["containerd"]),
    ...(inBin("runc") ? [] : ["runc"]),
    ...(plugins() ? [] : ["containernetworking-plugins"]),
  ];
  const commands = {
    ...{ iptables: "iptables", ip: "iproute2", openssl: "openssl" },
    ...{ nsenter: "util-linux", mount: "mount" },
  };
  const install = Object.entries(commands).flatMap(([command, name]) =>
    onPath(command) ? [] : [name],
  );
  const missing = [...unpack, ...install];
  if (missing.length > 0 && !(onPath("apt-get") && onPath("dpkg-deb"))) {
    throw new Fault(
      `The local cluster needs ${missing.join(", ")}, which are missing, and only Debian and Ubuntu packages can be fetched here: install them with your package manager, or start Docker, then run the command again.`,
    );
  }
  if (install.length > 0)
    await apt(["install", "--yes", "--no-install-recommends", ...install], say);
  if (unpack.length > 0) await unpackPackages(unpack, say);
  const containerd = inBin("containerd");
  const runc = inBin("runc");
  const cniPlugins = plugins();
  if (containerd === undefined || runc === undefined || cniPlugins === undefined) {
    throw new Fault(
      `The packages ${unpack.join(", ")} do not hold what the local cluster needs: start Docker and run the command again.`,
    );
  }
  const how = (file: string) =>
    file.startsWith(unpacked)
      ? "Debian package, unpacked in .local"
      : `from this machine (${file})`;
  note(`  containerd: ${how(containerd)}; runc: ${how(runc)}; network plugins: ${how(cniPlugins)}`);
  return { path: [...new Set([containerd, runc].map((file) => path.dirname(file)))], cniPlugins };
}

/** Unpacks Debian or Ubuntu packages into the ignored folder, and installs nothing. */
const unpackPackages = (names: string[], say: Say) =>
  inTurn("packages", async () => {
    const fetched = path.join(unpacked, "fetched");
    rmSync(fetched, { recursive: true, force: true });
    mkdirSync(path.join(fetched, "partial"), { recursive: true });
    await apt(["download", ...names], say, fetched);
    const root = path.join(fetched, "root");
    for (const name of readdirSync(fetched).filter((file) => file.endsWith(".deb"))) {
      await run("dpkg-deb", ["-x", path.join(fetched, name), root]);
    }
    merge(root);
    rmSync(fetched, { recursive: true });
  });

/** The shell and its commands in one static program, as in the images of Alpine. */
export async function provideBusybox(say: Say): Promise<string> {
  const busybox = path.join(unpacked, "bin", "busybox");
  if (!existsSync(busybox)) await unpackPackages(["busybox-static"], say);
  return busybox;
}

/** Runs apt-get, after an update where the package lists of a fresh machine do not have the packages. */
export const apt = (args: string[], say: Say, cwd?: string): Promise<void> =>
  // Its lists are refused to a second one, which does not wait.
  inTurn("apt", async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const patient = ["-o", "DPkg::Lock::Timeout=300", "-o", "APT::Sandbox::User=root"];
    const aptGet = (args: string[], mayFail = false) =>
      run("apt-get", [...patient, ...args], { cwd, env, mayFail, onLine: say });
    if ((await aptGet(args, true)).code === 0) return;
    await aptGet(["update"]);
    await aptGet(args);
  });

/** Moves whole files into place, so that a killed unpacking leaves nothing that looks complete. */
function merge(root: string): void {
  for (const from of ["bin", "usr/bin", "usr/sbin", "usr/lib/cni"]) {
    if (!existsSync(path.join(root, from))) continue;
    mkdirSync(path.join(unpacked, from), { recursive: true });
    for (const name of readdirSync(path.join(root, from))) {
      renameSync(path.join(root, from, name), path.join(unpacked, from, name));
    }
  }
}
