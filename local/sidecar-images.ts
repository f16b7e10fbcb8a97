import { existsSync } from "node:fs";
import path from "node:path";
import { collectorImage, waitingImage } from "../components/serving/log-shipping";
import { rcloneImage } from "../components/serving/model-updates";
import { pullImage } from "./cluster";
import { provideBusybox } from "./debian";
import { dockerAnswers } from "./docker";
import { inFolder, inTurn } from "./folder";
import { loadImage } from "./local";
import { packImage, type PackedImage } from "./pack-image";
import { step, type Say } from "../process/progress";
import { run } from "../process/run";
import { collectorTool, rcloneTool } from "./tool-list";
import { provide } from "./tools";

/** What an image is put together from where it cannot be pulled: its own programs in their places. */
const parts: Record<string, (say: Say) => Promise<Omit<PackedImage, "tag">>> = {
  async [rcloneImage](say) {
    const rclone = await provide(rcloneTool, say);
    const { programs, links } = await shell(say);
    const all = { ...programs, "usr/local/bin/rclone": rclone };
    return { programs: all, links, entrypoint: ["rclone"], user: 0 };
  },
  async [collectorImage](say) {
    const programs = { "otelcol-contrib": await provide(collectorTool, say) };
    return { programs, entrypoint: ["/otelcol-contrib"], user: 10001 };
  },
  async [waitingImage](say) {
    return { ...(await shell(say)), entrypoint: ["sh"], user: 0 };
  },
};

/** What an entry of a stack says of the images that its pods run. */
interface Entry {
  image?: string;
  sidecars: Readonly<Record<string, { image: string }>>;
}

/** Images of ours that the pods of a stack run. */
export function sidecarImagesOf({
  services,
  jobs,
}: {
  services: Readonly<Record<string, Entry & { modelUpdates?: object; logs?: object }>>;
  jobs: Readonly<Record<string, Entry>>;
}): string[] {
  const ours = Object.values(services).flatMap(({ modelUpdates, logs }) => [
    ...(modelUpdates ? [rcloneImage] : []),
    ...(logs ? [collectorImage, waitingImage] : []),
  ]);
  const entries = [...Object.values(services), ...Object.values(jobs)];
  const named = entries.flatMap(({ image, sidecars }) => [
    image ?? "",
    ...Object.values(sidecars).map((sidecar) => sidecar.image),
  ]);
  return [...new Set([...ours, ...named])].filter((image) => image in parts);
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
          const partsOf = existsSync(archive) ? undefined : parts[tag];
          if (partsOf) await packImage({ ...(await partsOf(say)), tag }, archive);
        });
      }
      await loadImage({ tag, archive });
    });
  }
}

async function shell(say: Say) {
  const busybox = await provideBusybox(say);
  const { stdout } = await run(busybox, ["--list"]);
  const programs: Record<string, string> = { "bin/busybox": busybox };
  const commands = stdout.split("\n").filter((name) => name !== "" && name !== "busybox");
  return {
    programs,
    links: Object.fromEntries(commands.map((name) => [path.join("bin", name), "busybox"])),
  };
}
