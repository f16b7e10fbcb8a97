import { parseArgs } from "node:util";
import { command } from "../command";
import { Fault } from "../../process/fault";
import { duration } from "../../process/progress";
import { maskFor, withAccess, type Access } from "./access";
import { ending, entryOf, type Entry, type Job } from "./entry";
import { follow } from "./follow";
import { startRun } from "./manual-run";

const usage =
  "Which job? npm run job -- NAME [--stack STACK] [--follow | --detach] [--beside] [--json], such as: npm run job -- retrain --stack prod";

interface Wishes {
  json: boolean;
  follow: boolean;
  detach: boolean;
  beside: boolean;
}

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = given(argv);
  const [name, ...others] = positionals;
  if (name === undefined || others.length > 0 || (values.follow && values.detach)) {
    throw new Fault(usage);
  }
  return withAccess(values, async (to) => {
    const entry = await entryOf(to, name, values.namespace);
    return runOf(to, entry, values);
  });
}

function given(argv: string[]) {
  const flag = { type: "boolean", default: false } as const;
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        ...{ stack: text, kubeconfig: text, namespace: text },
        ...{ json: flag, follow: flag, detach: flag, beside: flag },
      },
    });
  } catch {
    throw new Fault(usage);
  }
}

async function runOf(to: Access, entry: Entry, wishes: Wishes): Promise<number> {
  const say = (text: string) => console.error(text);
  const since = Date.now();
  const run = wishes.follow ? newest(entry) : await started(to, entry, wishes.beside);
  const { name, namespace } = run.metadata;
  const again = `npm run job -- ${entry.name}${to.stack ? ` --stack ${to.stack}` : ""} --follow`;
  const told = { entry: entry.name, namespace, job: name };
  say(wishes.follow ? `${name} in ${namespace}` : `${name} is started in ${namespace}`);
  if (wishes.detach) {
    say(`Watch it with: ${again}`);
    if (wishes.json) console.log(JSON.stringify({ ...told, outcome: "started" }));
    return 0;
  }
  process.once("SIGINT", () => {
    say(`\n${name} goes on. Watch it with: ${again}`);
    say(`End it with: kubectl delete job ${name} --namespace ${namespace}`);
    process.exit(130);
  });
  const mask = await maskFor(to, say);
  const logs = wishes.json ? process.stderr : process.stdout;
  const { succeeded, exitCode, reason } = await follow(to, run, { say, logs, mask });
  const took = Date.now() - since;
  const outcome = succeeded ? "succeeded" : "failed";
  const code = exitCode === 0 ? "" : `, exit code ${exitCode}`;
  say(`${name} ${outcome} after ${duration(took)}${code}${reason ? ` (${reason})` : ""}`);
  const seconds = Math.round(took / 100) / 10;
  if (wishes.json) console.log(JSON.stringify({ ...told, outcome, exitCode, seconds, reason }));
  return exitCode;
}

function newest({ name, runs: [run] }: Entry): Job {
  if (run) return run;
  throw new Fault(`${name} has not run yet: leave --follow out to start it.`);
}

async function started(to: Access, entry: Entry, beside: boolean): Promise<Job> {
  const active = entry.runs.find((run) => !ending(run));
  if (!active || beside || entry.sideBySide) return startRun(to, entry);
  throw new Fault(
    `${entry.name} runs already, as ${active.metadata.name} since ${active.metadata.creationTimestamp}: watch that with --follow, or start another one next to it with --beside.`,
  );
}

if (require.main === module) command(main);
