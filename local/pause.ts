import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { writeWhole } from "./folder";
import { run } from "./run";

/** Name of the image that holds a pod's network, where Kubernetes' own cannot be had. */
export const ownPauseImage = "localhost/gpu-serving/pause:1";

/** Packs one static program into an image archive (docker format). */
export async function packPauseImage(program: string, archive: string): Promise<void> {
  const build = `${archive}.build`;
  rmSync(build, { recursive: true, force: true });
  mkdirSync(build, { recursive: true });
  const plain = ["--owner=0", "--group=0", "--numeric-owner", "--mtime=@0"];
  const layer = path.join(build, "layer.tar");
  copyFileSync(program, path.join(build, "pause"));
  await run("tar", ["-cf", layer, ...plain, "-C", build, "pause"]);
  const digest = createHash("sha256").update(readFileSync(layer)).digest("hex");
  const config = {
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    config: { Entrypoint: ["/pause"], User: "65535:65535" },
    rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
  };
  writeWhole(path.join(build, "config.json"), JSON.stringify(config));
  const manifest = [{ Config: "config.json", RepoTags: [ownPauseImage], Layers: ["layer.tar"] }];
  writeWhole(path.join(build, "manifest.json"), JSON.stringify(manifest));
  await run("tar", [
    "-cf",
    `${archive}.new`,
    "-C",
    build,
    "manifest.json",
    "config.json",
    "layer.tar",
  ]);
  renameSync(`${archive}.new`, archive);
  rmSync(build, { recursive: true, force: true });
}
