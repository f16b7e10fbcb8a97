import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { run } from "../../process/run";

const checkout = resolve(__dirname, "../..");
/** The example as it is in the repository. */
export const example = join(checkout, "examples/digits");

/** A Python with the example's packages, and a model that it trained. */
export interface Trained {
  /** The interpreter. */
  python: string;
  /** A file that train.py wrote. */
  model: string;
}

/** A hook that runs with both, and leaves the suite out where they cannot be had here. */
export const onceTrained = (begin: (ready: Trained) => void | Promise<void>) =>
  async function (this: Mocha.Context) {
    const ready = await trained();
    if (typeof ready !== "string") return begin(ready);
    console.log(`SKIPPED: ${ready}`);
    this.skip();
  };

/** Makes both once for each state of the example, in the ignored folder; a text says why that is impossible here. */
async function trained(): Promise<Trained | string> {
  const hash = createHash("sha256");
  for (const file of ["requirements.txt", "train.py", "model.py"])
    hash.update(readFileSync(join(example, file)));
  const folder = join(checkout, ".local/test", `digits-${hash.digest("hex").slice(0, 12)}`);
  const result = { python: join(folder, "bin/python"), model: join(folder, "model/model.npz") };
  if (existsSync(folder)) return result;

  const system = await systemPython();
  if (system === undefined)
    return "there is no Python 3.11 or later with venv: install python3 and python3-venv";
  mkdirSync(join(checkout, ".local/test"), { recursive: true });
  const half = `${folder}.${process.pid}`;
  const python = join(half, "bin/python");
  const pip = [python, "-m", "pip", "install", "--quiet", "--require-hashes"];
  try {
    for (const [command = "", ...args] of [
      [system, "-m", "venv", half],
      [...pip, "-r", join(example, "requirements.txt")],
      [python, join(example, "train.py"), "--out", join(half, "model")],
    ]) {
      const options = { mayFail: true, env: pythonEnvironment() };
      const { code, stderr } = await run(command, args, options);
      if (code !== 0)
        return `${command} ${args.join(" ")} failed: ${stderr.trimEnd().split("\n").at(-1) ?? ""}`;
    }
    if (!existsSync(folder)) renameSync(half, folder);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  return result;
}

/** The environment for Python in a test: it leaves no bytecode in the repository. */
export const pythonEnvironment = (settings: Record<string, string> = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  PYTHONDONTWRITEBYTECODE: "1",
  ...settings,
});

/** A Python 3.11 or later of this machine that can make environments; undefined where there is none. */
export async function systemPython(): Promise<string | undefined> {
  const check = "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))";
  const usable = async (command: string) =>
    (await run(command, ["-c", check], { mayFail: true })).code === 0;
  const names = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];
  for (const name of names) if (await usable(name)) return name;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return undefined;
  // A fresh Debian, as in a container of CI.
  const install = ["install", "--yes", "--no-install-recommends", "python3-venv"];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  if ((await run("apt-get", install, { env, mayFail: true })).code !== 0) {
    await run("apt-get", ["update"], { env, mayFail: true });
    await run("apt-get", install, { env, mayFail: true });
  }
  // By its path: another python3 may come first on PATH.
  return (await usable("/usr/bin/python3")) ? "/usr/bin/python3" : undefined;
}
