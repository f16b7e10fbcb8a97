import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { contentTag, type BuildArgs } from "../components/images/content";
import { apt } from "./debian";
import { dockerAnswers } from "./docker";
import { Fault } from "../process/fault";
import { readIfThere, writeWhole } from "../process/files";
import { ownNamespaces } from "./host";
import type { Say } from "../process/progress";
import { run } from "../process/run";

/** What an image is built from. */
export interface ImageSource extends BuildArgs {
  /** Name of the image as a pod names it, e.g. `digits:v1`. */
  tag: string;
}

/** What to build, for {@link buildImage}. */
interface ImageArgs extends ImageSource {
  /** Archive to write where no Docker daemon answers; layers are kept beside it, in `buildah/`. */
  out: string;
  /** Gets each line the builder says. */
  log: Say;
}

/** Where the image is now. */
interface BuiltImage {
  /** False when the image of exactly this content was there already. */
  built: boolean;
  /** Archive for `ctr images import`; undefined when the image is in the Docker daemon. */
  archive: string | undefined;
}

const script = join(__dirname, "image", "buildah.sh");
const label = "gpu-serving.content";

/** Builds an image with the Docker daemon, or with buildah where none answers; does nothing when it is up to date. */
export async function buildImage(args: ImageArgs): Promise<BuiltImage> {
  const context = resolve(args.context);
  const { dockerfile = "Dockerfile" } = args;
  if (!existsSync(join(context, dockerfile))) {
    throw new Fault(`There is no ${dockerfile} in ${context}: name the folder that holds it.`);
  }
  return (await dockerAnswers())
    ? withDocker({ ...args, context })
    : withBuildah({ ...args, context });
}

const buildOptions = ({ args = {}, target }: BuildArgs) => [
  ...Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
  ...(target === undefined ? [] : ["--target", target]),
];

async function withDocker({ tag, log, ...build }: Omit<ImageArgs, "out">): Promise<BuiltImage> {
  const { context, dockerfile = "Dockerfile" } = build;
  const content = `${tag}@${contentTag(build)}`;
  // The daemon is asked and no file: the user may have removed the image since.
  const format = `{{index .Config.Labels "${label}"}}`;
  const there = await run("docker", ["image", "inspect", "--format", format, tag], {
    mayFail: true,
  });
  const built = there.stdout.trim() !== content;
  if (built) {
    const file = ["--file", join(context, dockerfile)];
    const options = ["--label", `${label}=${content}`, "--tag", tag, ...buildOptions(build)];
    await run("docker", ["build", ...options, ...file, context], { onLine: log });
  }
  return { built, archive: undefined };
}

async function withBuildah({ tag, out, log, ...build }: ImageArgs): Promise<BuiltImage> {
  const { context, dockerfile = "Dockerfile" } = build;
  const archive = resolve(out);
  const recipe = createHash("sha256").update(readFileSync(script)).digest("hex");
  const content = `${tag}@${contentTag(build)} ${recipe}`;
  const stamp = `${archive}.content`;
  if (existsSync(archive) && readIfThere(stamp) === content) return { built: false, archive };

  await installBuilder(log);
  rmSync(stamp, { force: true });
  const store = join(dirname(archive), "buildah");
  const base = `localhost/python:${recipe.slice(0, 12)}`;
  const options = [...buildOptions(build), ...packageSettings(store)];
  const file = join(context, dockerfile);
  const command = [script, store, context, file, tag, archive, base, ...options];
  // mmdebstrap and buildah mount, and could be killed before they unmount.
  const args = [...ownNamespaces, "--", ...command];
  await run("unshare", args, { onLine: log, diesWithParent: "KILL" });
  writeWhole(stamp, content);
  return { built: true, archive };
}

async function installBuilder(log: Say): Promise<void> {
  const exists = async (command: string) =>
    (await run(command, ["--version"], { mayFail: true })).code !== 127;
  if (process.getuid?.() !== 0 || !(await exists("apt-get"))) {
    throw new Fault(
      "No Docker daemon answers, and an image is built without one only as root on Debian or Ubuntu: start Docker, or run the command as root there.",
    );
  }
  const missing: string[] = [];
  for (const name of ["buildah", "mmdebstrap"]) if (!(await exists(name))) missing.push(name);
  // Ubuntu has it as a package, not as a part of the system.
  const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
  if (!existsSync(keyring)) missing.push("debian-archive-keyring");
  if (missing.length > 0)
    await apt(["install", "--yes", "--no-install-recommends", ...missing], log);
}

/**
 * Mounts this machine's settings for pip into the build: they may name an index and hold its password, so they belong in
 * no layer and in no build argument.
 */
function packageSettings(store: string): string[] {
  const authorities = "/etc/ssl/certs/ca-certificates.crt";
  const settings = Object.entries(process.env)
    // The others name files and folders of this machine.
    .filter(([name]) => /^PIP_(?!CERT$|CONFIG_FILE$|FIND_LINKS$)[A-Z_]+$/.test(name))
    .map(([name, value]) => `${name.slice(4).toLowerCase().replaceAll("_", "-")} = ${value ?? ""}`);
  const fromEnvironment = join(store, "pip.conf");
  writeWhole(fromEnvironment, ["[global]", `cert = ${authorities}`, ...settings, ""].join("\n"));
  const ofUser = ".config/pip/pip.conf";
  // The same order of precedence as on this machine: all users', the user's own, the environment's.
  const mounts: [string, string][] = [
    [process.env.PIP_CERT ?? process.env.SSL_CERT_FILE ?? authorities, authorities],
    ["/etc/pip.conf", "/etc/pip.conf"],
    [process.env.PIP_CONFIG_FILE ?? join(homedir(), ofUser), join("/root", ofUser)],
    [fromEnvironment, "/usr/pip.conf"],
  ];
  return mounts
    .filter(([here]) => existsSync(here))
    .flatMap(([here, there]) => ["--volume", `${here}:${there}:ro`]);
}
