import { existsSync } from "node:fs";
import path from "node:path";
import type { ClusterParts } from "./cluster";
import { provideContainerRuntime } from "./debian";
import type { NoDocker } from "./docker";
import { Fault } from "../process/fault";
import { inFolder } from "./folder";
import { packImage } from "./pack-image";
import { note, type Say } from "../process/progress";
import { embeddedTools, kubectlTool, kwokTool, networkPoliciesTool, pauseTool } from "./tool-list";
import type { ToolSet } from "./tool-set";
import { onPath, provideAll, toolPath } from "./tools";

/** Refuses a machine that can host neither kind of cluster, before anything is fetched or compiled. */
export function checkMachine(
  { cause, fix }: NoDocker,
  platform: string = process.platform,
  user = process.getuid?.(),
): void {
  if (platform === "linux" && user === 0) return;
  const otherwise =
    platform === "linux" ? " Without Docker, the local cluster needs root: use sudo for that." : "";
  throw new Fault(`${cause}: ${fix}, then run the command again.${otherwise}`);
}

/** The tools of an embedded cluster. */
export function embeddedSets(simulatedNodes: boolean, hasGo: boolean): ToolSet[] {
  const ofGo = hasGo ? [networkPoliciesTool, pauseTool] : [];
  return [...embeddedTools, kubectlTool, ...ofGo, ...(simulatedNodes ? [kwokTool] : [])];
}

/**
 * Finds or makes all that the embedded cluster is put together from.
 * @param others tools that are wanted beside it, and count with its own where it says how many are left to compile
 * @param simulatedNodes whether simulated nodes are wanted, which kwok keeps ready
 */
export async function provideParts(
  others: readonly ToolSet[],
  simulatedNodes: boolean,
  say: Say,
): Promise<ClusterParts> {
  const hasGo = onPath("go") !== undefined;
  const [runtime] = await Promise.all([
    provideContainerRuntime(say),
    provideAll([...others, ...embeddedSets(simulatedNodes, hasGo)], say),
  ]);
  const parts = {
    path: [toolPath, ...runtime.path],
    cniPlugins: runtime.cniPlugins,
    simulatedNodes,
  };
  // A machine that gets everything as a download can pull Kubernetes' own image as well.
  if (!hasGo) {
    note("  network policies are not enforced: that needs Go");
    return { ...parts, pauseImage: "registry.k8s.io/pause:3.10" };
  }
  const pauseArchive = inFolder("tools", "pause.tar");
  const pause = { tag: "localhost/gpu-serving/pause:1", entrypoint: ["/pause"], user: 65535 };
  const programs = { pause: path.join(toolPath, "pause") };
  if (!existsSync(pauseArchive)) await packImage({ ...pause, programs }, pauseArchive);
  return { ...parts, pauseImage: pause.tag, pauseArchive };
}
