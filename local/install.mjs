// Runs a TypeScript command of this folder in a fresh clone: installs the npm packages first when package-lock.json
// asks for others than are there. Plain JavaScript, because nothing is installed before it has run.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

const checkout = path.resolve(import.meta.dirname, "..");
const wanted = readFileSync(path.join(checkout, "package-lock.json"), "utf8");
// npm removes node_modules before it installs, so a copy of the lock file in there means that the install was finished.
const installed = path.join(checkout, "node_modules", ".installed-lock.json");

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

if (!existsSync(installed) || readFileSync(installed, "utf8") !== wanted) {
  console.log("npm packages: installing those of package-lock.json");
  const status = await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (status !== 0) {
    console.error(
      "The npm packages could not be installed: see npm's message above, then run the command again.",
    );
    process.exit(status);
  }
  writeFileSync(`${installed}.new`, wanted);
  renameSync(`${installed}.new`, installed);
}
process.exit(await run(process.execPath, ["--import=tsx", ...process.argv.slice(2)]));
