// Runs a TypeScript command of this folder in a fresh clone: installs the npm packages first when package-lock.json
// asks for others than are there. Plain JavaScript, because nothing is installed before it has run.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

const checkout = path.resolve(import.meta.dirname, "..");

/** Packages of a lock file by their folder, without the project itself. */
const packagesOf = (file) =>
  Object.entries(JSON.parse(readFileSync(file, "utf8")).packages ?? {}).filter(([at]) => at !== "");

/** Whether every package is there that package-lock.json asks for, whoever installed it. */
function isInstalled() {
  // npm writes it when it has installed everything, and `npm ci` removes node_modules first.
  const list = path.join(checkout, "node_modules", ".package-lock.json");
  if (!existsSync(list)) return false;
  const installed = Object.fromEntries(packagesOf(list));
  return packagesOf(path.join(checkout, "package-lock.json")).every(
    // Those for other systems are left out.
    ([at, { version, optional }]) =>
      (installed[at] ?? (optional && { version }))?.version === version,
  );
}

// Ctrl-C reaches the command from the terminal, which tidies up; this process ends when the command has.
process.on("SIGINT", () => undefined);

const run = (command, args) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: checkout, stdio: "inherit" });
    const pass = (signal) => child.kill(signal);
    process.on("SIGTERM", pass);
    child.on("error", (error) => {
      console.error(`${command} could not be run: ${error.message}`);
      resolve(1);
    });
    child.on("exit", (status, signal) => {
      process.off("SIGTERM", pass);
      resolve(signal ? 130 : (status ?? 1));
    });
  });

if (!isInstalled()) {
  console.log("npm packages: installing those of package-lock.json");
  const status = await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (status !== 0) {
    console.error(
      "The npm packages could not be installed: see npm's message above, then run the command again.",
    );
    process.exit(status);
  }
}
process.exit(await run(process.execPath, ["--import=tsx", ...process.argv.slice(2)]));
