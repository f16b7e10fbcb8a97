import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkout, inFolder } from "../local/folder";
import { startCluster } from "../local/local";
import { step } from "../local/progress";
import { providePulumi } from "../local/pulumi";
import { run } from "../local/run";
import { cloudKinds } from "../test/support/clouds/crds";
import { Sandbox } from "../test/support/clouds/stand-ins";

/** Seconds that a second of a cloud takes here. */
const timeScale = Number(process.env.CLOUDS_TIME_SCALE ?? 0.2);

/** Part of the cloud's own time that an `up` may take. */
const goal = 1.05;

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

/** Makes a cluster with two rungs of GPU nodes on each cloud, and compares the time with that of the cloud's longest chain. */
async function measure(kinds: readonly string[]): Promise<void> {
  const kubeconfig = await localCluster();
  for (const kind of Object.keys(clouds) as (keyof typeof clouds)[]) {
    if (kinds.length > 0 && !kinds.includes(kind)) continue;
    const { plugin, cluster, config, machine } = clouds[kind];
    const box = new Sandbox({
      ...{ name: `bench-${kind}`, kubeconfig, program: join(checkout, "index.ts") },
    });
    await box.init();
    box.config({
      ...config,
      cluster: { kind, ...cluster, deletionProtection: false },
      pools: { l4: { machine, nodes: { min: 0, max: 4 }, capacity: ["spot", "on-demand"] } },
      services: {},
    });
    box.control({ timeScale });
    const start = performance.now();
    const { code, output } = await box.up();
    const seconds = (performance.now() - start) / 1000;
    if (code !== 0) throw new Error(output);
    const chain = box.longestChain(plugin);
    const least = chain.seconds * timeScale;
    const ratio = seconds / least;
    // What is not the cloud's does not grow with the cloud's times.
    const real = 1 + (seconds - least) / chain.seconds;
    console.log(
      `up on ${kind}, creation times x ${timeScale}: ${seconds.toFixed(1)} s against ${least.toFixed(1)} s of the longest chain: ${ratio.toFixed(3)} times; with the real times (${Math.round(chain.seconds)} s) ${real.toFixed(3)} (goal: at most ${goal})`,
    );
    console.log(`  ${chain.types.map((type) => type.split(":").at(-1)).join(" > ")}`);
    box.control({});
    const destroyed = await box.destroy();
    if (destroyed.code !== 0) throw new Error(destroyed.output);
  }
}

/** Starts the local cluster, or takes the one of CLOUDS_KUBECONFIG; it must know the kinds that clouds bring. */
async function localCluster(): Promise<string> {
  const file = process.env.CLOUDS_KUBECONFIG ?? inFolder("kubeconfig");
  if (process.env.CLOUDS_KUBECONFIG === undefined) {
    await startCluster();
    await step("pulumi", providePulumi);
  }
  for (const kind of cloudKinds) {
    const apply = ["--kubeconfig", file, "apply", "-f", "-"];
    await run("kubectl", apply, { input: JSON.stringify(kind) });
  }
  return readFileSync(file, "utf8");
}

void measure(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
