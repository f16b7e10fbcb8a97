// Runs a TypeScript command of this folder in a fresh clone: installs the npm packages first when package-lock.json
// asks for others than are there. Plain JavaScript, because nothing is installed before it has run.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

const checkout = path.resolve(import.meta.dirname, "..");
const wanted = readFileSync(path.join(checkout, "package-lock.json"), "utf8");
// npm removes node_modules before it installs, so a copy of the lock file in there means that the install was finished.
const installed = path.join(checkout, "node_modules", ".installed-lock.json");

// Ctrl-C is for the command, which tidies up; this process ends when the command has.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);

const run = (command, args) => {
  const { status, signal, error } = spawnSync(command, args, { cwd: checkout, stdio: "inherit" });
  if (error) console.error(`${command} could not be run: ${error.message}`);
  return signal ? 130 : (status ?? 1);
};

if (!existsSync(installed) || readFileSync(installed, "utf8") !== wanted) {
  console.log("npm packages: installing those of package-lock.json");
  const status = run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (status !== 0) {
    console.error(
      "The npm packages could not be installed: see npm's message above, then run the command again.",
    );
    process.exit(status);
  }
  writeFileSync(`${installed}.new`, wanted);
  renameSync(`${installed}.new`, installed);
}
process.exit(run(process.execPath, ["--import=tsx", ...process.argv.slice(2)]));
