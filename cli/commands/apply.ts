import type { Command } from "commander";
import { checkout } from "../../local/folder";
import { provideEngine, pulumi } from "../engine";
import { action, command, jsonOption, stackArgument } from "../options";
import { jsonScreen, textScreen, type Screen } from "../screen";

/** `npm run apply`. */
export function apply(program: Command): void {
  command(program, "apply", {
    does: "Makes one stack what its file says, without asking, and watches its rollouts.",
    examples: ["prod"],
  })
    .addArgument(stackArgument())
    .addOption(jsonOption("what happens to the rollouts, one object a line,"))
    .action(action(run));
}

async function run(stack: string, { json = false }: { json?: boolean }): Promise<number> {
  // Loading it takes longer than all that help needs.
  const { applyStack } = await import("../apply-stack.js");
  const screen = screenFor(json);
  await provideEngine();
  const code = await applyStack(stack, pulumi, screen, checkout);
  screen.end(code);
  return code;
}

function screenFor(json: boolean): Screen {
  const { stdout, stderr } = process;
  if (json) {
    return jsonScreen(
      (text) => stdout.write(text),
      (text) => stderr.write(text),
    );
  }
  return textScreen({
    write: (text) => stdout.write(text),
    live: stdout.isTTY,
    columns: stdout.columns || 80,
  });
}
