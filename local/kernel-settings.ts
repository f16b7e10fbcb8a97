import { z } from "zod";
import { readIfThere, writeWhole } from "../process/files";

/** Kernel settings that the kubelet, kube-proxy and the bridge plugin change. */
const settings = [
  ...["kernel.panic", "kernel.panic_on_oops", "vm.overcommit_memory", "vm.panic_on_oom"],
  ...["kernel.keys.root_maxkeys", "kernel.keys.root_maxbytes"],
  ...["net.ipv4.ip_forward", "net.ipv4.conf.all.route_localnet", "net.ipv6.conf.all.forwarding"],
  ...["net.netfilter.nf_conntrack_max", "net.netfilter.nf_conntrack_tcp_be_liberal"],
  "net.netfilter.nf_conntrack_tcp_timeout_established",
  "net.netfilter.nf_conntrack_tcp_timeout_close_wait",
].map((name) => `/proc/sys/${name.replaceAll(".", "/")}`);

const valueOf = (file: string) => readIfThere(file)?.trim();

/** Holds what {@link bootId} returns. */
export const bootIdFile = "/proc/sys/kernel/random/boot_id";

/** Identifies the kernel that runs, until the machine is started again; undefined where it is not Linux's. */
export const bootId = () => readIfThere(bootIdFile);

/** Settings as they were before the first start since the machine was booted, by their files. */
const noted = z.object({ boot: z.string().optional(), settings: z.record(z.string(), z.string()) });

function readNote(file: string): z.output<typeof noted> | undefined {
  const text = readIfThere(file);
  return text === undefined ? undefined : noted.parse(JSON.parse(text));
}

/** Notes the settings as they are, unless this was done since the machine was booted. */
export function noteSettings(file: string): void {
  const earlier = readNote(file);
  if (earlier && earlier.boot === bootId()) return;
  const values = settings.flatMap((at) => {
    const value = valueOf(at);
    return value === undefined ? [] : [[at, value] as const];
  });
  const note = { boot: bootId(), settings: Object.fromEntries(values) };
  writeWhole(file, JSON.stringify(note, null, 1));
}

/** Settings that are not as they were noted, each with its file and its noted value; none once the machine has been booted. */
export function changedSettings(file: string): [file: string, before: string][] {
  const before = readNote(file);
  if (!before || before.boot !== bootId()) return [];
  return Object.entries(before.settings).filter(([at, value]) => valueOf(at) !== value);
}
