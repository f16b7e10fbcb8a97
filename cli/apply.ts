import { checkout } from "../local/folder";
import { Fault } from "../process/fault";
import { NoAnswer } from "../rollouts/ask";
import { clusterOf } from "../rollouts/cluster";
import { maskOf } from "../rollouts/mask";
import { provideEngine, pulumi, secretsOf, type Run } from "./engine";
import type { Failures } from "./engine-events";
import { readPlan, summary } from "./plan";
import { unreachableCluster } from "./reachable";
import { failedWorkloads, type Look as Waits } from "./rolled-out";
import { jsonScreen, masked, textScreen, type Screen } from "./screen";
import { watchedUp, type WatchedUpdate } from "./watched-up";

/** Applies one stack, and shows it to a person or a program. */
export async function run(stack: string, { json }: { json?: boolean }): Promise<number> {
  const { stdout, stderr } = process;
  const screen = json ? jsonScreen(stdout, stderr) : textScreen(stdout);
  await provideEngine();
  const code = await applyStack(stack, pulumi, screen, checkout);
  screen.end?.(code);
  return code;
}

/** How the cluster is reached, and looked at. */
type Look = Waits & { clusterOf: typeof clusterOf };

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
  const away = await unreachableCluster(stack, folder, run);
  if (away !== undefined) throw new Fault(away);
  await refuseBadPlan(stack, run, screen);
  const shown = masked(screen, maskOf(await secretsOf(stack, run)));
  let update: WatchedUpdate | undefined;
  const code = await applied(
    stack,
    async (args) => {
      if (args[0] !== "up") return run(args, { onLine: (line) => shown.say(line) });
      update = await watchedUp(args, { run, clusterOf: look.clusterOf, screen: shown });
      return update;
    },
    (advice) => screen.say(advice),
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
  const { preview, refusal } = readPlan(stack, await run(["preview", "--json", "--stack", stack]));
  for (const warning of preview.warnings) screen.say(`warning: ${warning}`);
  if (refusal !== undefined) throw new Fault(refusal);
  for (const line of summary(preview)) screen.say(line);
}

/** What a state is brought up to date with before an update; a state without any has nothing to refresh. */
const refreshed = [
  // A new range takes the number of nodes along that the state knows (pulumi/pulumi-aws issue 2524): let it be the living one.
  "**aws:eks/nodeGroup:NodeGroup::**",
  // Google patches the control plane of a cluster that stays on a version; its nodes follow what the state knows.
  "**gcp:container/cluster:Cluster::**",
  // One that failed after the last update had ended runs again.
  "**kubernetes:batch/v1:Job::**",
];

/**
 * Makes one stack what its file says, without another preview, and says what to do where it failed; the exit code of what failed
 * first, or 0.
 * @param engine runs pulumi; what failed is known where its events are read
 */
export async function applied(
  stack: string,
  engine: (args: string[]) => Promise<{ code: number; failures?: Failures }>,
  say: (advice: string) => void,
): Promise<number> {
  const command = (name: string, targets: string[] = []) => {
    const told = ["--suppress-outputs", "--diff=false", "--stack", stack];
    return engine([name, "--yes", "--skip-preview", ...targets, ...told]);
  };
  const targets = refreshed.flatMap((target) => ["--target", target]);
  const { code } = await command("refresh", targets);
  if (code !== 0) return code;
  const up = await command("up");
  if (up.code === 0 || !up.failures) return up.code;
  const { resources, errors } = up.failures;
  const isTaken = (error: string) =>
    error.includes("already exists") && error.includes("upsertExistingObjects");
  if (errors.some(isTaken)) {
    say(
      [
        "Do not set upsertExistingObjects, as the message above advises: the stack would take over an object that somebody else may own,",
        "and delete it with its entry.",
        `    do:  if an update of this stack was killed, or a destroy left a kept disk and its namespace, npm run adopt -- ${stack}; else rename the entry, or remove the object that is in the way`,
      ].join("\n"),
    );
  }
  const jobs = resources.filter(({ type, made }) => type === "kubernetes:batch/v1:Job" && made);
  for (const job of new Set(jobs.map(({ name }) => name.replace(/-first$/, "")))) {
    say(
      [
        `jobs.${job} did not succeed; its last lines are above.`,
        `    log: npm run job -- ${job} --stack ${stack} --follow`,
        `    do:  fix what it says, then npm run apply -- ${stack}; it runs again, also where its entry is unchanged`,
      ].join("\n"),
    );
  }
  return up.code;
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
