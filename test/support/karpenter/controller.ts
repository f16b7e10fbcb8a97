import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inFolder } from "../../../local/folder";
import { toolPath } from "../../../local/tools";

/** Karpenter's controller, running as a process of this machine. */
export interface Controller {
  /** Ends it; returns when it is gone. */
  stop(): Promise<void>;
}

const folder = inFolder("test", "karpenter");
const log = join(folder, "controller.log");

/** Starts the controller on a cluster, with the machines that the cloud can give. */
export function startController(kubeconfig: string, machines: object[]): Controller {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "instance-types.json");
  writeFileSync(file, JSON.stringify(machines));
  const output = openSync(log, "w");
  const argv = [join(toolPath, "karpenter-kwok")];
  if (process.platform === "linux") argv.unshift("setpriv", "--pdeathsig", "KILL");
  const [command = "", ...args] = argv;
  const child = spawn(command, args, {
    stdio: ["ignore", output, output],
    env: {
      PATH: process.env.PATH,
      KUBECONFIG: kubeconfig,
      INSTANCE_TYPES_FILE_PATH: file,
      // On in EKS Auto Mode, where a NodePool may have replicas.
      FEATURE_GATES: "StaticCapacity=true",
      DISABLE_LEADER_ELECTION: "true",
      METRICS_PORT: "0",
      HEALTH_PROBE_PORT: "0",
    },
  });
  const gone = once(child, "exit");
  return {
    async stop() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** The last that the controller said. */
export function lastWords(lines: number): string {
  return readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}
