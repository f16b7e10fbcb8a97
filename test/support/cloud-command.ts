import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** What a stand-in prints for a question: an answer, or how it fails. */
export type Said = object | { fails: number; says: string };

/** A folder of its own with a stack file and stand-ins for the clouds' command lines, and nothing else on PATH. */
export class CloudCommands {
  /** The folder. */
  readonly folder = mkdtempSync(join(tmpdir(), "quota-"));
  /** Environment in which only the stand-ins are found. */
  readonly env = { PATH: this.folder, HOME: this.folder };

  /** Writes a stack file, and gives its path. */
  stackFile(config: object, name = "Pulumi.prod.yaml"): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    // JSON is YAML.
    writeFileSync(path, JSON.stringify({ config }));
    return path;
  }

  /** A command that answers the questions whose arguments begin like a key, the first that fits, and notes what it was asked. */
  standIn(command: "gcloud" | "aws" | "az", answers: Readonly<Record<string, Said>>): void {
    const path = join(this.folder, command);
    writeFileSync(
      path,
      `#!${process.execPath}
const args = process.argv.slice(2).join(" ");
require("node:fs").appendFileSync(${JSON.stringify(this.log)}, "${command} " + args + "\\n");
const answers = ${JSON.stringify(answers)};
const key = Object.keys(answers).find((one) => args.startsWith(one));
if (key === undefined) { console.error("stand-in was not told about: " + args); process.exit(64); }
const said = answers[key];
if (said.fails) { console.error(said.says); process.exit(said.fails); }
console.log(JSON.stringify(said));
`,
    );
    chmodSync(path, 0o755);
  }

  /** What was asked, in order. */
  asked(): string[] {
    return existsSync(this.log) ? readFileSync(this.log, "utf8").trimEnd().split("\n") : [];
  }

  /** Removes the folder. */
  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private get log(): string {
    return join(this.folder, "asked");
  }
}
