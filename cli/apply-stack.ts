import { Fault } from "../process/fault";
import { clusterOf } from "../rollouts/cluster";
import { maskOf } from "../rollouts/mask";
import { applied } from "./applying";
import { readPlan, summary } from "./plan";
import { unreachableCluster } from "./reachable";
import { failedWorkloads } from "./rolled-out";
import { masked, type Screen } from "./screen";
import { secretsOf } from "./secrets";
import { watchedUp, type Run, type WatchedUpdate } from "./watched-up";

/**
 * Makes one stack what its file says: nothing is changed before the cluster answers and the plan is safe, the rollouts are watched,
 * and the cluster has the last word. The exit code of what failed first, or 0.
 * @param folder of the stack files
 */
export async function applyStack(
  stack: string,
  run: Run,
  screen: Screen,
  folder: string,
): Promise<number> {
  const away = await unreachableCluster(stack, folder, (args) => run(args, {}));
  if (away !== undefined) throw new Fault(away);
  await refuseBadPlan(stack, run, screen);
  const shown = masked(screen, maskOf(await secretsOf(stack, (args) => run(args, {}))));
  let update: WatchedUpdate | undefined;
  const code = await applied(
    stack,
    async (args) => {
      if (args[0] !== "up") return run(args, { onLine: (line) => shown.line(line) });
      update = await watchedUp(args, { run, clusterOf, screen: shown });
      return update;
    },
    (advice) => screen.say(advice),
    true,
  );
  if (!update) return code;
  const failed = code === 0 ? await failedAfter(stack, update, shown) : update.failed;
  if (failed.length === 0) return code;
  screen.say(
    `Not rolled out: ${failed.join(", ")}. The reason is above. Fix it and run npm run apply -- ${stack} again.`,
  );
  return code === 0 ? 1 : code;
}

/** Shows what an update would do, and refuses what it must not. */
async function refuseBadPlan(stack: string, run: Run, screen: Screen): Promise<void> {
  screen.say(`Previewing ${stack}`);
  const { code, stdout, stderr } = await run(["preview", "--json", "--stack", stack], {});
  const { preview, refusal } = readPlan(stack, stdout, stderr);
  for (const warning of preview.warnings) screen.say(`warning: ${warning}`);
  if (refusal !== undefined) throw new Fault(refusal);
  if (code !== 0) throw new Fault(stderr.trim() || `pulumi preview ended with exit code ${code}`);
  for (const line of summary(preview)) screen.say(line);
}

/** Workloads that do not run although the engine says that all is well. */
async function failedAfter(
  stack: string,
  { handOver }: WatchedUpdate,
  screen: Screen,
): Promise<string[]> {
  if (!handOver) return [];
  try {
    return await failedWorkloads(stack, await clusterOf(handOver.kubeconfig), handOver, screen);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    screen.say(`Cannot check the workloads: ${why}`);
    return [];
  }
}
