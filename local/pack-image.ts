import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { writeWhole } from "../process/files";
import { run } from "../process/run";

/** An image of a few programs that need nothing else. */
export interface PackedImage {
  /** Name of the image, as a pod names it. */
  tag: string;
  /** Programs of this machine, by their path in the image. */
  programs: Record<string, string>;
  /** Links in the image: what they point to, by their path. @default none */
  links?: Record<string, string>;
  /** What is run where a pod says nothing. */
  entrypoint: string[];
  /** Number of the user, and of the group, that it runs as. */
  user: number;
}

/** Packs static programs into an image archive (docker format), without a builder. */
export async function packImage(image: PackedImage, archive: string): Promise<void> {
  const build = `${archive}.build`;
  rmSync(build, { recursive: true, force: true });
  const root = path.join(build, "root");
  const at = (name: string) => {
    const target = path.join(root, name);
    mkdirSync(path.dirname(target), { recursive: true });
    return target;
  };
  for (const [name, program] of Object.entries(image.programs)) copyFileSync(program, at(name));
  for (const [name, to] of Object.entries(image.links ?? {})) symlinkSync(to, at(name));
  const plain = ["--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--sort=name"];
  const layer = path.join(build, "layer.tar");
  await run("tar", ["-cf", layer, ...plain, "-C", root, "."]);
  const digest = createHash("sha256").update(readFileSync(layer)).digest("hex");
  const config = {
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: {
      Entrypoint: image.entrypoint,
      User: `${image.user}:${image.user}`,
      Env: ["PATH=/usr/local/bin:/usr/bin:/bin"],
    },
    rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
  };
  writeWhole(path.join(build, "config.json"), JSON.stringify(config));
  const manifest = [{ Config: "config.json", RepoTags: [image.tag], Layers: ["layer.tar"] }];
  writeWhole(path.join(build, "manifest.json"), JSON.stringify(manifest));
  const files = ["manifest.json", "config.json", "layer.tar"];
  await run("tar", ["-cf", `${archive}.new`, "-C", build, ...files]);
  renameSync(`${archive}.new`, archive);
  rmSync(build, { recursive: true, force: true });
}
