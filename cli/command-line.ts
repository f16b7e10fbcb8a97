import { Command } from "commander";
import { adopt } from "./commands/adopt";
import { apply } from "./commands/apply";
import { check } from "./commands/check";
import { comment } from "./commands/comment";
import { job } from "./commands/job";
import { preview } from "./commands/preview";
import { quota } from "./commands/quota";
import { stacks } from "./commands/stacks";

/** The command line: each command is a file in `commands/`, and loads what takes long only when it is called. */
export function commandLine(): Command {
  const program = new Command("gpu-serving")
    .description("Checks, previews and applies stacks, and works on what they made.")
    .showHelpAfterError("npm run gpu-serving -- --help lists the commands.");
  for (const define of [check, preview, comment, stacks, apply, adopt, quota, job]) define(program);
  return program;
}
