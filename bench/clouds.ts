import { readFileSync } from "node:fs";
import { join } from "node:path";
import { kubectl } from "../local/cluster";
import { checkout, inFolder } from "../local/folder";
import { autoModeKinds, gkeKinds } from "../test/support/clouds/crds";
import type { UpdateResult } from "../test/support/clouds/engine-steps";
import { Sandbox, type LoggedOperation } from "../test/support/clouds/stand-ins";

/** Seconds that a second of a cloud takes here; 1 is real time, ten minutes a cloud. */
const timeScale = Number(process.env.CLOUDS_TIME_SCALE ?? 0.2);

/** How many times the cloud's own time an `up` may take. */
const goal = 1.05;

/** What a cluster with GPU nodes is made from on each cloud. */
const clouds = {
  gke: {
    plugin: "gcp",
    cluster: { region: "us-central1" },
    config: { "gcp:project": "acme-ml" },
    machine: "g2-standard-12",
  },
  eks: {
    plugin: "aws",
    cluster: { region: "us-east-1", access: ["203.0.113.0/24"] },
    config: { "aws:region": "us-east-1" },
    machine: "g6.xlarge",
  },
  aks: {
    plugin: "azure-native",
    cluster: { region: "eastus" },
    config: {},
    machine: "Standard_NC24ads_A100_v4",
  },
} as const;

/** The benchmark of each cloud, by its kind. */
export const cloudBenchmarks: Record<string, () => Promise<string[]>> = {
  gke: () => firstUp("gke"),
  eks: () => firstUp("eks"),
  aks: () => firstUp("aks"),
};

/** Makes a cluster with two capacity types of GPU nodes, and compares the time with that of the cloud's longest chain of dependencies. */
async function firstUp(kind: keyof typeof clouds): Promise<string[]> {
  const { plugin, cluster, config, machine } = clouds[kind];
  for (const known of [...gkeKinds, ...autoModeKinds]) {
    await kubectl(["apply", "-f", "-"], { input: JSON.stringify(known) });
  }
  const box = new Sandbox({
    name: `bench-${kind}`,
    kubeconfig: readFileSync(inFolder("kubeconfig"), "utf8"),
    program: join(checkout, "index.ts"),
  });
  const stack = (deletionProtection: boolean) =>
    box.config({
      ...config,
      cluster: { kind, ...cluster, deletionProtection },
      pools: { l4: { machine, nodes: { min: 0, max: 4 }, capacity: ["spot", "on-demand"] } },
      services: {},
    });
  await box.init();
  stack(true);
  box.control({ timeScale });
  const start = performance.now();
  succeeded(await box.up());
  const seconds = (performance.now() - start) / 1000;
  const lines = compared(kind, seconds, box.longestChain(plugin), secondsAtWork(box.operations()));

  box.control({});
  stack(false);
  succeeded(await box.up());
  succeeded(await box.destroy());
  return lines;
}

/** What is not the cloud's does not grow with the cloud's times: it is told apart, so that scaled times show what real ones give. */
function compared(
  kind: string,
  seconds: number,
  chain: { seconds: number; types: string[] },
  atWork: number,
): string[] {
  const least = chain.seconds * timeScale;
  const real = seconds - atWork + atWork / timeScale;
  const times = (value: number, of: number) => `${(value / of).toFixed(3)} times`;
  return [
    `up on ${kind}, the cloud's times x ${timeScale}: ${seconds.toFixed(1)} s against ${least.toFixed(1)} s of its longest chain: ${times(seconds, least)}`,
    `  without work in the cloud ${(seconds - atWork).toFixed(1)} s; so at the cloud's own times ${real.toFixed(0)} s against ${chain.seconds} s: ${times(real, chain.seconds)} (goal: at most ${goal})`,
    `  ${chain.types.map((type) => type.split(":").at(-1)).join(" > ")}`,
  ];
}

/** Seconds during which the cloud had at least one thing to do. */
function secondsAtWork(operations: readonly LoggedOperation[]): number {
  let underWay = 0;
  let since = 0;
  let sum = 0;
  for (const { at, phase } of operations) {
    if (phase === "begin" && underWay++ === 0) since = at;
    if (phase === "end" && --underWay === 0) sum += at - since;
  }
  return sum / 1000;
}

function succeeded({ code, output }: UpdateResult): void {
  if (code !== 0) throw new Error(output);
}
