import { parseArgs } from "node:util";
import { Fault } from "../local/fault";
import { checkout } from "../local/folder";
import { clusterOf } from "../rollouts/cluster";
import { applied } from "./applying";
import { command } from "./command";
import { provideEngine, pulumi } from "./engine";
import { readPlan, summary } from "./plan";
import { unreachableCluster } from "./reachable";
import { failedWorkloads } from "./rolled-out";
import { jsonScreen, textScreen, type Screen } from "./screen";
import { watchedUp, type WatchedUpdate } from "./watched-up";

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
  const code = await make(stack, screen);
  screen.end(code);
  return code;
}

async function make(stack: string, screen: Screen): Promise<number> {
  const away = await unreachableCluster(stack, checkout, (args) => pulumi(args));
  if (away !== undefined) throw new Fault(away);
  screen.say(`Previewing ${stack}`);
  const told = await pulumi(["preview", "--json", "--stack", stack]);
  const { preview, refusal } = readPlan(stack, told.stdout, told.stderr);
  for (const warning of preview.warnings) screen.say(`warning: ${warning}`);
  if (refusal !== undefined) throw new Fault(refusal);
  if (told.code !== 0) throw new Fault(told.stderr.trim() || `the preview of ${stack} failed`);
  summary(preview).forEach((line) => screen.say(line));
  let update: WatchedUpdate | undefined;
  const code = await applied(
    stack,
    async (args) => {
      if (args[0] !== "up") return pulumi(args, { onLine: (line) => screen.line(line) });
      update = await watchedUp(args, { run: pulumi, clusterOf, screen });
      return update;
    },
    (advice) => screen.say(advice),
    true,
  );
  const failed = update && code === 0 ? await lookAfter(stack, update, screen) : update?.failed;
  if (!failed || failed.length === 0) return code;
  screen.say(
    `Not rolled out: ${failed.join(", ")}. The reason is above. Mend it and run npm run apply -- ${stack} again; the version before serves on.`,
  );
  return code === 0 ? 1 : code;
}

/** The engine says that all is well; the cluster has the last word. */
async function lookAfter(stack: string, { handOver }: WatchedUpdate, screen: Screen) {
  if (!handOver) return [];
  try {
    return await failedWorkloads(stack, await clusterOf(handOver.kubeconfig), handOver, screen);
  } catch (error) {
    screen.say(
      `The workloads cannot be looked at: ${error instanceof Error ? error.message : String(error)}`,
    );
    return [];
  }
}

function screenFor(json: boolean): Screen {
  const { stdout, stderr } = process;
  if (json)
    return jsonScreen(
      (text) => stdout.write(text),
      (text) => stderr.write(text),
    );
  return textScreen({
    write: (text) => stdout.write(text),
    live: stdout.isTTY,
    columns: stdout.columns || 80,
  });
}

command(apply);
