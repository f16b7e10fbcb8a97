import { copyFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { run } from "../process/run";
import type { LeftOut } from "./tool-set";

const downloaded = z.object({ Dir: z.string() });

/**
 * Copies a Go module without parts of it, and what pins its versions. Go has checked the module's sum before.
 * @param pinned folder of the `go.mod` whose programs are compiled
 * @param into folder that is made for the copies
 * @returns the folder to compile in, in place of `pinned`
 */
export async function leaveOut(
  { module, files, only = {}, patch }: LeftOut,
  pinned: string,
  into: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  mkdirSync(into);
  const { stdout } = await run("go", ["mod", "download", "-json", module], { cwd: pinned, env });
  const { Dir } = downloaded.parse(JSON.parse(stdout));
  const copy = path.join(into, "source");
  await run("cp", ["-R", Dir, copy]);
  // Go's own copy is read-only, and so it could be neither changed nor removed.
  await run("chmod", ["-R", "u+w", copy]);
  for (const file of files) rmSync(path.join(copy, file));
  for (const [folder, stay] of Object.entries(only)) {
    for (const entry of readdirSync(path.join(copy, folder), { withFileTypes: true }))
      if (entry.isFile() && !stay.includes(entry.name)) rmSync(path.join(copy, folder, entry.name));
  }
  await run("git", ["apply", path.join(pinned, patch)], {
    cwd: copy,
    // Otherwise git takes the paths for those of the checkout around it.
    env: { ...env, GIT_CEILING_DIRECTORIES: into },
  });
  for (const file of ["go.mod", "go.sum"]) {
    copyFileSync(path.join(pinned, file), path.join(into, file));
  }
  await run("go", ["mod", "edit", `-replace=${module}=./source`], { cwd: into, env });
  return into;
}
