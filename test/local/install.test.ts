import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readIfThere } from "../../process/files";
import { run } from "../../process/run";
import { suiteFolder } from "../support/folder";

describe("installing the npm packages before a command", () => {
  const folder = suiteFolder();
  let checkout: string;

  const write = (file: string, text: string, mode?: number) => {
    mkdirSync(dirname(join(checkout, file)), { recursive: true });
    writeFileSync(join(checkout, file), text, { mode });
  };
  const packages = (versions: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(versions).map(([name, version]) => [`node_modules/${name}`, { version }]),
    );
  const wanted = { tsx: "4.0.0", zod: "4.6.7" };
  const forAnotherSystem = { "node_modules/fsevents": { version: "2.3.3", optional: true } };
  /** Writes what npm notes of an installation. */
  const installed = (versions: Record<string, string>) =>
    write("node_modules/.package-lock.json", JSON.stringify({ packages: packages(versions) }));

  beforeEach(() => {
    checkout = mkdtempSync(join(folder, "checkout-"));
    mkdirSync(join(checkout, "local"));
    copyFileSync(join(__dirname, "../../local/install.mjs"), join(checkout, "local/install.mjs"));
    const all = { "": { name: "project" }, ...packages(wanted), ...forAnotherSystem };
    write("package-lock.json", JSON.stringify({ packages: all }));
    write("bin/npm", `#!/bin/sh\necho "npm $*" >>"${checkout}/calls"\n`, 0o755);
    // Stands for tsx, which every command is run with.
    const main = { name: "tsx", version: "4.0.0", exports: "./index.mjs" };
    write("node_modules/tsx/package.json", JSON.stringify(main));
    write("node_modules/tsx/index.mjs", "");
  });

  /** Runs a command in the checkout. @returns what it and npm were called with */
  async function start(): Promise<string[]> {
    const env = { ...process.env, PATH: `${join(checkout, "bin")}:${process.env.PATH}` };
    const args = ["local/install.mjs", "-e", 'console.log("the command ran")'];
    const { stdout } = await run(process.execPath, args, { cwd: checkout, env });
    assert.match(stdout, /the command ran\n$/);
    return (readIfThere(join(checkout, "calls")) ?? "").split("\n").filter((line) => line !== "");
  }
  const install = ["npm ci --no-audit --no-fund --loglevel=error"];

  it("installs nothing after `npm ci`, which leaves out packages for other systems", async () => {
    installed({ tsx: "4.0.0" });
    assert.deepEqual(await start(), install, "zod is not there");
    write("calls", "");
    installed(wanted);
    assert.deepEqual(await start(), []);
  });

  it("installs what a newer package-lock.json asks for", async () => {
    installed({ ...wanted, zod: "4.6.6" });
    assert.deepEqual(await start(), install);
  });

  it("installs again where an installation was cut short", async () => {
    assert.deepEqual(await start(), install);
  });
});
