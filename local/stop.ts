import { rmSync } from "node:fs";
import { sentenceFor } from "../process/fault";
import { alone, folder } from "./folder";
import { stopCluster } from "./local";
import { note } from "../process/progress";

async function stop(): Promise<void> {
  await stopCluster();
  if (process.argv.includes("--all")) {
    rmSync(folder, { recursive: true, force: true });
    note(`Nothing is left, ${folder} is removed.`);
  } else
    note(
      "Nothing runs any more. Tools and data stay in .local/ for the next `npm start`; `npm stop -- --all` removes them too.",
    );
}

alone(stop).catch((thrown: unknown) => {
  console.error(`\n${sentenceFor(thrown)}`);
  process.exit(1);
});
