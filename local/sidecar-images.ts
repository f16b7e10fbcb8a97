import { existsSync } from "node:fs";
import path from "node:path";
import { collectorImage, waitingImage } from "../components/serving/log-shipping";
import { rcloneImage } from "../components/serving/model-updates";
import { pullImage } from "./cluster";
import { provideBusybox } from "./debian";
import { inFolder, inTurn } from "./folder";
import { dockerAnswers } from "./image";
import { loadImage } from "./local";
import { packImage } from "./pack-image";
import { step, type Say } from "../process/progress";
import { run } from "../process/run";
import { collectorTool, rcloneTool } from "./tool-list";
import { provide } from "./tools";

/** How an image is put together where it cannot be pulled: its own programs in their places, under its own name. */
const makers: Record<string, (archive: string, say: Say) => Promise<void>> = {
  async [rcloneImage](archive, say) {
    const rclone = await provide(rcloneTool, say);
    const shell = await withShell(say);
    const programs = { ...shell.programs, "usr/local/bin/rclone": rclone };
    await packImage(
      { ...shell, tag: rcloneImage, programs, entrypoint: ["rclone"], user: 0 },
      archive,
    );
  },
  async [collectorImage](archive, say) {
    const programs = { "otelcol-contrib": await provide(collectorTool, say) };
    await packImage(
      { tag: collectorImage, programs, entrypoint: ["/otelcol-contrib"], user: 10001 },
      archive,
    );
  },
  async [waitingImage](archive, say) {
    const shell = await withShell(say);
    await packImage({ ...shell, tag: waitingImage, entrypoint: ["sh"], user: 0 }, archive);
  },
};

/** What an entry of a stack says of the images that its pods run. */
interface Entry {
  image?: string;
  sidecars: Readonly<Record<string, { image: string }>>;
}

/** A service of a stack, whose pods may run containers of ours. */
interface Service extends Entry {
  modelUpdates?: object;
  logs?: object;
}

/** Images of ours that the pods of a stack run. */
export function sidecarImagesOf({
  services,
  jobs,
}: {
  services: Readonly<Record<string, Service>>;
  jobs: Readonly<Record<string, Entry>>;
}): string[] {
  const entries = [...Object.values(services), ...Object.values(jobs)];
  const ours = Object.values(services).flatMap(({ modelUpdates, logs }) => [
    ...(modelUpdates ? [rcloneImage] : []),
    ...(logs ? [collectorImage, waitingImage] : []),
  ]);
  const named = entries.flatMap(({ image, sidecars }) => [
    ...(image === undefined ? [] : [image]),
    ...Object.values(sidecars).map((sidecar) => sidecar.image),
  ]);
  return [...new Set([...ours, ...named])].filter((image) => image in makers);
}

/**
 * Brings images of sidecars into the running cluster: pulled where there is a way to their registry, else made of Debian
 * packages and Go modules. Docker's cluster pulls by itself.
 */
export async function loadSidecarImages(tags: readonly string[]): Promise<void> {
  if (await dockerAnswers()) return;
  for (const tag of tags) {
    await step(`image ${tag}`, async (say) => {
      const archive = inFolder("images", `${tag.replace(/[^\w.-]/g, "_")}.tar`);
      if (!existsSync(archive)) {
        say("pulling");
        if (await pullImage(tag)) return;
        await inTurn(path.basename(archive), async () => {
          if (!existsSync(archive)) await makers[tag]?.(archive, say);
        });
      }
      await loadImage({ tag, archive });
    });
  }
}

async function withShell(say: Say) {
  const busybox = await provideBusybox(say);
  const { stdout } = await run(busybox, ["--list"]);
  const programs: Record<string, string> = { "bin/busybox": busybox };
  const commands = stdout.split("\n").filter((name) => name !== "" && name !== "busybox");
  return {
    programs,
    links: Object.fromEntries(commands.map((name) => [path.join("bin", name), "busybox"])),
  };
}
