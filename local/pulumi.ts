import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { open, Unreachable } from "./download";
import { checkout, inFolder } from "./folder";
import { writeWhole } from "../process/files";
import { errorCode } from "../process/fault";
import { note, type Say } from "../process/progress";
import { run, type RunOptions, type RunResult } from "../process/run";
import { localPulumiTools, providerTool } from "./tool-list";
import type { ToolSet } from "./tool-set";
import { provideAll, toolPath } from "./tools";

/** Version of the provider that the npm package asks for: its own. */
const { version: pluginVersion } = z
  .object({ version: z.string() })
  .parse(
    JSON.parse(
      readFileSync(path.join(checkout, "node_modules/@pulumi/kubernetes/package.json"), "utf8"),
    ),
  );
const home = inFolder("pulumi", "home");
const plugin = path.join(home, "plugins", `resource-kubernetes-v${pluginVersion}`);
const compiled = () => existsSync(path.join(toolPath, "pulumi-resource-kubernetes"));

/** The environment of every pulumi command: a state, a login and a passphrase of its own, none of them the user's. */
export function pulumiEnv(): NodeJS.ProcessEnv {
  const secret = inFolder("pulumi", "passphrase");
  if (!existsSync(secret)) makePassphrase(secret);
  mkdirSync(inFolder("pulumi", "state"), { recursive: true });
  // Variables of the user's that would lead elsewhere stay out.
  const users = Object.entries(process.env).filter(
    ([name]) => !/^(PULUMI_|KUBECONFIG$)/.test(name),
  );
  return {
    ...Object.fromEntries(users),
    PATH: [toolPath, process.env.PATH].join(":"),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${inFolder("pulumi", "state")}`,
    PULUMI_CONFIG_PASSPHRASE: readFileSync(secret, "utf8"),
    PULUMI_CREDENTIAL_STORE: "plaintext",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    ...(compiled() ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" } : {}),
  };
}

/** Writes a passphrase of its own, unless another process has just done so. */
function makePassphrase(file: string): void {
  const half = `${file}.${process.pid}`;
  writeWhole(half, randomBytes(24).toString("base64url"));
  try {
    linkSync(half, file);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  } finally {
    rmSync(half);
  }
}

/** Runs the real pulumi in the checkout, on the local state. */
export const pulumi = (args: string[], options: RunOptions = {}): Promise<RunResult> =>
  run("pulumi", ["--non-interactive", ...args], {
    cwd: checkout,
    diesWithParent: "TERM",
    ...options,
    env: { ...pulumiEnv(), ...options.env },
  });

const isDownloaded = () =>
  existsSync(plugin) && !existsSync(`${plugin}.partial`) && !existsSync(`${plugin}.lock`);

/** Pulumi's tools that can be found or made like others: the engine, and its Kubernetes provider where Pulumi cannot download it. */
export async function pulumiSets(): Promise<ToolSet[]> {
  if (isDownloaded()) return [localPulumiTools];
  const { name, version } = providerTool;
  const both = [localPulumiTools, providerTool];
  if (existsSync(inFolder("tools", `${name}-${version}`, "source"))) return both;
  try {
    const answer = await open("https://get.pulumi.com/");
    await answer.body?.cancel();
    return [localPulumiTools];
  } catch (error) {
    if (error instanceof Unreachable) return both;
    throw error;
  }
}

/** Finds or makes these tools, and has Pulumi download its Kubernetes provider unless that is one of them. */
export async function providePulumi(sets: readonly ToolSet[], say: Say): Promise<void> {
  await provideAll(sets, say);
  if (sets.includes(providerTool)) return;
  const earlier = isDownloaded();
  if (!earlier) {
    say("downloading the Kubernetes provider");
    const args = ["plugin", "install", "resource", "kubernetes", pluginVersion];
    await pulumi(args, { timeout: 600_000, onLine: say });
  }
  note(`  kubernetes provider ${pluginVersion}: downloaded by Pulumi${earlier ? " earlier" : ""}`);
}
