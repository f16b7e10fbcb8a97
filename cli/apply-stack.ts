import { Fault } from "../process/fault";
import { NoAnswer } from "../rollouts/ask";
import { clusterOf, type Cluster } from "../rollouts/cluster";
import { maskOf } from "../rollouts/mask";
import { applied } from "./applying";
import { readPlan, summary } from "./plan";
import { unreachableCluster } from "./reachable";
import { failedWorkloads, type Look as Waits } from "./rolled-out";
import { masked, type Screen } from "./screen";
import { secretsOf } from "./secrets";
import { watchedUp, type Run, type WatchedUpdate } from "./watched-up";

/** How the cluster is looked at. */
export interface Look extends Waits {
  /** The cluster that a kubeconfig leads to. */
  clusterOf: (kubeconfig: string) => Promise<Cluster>;
}

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
  look: Look = { clusterOf },
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
      update = await watchedUp(args, { run, clusterOf: look.clusterOf, screen: shown });
      return update;
    },
    (advice) => screen.say(advice),
    true,
  );
  if (!update) return code;
  const failed = code === 0 ? await failedAfter(stack, update, shown, look) : update.failed;
  if (failed === "unknown") return 1;
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

/** Workloads that do not run although the engine says that all is well. Who may not look is not held up by that. */
async function failedAfter(
  stack: string,
  { handOver }: WatchedUpdate,
  screen: Screen,
  look: Look,
): Promise<string[] | "unknown"> {
  if (!handOver) return [];
  try {
    const cluster = await look.clusterOf(handOver.kubeconfig);
    return await failedWorkloads(stack, cluster, handOver, screen, look);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const refused = error instanceof NoAnswer && error.refused;
    screen.say(
      refused
        ? `The workloads cannot be looked at: ${why}.`
        : `The update is made, but whether its workloads run is not known: ${why}. Run npm run apply -- ${stack} again when the cluster answers.`,
    );
    return refused ? [] : "unknown";
  }
}
