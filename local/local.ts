import { statSync } from "node:fs";
import path from "node:path";
import { importImage, startEmbedded, stopEmbedded } from "./cluster";
import { clusterFolder, kubeconfig } from "./cluster-config";
import { askDocker } from "./docker";
import { checkMachine, provideParts } from "./embedded";
import { folder, inFolder, inTurn } from "./folder";
import { readIfThere, writeWhole } from "../process/files";
import { buildImage, type ImageSource } from "./image";
import { loadIntoKind, provideKind, startKind, stopKind } from "./kind";
import { endProcessesOf } from "./processes";
import { note, step } from "../process/progress";
import { providePulumi, pulumiEnv, pulumiSets } from "./pulumi";
import { toolPath } from "./tools";

/** A running cluster. */
export interface LocalCluster {
  /** Path of the administrator's kubeconfig, context `gpu-serving-local`. */
  kubeconfig: string;
  /** Environment in which `kubectl` means this cluster and `pulumi` has a state, a login and a passphrase of its own. */
  env: NodeJS.ProcessEnv;
}

/**
 * Makes the tools that are missing, pulumi's too, and starts the cluster, or finds all there. Nodes are ready and have their GPUs.
 * @param wanted.simulatedNodes whether there must be simulated nodes, which the cluster on Docker always has. @default false
 */
export async function startCluster({ simulatedNodes = false } = {}): Promise<LocalCluster> {
  process.env.PATH = [toolPath, process.env.PATH].join(":");
  const docker = await askDocker();
  if (!("cause" in docker)) {
    await Promise.all([
      step("pulumi", async (say) => providePulumi(await pulumiSets(), say)),
      step("tools of the cluster", provideKind).then((kwok) =>
        step("cluster (kind)", (say) => startKind(kwok, say)),
      ),
    ]);
  } else {
    checkMachine(docker);
    if (docker.installed) note(`  without Docker: ${docker.cause}`);
    const parts = await step("tools", async (say) => {
      const sets = await pulumiSets();
      const parts = await provideParts(sets, simulatedNodes, say);
      await providePulumi(sets, say);
      return parts;
    });
    await step("cluster", (say) => startEmbedded(parts, say));
  }
  return { kubeconfig, env: { ...pulumiEnv(), KUBECONFIG: kubeconfig } };
}

/** Takes the cluster off the machine; what was made for it stays in the folder. */
export async function stopCluster(): Promise<void> {
  await step("stop", async (say) => {
    await stopEmbedded(say);
    say("ending what a killed command left");
    await endProcessesOf(folder);
    await stopKind(say);
  });
}

/** An image that is ready for {@link loadImage}. */
export interface ReadyImage {
  /** Name as a pod names it. */
  tag: string;
  /** Archive that holds it; undefined when it is in the Docker daemon. */
  archive: string | undefined;
}

/** Builds an image unless it is up to date; needs no cluster. */
export async function prepareImage(source: ImageSource): Promise<ReadyImage> {
  return step(`image ${source.tag}`, async (log) => {
    const out = inFolder("images", `${source.tag.replace(/[^\w.-]/g, "_")}.tar`);
    // Builds share their layers' store.
    const { archive } = await inTurn("build", () => buildImage({ ...source, out, log }));
    return { tag: source.tag, archive };
  });
}

/** Loads an image into the cluster unless it has it. @returns false when it had */
export async function loadImage({ tag, archive }: ReadyImage): Promise<boolean> {
  if (archive === undefined) return inTurn("load", () => loadIntoKind(tag));
  // The note lies beside the cluster's images and goes with them.
  const note = path.join(clusterFolder, "loaded", tag.replace(/[^\w.-]/g, "_"));
  const { mtimeMs, size } = statSync(archive);
  return inTurn("load", async () => {
    if (readIfThere(note) === `${mtimeMs} ${size}`) return false;
    await step(`loading ${tag}`, () => importImage(archive));
    writeWhole(note, `${mtimeMs} ${size}`);
    return true;
  });
}
