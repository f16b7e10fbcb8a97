import { Option, type Command } from "commander";
import { Fault } from "../../process/fault";
import { duration } from "../../process/progress";
import { NoAnswer } from "../../rollouts/ask";
import { accessTo, maskFor, type Access } from "../job/access";
import { entryOf, type Entry, type Run } from "../job/entry";
import { follow } from "../job/follow";
import { startRun } from "../job/manual-run";
import { action, command, jsonOption, stackOption } from "../options";

interface Options {
  stack?: string;
  kubeconfig?: string;
  namespace?: string;
  follow?: boolean;
  detach?: boolean;
  beside?: boolean;
  json?: boolean;
}

/** `npm run job`. */
export function job(program: Command): void {
  command(program, "job", {
    does: "Runs a job of a stack, shows its log and ends with its exit code.",
    examples: ["retrain --stack prod", "retrain --stack prod --follow"],
  })
    .argument("<name>", "name of the entry in jobs")
    .addOption(stackOption())
    .option("--kubeconfig <file>", "kubeconfig of the cluster, instead of the stack's output")
    .option("--namespace <namespace>", "namespace of the job, where several have one of the name")
    .addOption(new Option("--follow", "start nothing, and show the newest run").conflicts("detach"))
    .option("--detach", "return as soon as the run is started")
    .option("--beside", "start a run although another one goes on")
    .addOption(jsonOption("the outcome"))
    .action(action(run));
}

async function run(name: string, options: Options): Promise<number> {
  const to = await accessTo(options);
  try {
    return await runOf(to, await entryOf(to, name, options.namespace), options);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    const fix = error.refused
      ? options.namespace === undefined &&
        " If you may work on one namespace only, name it with --namespace."
      : " Connect to its network, or correct the kubeconfig.";
    throw new Fault(`Cannot work on the cluster: ${error.message}.${fix || ""}`);
  }
}

async function runOf(to: Access, entry: Entry, options: Options): Promise<number> {
  const say = (text: string) => console.error(text);
  const since = Date.now();
  const run = options.follow ? newest(entry) : await started(to, entry, options.beside);
  const { name, namespace } = run;
  const again = `npm run job -- ${entry.name}${to.stack ? ` --stack ${to.stack}` : ""} --follow`;
  const told = { entry: entry.name, namespace, job: name };
  say(options.follow ? `${name} in ${namespace}` : `${name} is started in ${namespace}`);
  if (options.detach) {
    say(`Watch it with: ${again}`);
    if (options.json) console.log(JSON.stringify({ ...told, outcome: "started" }));
    return 0;
  }
  process.once("SIGINT", () => {
    say(`\n${name} goes on. Watch it with: ${again}`);
    say(`End it with: kubectl delete job ${name} --namespace ${namespace}`);
    process.exit(130);
  });
  const mask = await maskFor(to, say);
  const logs = options.json ? process.stderr : process.stdout;
  const { succeeded, exitCode, reason } = await follow(to, run, { say, logs, mask });
  const took = Date.now() - since;
  const outcome = succeeded ? "succeeded" : "failed";
  const code = exitCode === 0 ? "" : `, exit code ${exitCode}`;
  say(`${name} ${outcome} after ${duration(took)}${code}${reason ? ` (${reason})` : ""}`);
  const seconds = Math.round(took / 100) / 10;
  if (options.json) console.log(JSON.stringify({ ...told, outcome, exitCode, seconds, reason }));
  return exitCode;
}

function newest({ name, runs: [run] }: Entry): Run {
  if (run) return run;
  throw new Fault(`${name} has not run yet: leave --follow out to start it.`);
}

async function started(to: Access, entry: Entry, beside = false): Promise<Run> {
  const active = entry.runs.find(({ ending }) => !ending);
  if (!active || beside || entry.sideBySide) return startRun(to, entry);
  const since = active.created.toISOString().replace(".000Z", "Z");
  throw new Fault(
    `${entry.name} runs already, as ${active.name} since ${since}: watch that with --follow, or start another one next to it with --beside.`,
  );
}
