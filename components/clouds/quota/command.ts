import { z } from "zod";
import { parsedJson } from "../json";
import { Fault } from "../../../process/fault";
import { run } from "../../../process/run";

/** A cloud's own command line. */
export interface Command {
  /** Its name, found on PATH. */
  name: "gcloud" | "aws" | "az";
  /** Where one gets it. */
  from: string;
  /** How one logs in. */
  login: string;
  /** What it says when nobody is logged in. */
  loggedOut: RegExp;
}

/** Minutes after which a question is given up; Azure's list of machines takes the longest. */
const patience = 5;

/** Asks a cloud through its command; collects what it did not answer, so that the rest is still told. */
export class Asking {
  /** Sentences on what could not be asked. */
  readonly unasked: string[] = [];

  constructor(
    private readonly command: Command,
    private readonly env: NodeJS.ProcessEnv = process.env,
  ) {}

  /** The answer, checked; undefined, with a sentence in `unasked`, when there is none. Throws where no other question would be answered. */
  async ask<Shape extends z.ZodType>(
    shape: Shape,
    args: string[],
  ): Promise<z.output<Shape> | undefined> {
    const { name, from, login, loggedOut } = this.command;
    const { code, stdout, stderr } = await run(name, args, {
      ...{ env: this.env, mayFail: true, timeout: patience * 60_000 },
    });
    const said = lastLine(stderr);
    if (code === 127) {
      throw new Fault(
        `${name} is not installed: get it from ${from}, log in with ${login}, and ask again.`,
      );
    }
    if (code !== 0 && loggedOut.test(stderr)) {
      throw new Fault(`${name} is not logged in: run ${login}, and ask again. It said: ${said}`);
    }
    const asked = `${name} ${args.join(" ")}`;
    if (code !== 0) {
      this.unasked.push(`\`${asked}\` failed (exit code ${code}): ${said}`);
      return undefined;
    }
    const answer = shape.safeParse(parsedJson(stdout));
    if (answer.success) return answer.data;
    const [issue] = answer.error.issues;
    this.unasked.push(
      `\`${asked}\` answered something else than expected, at ${issue?.path.join(".") || "the top"}: ${issue?.message}`,
    );
    return undefined;
  }
}

function lastLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").at(-1) ?? "no reason given";
}
