import { Fault } from "../../process/fault";
import { duration } from "../../process/progress";
import { NoAnswer } from "../../rollouts/ask";
import { accessTo, maskFor, type Access } from "./access";
import { entryOf, startRun, type Entry, type Run } from "./entry";
import { follow } from "./follow";

interface Options {
  stack?: string;
  kubeconfig?: string;
  namespace?: string;
  follow?: boolean;
  detach?: boolean;
  beside?: boolean;
  json?: boolean;
}

/** Runs a job of a stack, or follows its newest run; the exit code is the program's. */
export async function run(name: string, options: Options): Promise<number> {
  const to = await accessTo(options.stack, options.kubeconfig);
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
