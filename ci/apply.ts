import { Fault } from "../local/fault";
import { command } from "./command";
import { provideEngine, pulumi } from "./engine";

/** `npm run apply -- stack`: makes one stack what its file says, without asking. */
async function apply([stack, ...rest]: string[]): Promise<number> {
  if (stack === undefined || rest.length > 0) {
    throw new Fault("Give one stack: npm run apply -- prod");
  }
  await provideEngine();
  const args = ["up", "--yes", "--suppress-outputs", "--diff=false", "--stack", stack];
  const { code } = await pulumi(args, { onLine: (line) => console.log(line) });
  return code;
}

command(apply);
