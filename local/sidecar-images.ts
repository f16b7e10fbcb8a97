import { existsSync } from "node:fs";
import path from "node:path";
import { kedaImages } from "../components/cluster/keda/keda";
import { grafanaImage } from "../components/monitoring/grafana";
import { prometheusImage } from "../components/monitoring/prometheus";
import { stateMetricsImage } from "../components/monitoring/state-metrics";
import { placeholderImage } from "../components/serving/autoscaling/placeholders";
import { collectorImage, waitingImage } from "../components/serving/log-shipping";
import { rcloneImage } from "../components/serving/model-updates";
import { controllerImage } from "../components/serving/multi-node/controller";
import { pullImage } from "./cluster";
import { provideBusybox } from "./debian";
import { dockerAnswers } from "./docker";
import { inFolder, inTurn } from "./folder";
import { loadImage } from "./local";
import { packImage, type PackedImage } from "./pack-image";
import { step, type Say } from "../process/progress";
import { run } from "../process/run";
import {
  collectorTool,
  kedaTool,
  leaderWorkerSetTool,
  prometheusTool,
  rcloneTool,
  stateMetricsTool,
} from "./image-tools";
import { pauseTool } from "./tool-list";
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
  async [prometheusImage](say) {
    const programs = { "bin/prometheus": await provide(prometheusTool, say) };
    return { programs, entrypoint: ["/bin/prometheus"], user: 65534 };
  },
  async [stateMetricsImage](say) {
    const programs = { "kube-state-metrics": await provide(stateMetricsTool, say) };
    return { programs, entrypoint: ["/kube-state-metrics"], user: 65534 };
  },
  async [controllerImage](say) {
    const programs = { manager: await provide(leaderWorkerSetTool, say) };
    return { programs, entrypoint: ["/manager"], user: 65532 };
  },
  async [kedaImages.operator](say) {
    const programs = { keda: await provide(kedaTool, say) };
    return { programs, entrypoint: ["/keda"], user: 65532 };
  },
  async [kedaImages.figures](say) {
    const adapter = path.join(path.dirname(await provide(kedaTool, say)), "keda-adapter");
    const programs = { "keda-adapter": adapter };
    return { programs, entrypoint: ["/keda-adapter"], user: 65532 };
  },
  async [placeholderImage](say) {
    return {
      programs: { pause: await provide(pauseTool, say) },
      entrypoint: ["/pause"],
      user: 65535,
    };
  },
  /** No Grafana, which cannot be compiled here: a server that says that it is well. */
  async [grafanaImage](say) {
    const serve =
      "mkdir -p /tmp/api && echo stand-in >/tmp/api/health && exec httpd -f -p 3000 -h /tmp";
    return { ...(await shell(say)), entrypoint: ["sh", "-c", serve], user: 472 };
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

/** What a service says of them besides. */
interface ServiceEntry extends Entry {
  modelUpdates?: object;
  logs?: object;
  replicas: number | { spare?: number };
}

/** Images of ours that the pods of a stack run. */
export function sidecarImagesOf({
  services,
  jobs,
  observability,
  leaderWorkerSet,
  autoscaling,
}: {
  services: Readonly<Record<string, ServiceEntry>>;
  jobs: Readonly<Record<string, Entry>>;
  observability?: { existing?: object };
  leaderWorkerSet?: "install" | "existing";
  autoscaling?: { keda: "install" | "existing" };
}): string[] {
  const ours = Object.values(services).flatMap(({ modelUpdates, logs, replicas }) => [
    ...(modelUpdates ? [rcloneImage] : []),
    ...(logs ? [collectorImage, waitingImage] : []),
    ...(typeof replicas === "object" && replicas.spare ? [placeholderImage] : []),
  ]);
  const entries = [...Object.values(services), ...Object.values(jobs)];
  const named = entries.flatMap(({ image, sidecars }) => [
    image ?? "",
    ...Object.values(sidecars).map((sidecar) => sidecar.image),
  ]);
  const watching =
    observability && !observability.existing
      ? [prometheusImage, stateMetricsImage, grafanaImage]
      : [];
  const groups = leaderWorkerSet === "install" ? [controllerImage] : [];
  const scaling = autoscaling?.keda === "install" ? Object.values(kedaImages) : [];
  return [...new Set([...ours, ...watching, ...groups, ...scaling, ...named])].filter(
    (image) => image in parts,
  );
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
