import { Argument, Option, type Command } from "commander";
import { sentenceFor } from "../process/fault";

/** What the help of a command says. */
export interface About {
  /** What the command does, in a sentence. */
  does: string;
  /** Its npm script. @default the command's name */
  script?: string;
  /** Arguments of calls that are worth showing. */
  examples: readonly string[];
}

/** Adds a command with its help. */
export function command(program: Command, name: string, about: About): Command {
  const { does, script = name, examples } = about;
  const calls = examples.map((example) => `  $ npm run ${script}${example && ` -- ${example}`}`);
  const title = calls.length === 1 ? "Example" : "Examples";
  return program
    .command(name)
    .description(does)
    .addHelpText("after", `\n${title}:\n${calls.join("\n")}`)
    .showHelpAfterError(`npm run ${script} -- --help says how the command is used.`);
}

/** The one stack that a command works on. */
export const stackArgument = () =>
  new Argument("<stack>", "name of the stack, such as prod for Pulumi.prod.yaml");

/** The stack of a command that can also do without. */
export const stackOption = () =>
  new Option("--stack <stack>", "name of the stack, instead of the selected one");

/** Output for programs. */
export const jsonOption = (what: string) =>
  new Option("--json", `print ${what} as JSON on standard output, and nothing else there`);

/** The folder that previews are kept in, one file a stack. */
export const previewsArgument = (name: string) =>
  new Argument(name, "folder that preview --out has written");

/**
 * What a command does when it is called: the work's result is the exit code, and what it throws is printed as its sentence.
 * @param failed exit code where it throws. @default 1
 */
export function action<Args extends unknown[]>(
  work: (...args: Args) => Promise<number> | number,
  failed = 1,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    try {
      process.exitCode = await work(...args);
    } catch (thrown) {
      console.error(sentenceFor(thrown));
      process.exitCode = failed;
    }
  };
}
