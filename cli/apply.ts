import { parseArgs } from "node:util";
import { Fault } from "../process/fault";
import { checkout } from "../local/folder";
import { applyStack } from "./apply-stack";
import { command } from "./command";
import { provideEngine, pulumi } from "./engine";
import { jsonScreen, textScreen, type Screen } from "./screen";

/** `npm run apply -- stack [--json]`: makes one stack what its file says, without asking, and watches its rollouts. */
async function apply(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: "boolean" } },
  });
  const [stack, ...rest] = positionals;
  if (stack === undefined || rest.length > 0) {
    throw new Fault("Give one stack: npm run apply -- prod");
  }
  const screen = screenFor(values.json === true);
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

command(apply);
