import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Access } from "../../../cli/job/access";

/** A stand-in for kubectl that answers from a list and notes what it was asked. */
export class Kubectl {
  /** The folder that it lies in, for PATH. */
  readonly folder = mkdtempSync(join(tmpdir(), "kubectl-"));
  /** The access that a command gets. */
  readonly to: Access = { kubectlArgs: [], env: { PATH: this.folder }, stack: "prod" };

  /** @param answers answer to each question, by how its arguments begin; the first that fits, as text or JSON */
  constructor(answers: Readonly<Record<string, object | string>>) {
    const path = join(this.folder, "kubectl");
    writeFileSync(
      path,
      `#!${process.execPath}
const args = process.argv.slice(2).join(" ").replace(/^--kubeconfig \\S+ /, "");
const { appendFileSync, readFileSync } = require("node:fs");
const input = args.startsWith("create") ? readFileSync(0, "utf8") : "";
appendFileSync(${JSON.stringify(this.log)}, JSON.stringify({ args, input }) + "\\n");
const answers = ${JSON.stringify(answers)};
const key = Object.keys(answers).find((one) => args.startsWith(one));
if (key === undefined) { console.error("stand-in was not told about: " + args); process.exit(64); }
const answer = answers[key];
console.log(typeof answer === "string" ? answer : JSON.stringify(answer));
`,
    );
    chmodSync(path, 0o755);
  }

  /** Puts a stand-in for pulumi beside it, which knows a stack's configuration. */
  addPulumi(config: object): void {
    const path = join(this.folder, "pulumi");
    writeFileSync(
      path,
      `#!${process.execPath}
if (process.argv.slice(2).join(" ") !== "--non-interactive config --json --show-secrets --stack prod") process.exit(64);
console.log(${JSON.stringify(JSON.stringify(config))});
`,
    );
    chmodSync(path, 0o755);
  }

  /** What was created, in order. */
  created(): unknown[] {
    if (!existsSync(this.log)) return [];
    const asked = readFileSync(this.log, "utf8").trimEnd().split("\n");
    return asked
      .map((line) => JSON.parse(line) as { input: string })
      .filter(({ input }) => input !== "")
      .map(({ input }): unknown => JSON.parse(input));
  }

  /** Removes its folder. */
  remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private get log(): string {
    return join(this.folder, "asked");
  }
}
