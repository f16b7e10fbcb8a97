import { Fault } from "../local/fault";
import { applied } from "./applying";
import { command } from "./command";
import { provideEngine, pulumi } from "./engine";

/** `npm run apply -- stack`: makes one stack what its file says, without asking. */
async function apply([stack, ...rest]: string[]): Promise<number> {
  if (stack === undefined || rest.length > 0) {
    throw new Fault("Give one stack: npm run apply -- prod");
  }
  await provideEngine();
  return applied(
    stack,
    (args) => pulumi(args, { onLine: (line) => console.log(line) }),
    (advice) => console.error(advice),
  );
}

command(apply);
