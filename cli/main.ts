import { Command, InvalidArgumentError, Option } from "commander";
import { sentenceFor } from "../process/fault";
import { notThere } from "./adoption";

const stackName = "name of the stack, such as prod for Pulumi.prod.yaml";
const previewsFolder = "folder that preview --out has written";
const asJson = (what: string) => `print ${what} as JSON on standard output, and nothing else there`;

/** The command line: how each command is called. What it does is a file of its own, which is loaded when it is called. */
export function commandLine(): Command {
  const program = new Command("gpu-serving")
    .description("Checks, previews and applies stacks, and works on what they made.")
    .showHelpAfterError("npm run gpu-serving -- --help lists the commands.");

  /** Adds a command with arguments of calls that are worth showing. */
  const command = (name: string, does: string, examples: string[], script = name) => {
    const calls = examples.map((example) => `  $ npm run ${script}${example && ` -- ${example}`}`);
    const title = calls.length === 1 ? "Example" : "Examples";
    return program
      .command(name)
      .description(does)
      .addHelpText("after", `\n${title}:\n${calls.join("\n")}`)
      .showHelpAfterError(`npm run ${script} -- --help says how the command is used.`);
  };

  command(
    "check",
    "Checks all stack files without engine, cloud or credentials.",
    [""],
    "check:stacks",
  )
    .option("--json", asJson("where models go, errors and warnings of each stack"))
    .action(action(() => import("./check.js")));

  command("preview", "Prints as Markdown what pulumi up would do to stacks.", [
    ...["prod", "--out previews prod staging"],
  ])
    .argument("[stacks...]", "names of the stacks; without any, all that have a file")
    .option("--out <folder>", "also write each preview to <stack>.json in a folder")
    .option("--skipped <why>", "preview nothing, and say why")
    .option("--json", asJson("the previews"))
    .action(action(() => import("./preview.js")));

  command(
    "comment",
    "Writes previews as the one comment of a pull request, or prints them where PULL_REQUEST is not set.",
    ["previews"],
    "preview:comment",
  )
    .argument("<folder>", previewsFolder)
    .action(action(() => import("./comment.js")));

  command(
    "stacks",
    "Lists the stacks that have a file as a JSON array, or those of them that their previews would change.",
    ["", "previews"],
  )
    .argument("[folder]", previewsFolder)
    .action(action(() => import("./stacks.js")));

  command(
    "apply",
    "Makes one stack what its file says, without asking, and watches its rollouts.",
    ["prod"],
  )
    .argument("<stack>", stackName)
    .option("--json", asJson("what happens to the rollouts, one object a line,"))
    .action(action(() => import("./apply.js")));

  command(
    "adopt",
    "Takes into the state what a killed update had begun to create, or else what a destroy or a failed replacement left.",
    ["prod", "prod cluster-network-nat=nat-0a1b2c3d"],
  )
    .argument("<stack>", stackName)
    .argument(
      "[name=id...]",
      `ids that the cloud knows resources by, where adopt asks for them; ${notThere} for what was not made`,
      withId,
    )
    .action(action(() => import("./adopt.js")));

  command(
    "destroy",
    "Destroys what a stack made, and says what stays and how it is used again; without --yes, previews that.",
    ["prod", "prod --yes"],
  )
    .argument("<stack>", stackName)
    .option("--yes", "destroy it, without asking")
    .option("--json", asJson("what stays"))
    .action(action(() => import("./destroy.js")));

  // A quota that nobody could look up is no quota that is missing, and a call that is wrong finds nothing out either.
  const unanswered = 2;
  command(
    "quota",
    "Asks the cloud whether its quotas, machines and zones suffice for a stack; changes nothing.",
    ["prod", "teams/Pulumi.prod.yaml --json"],
  )
    .argument("<stack>", "name of the stack, or path of its file")
    .option("--json", asJson("what was found"))
    .addHelpText(
      "after",
      "\nExit codes: 0 nothing is missing, 1 something is, 2 nobody could tell.",
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : unanswered))
    .action(action(() => import("./quota.js"), unanswered));

  command("job", "Runs a job of a stack, shows its log and ends with its exit code.", [
    ...["retrain --stack prod", "retrain --stack prod --follow"],
  ])
    .argument("<name>", "name of the entry in jobs")
    .option("--stack <stack>", "name of the stack, instead of the selected one")
    .option("--kubeconfig <file>", "kubeconfig of the cluster, instead of the stack's output")
    .option("--namespace <namespace>", "namespace of the job, where several have one of the name")
    .addOption(new Option("--follow", "start nothing, and show the newest run").conflicts("detach"))
    .option("--detach", "return as soon as the run is started")
    .option("--beside", "start a run although another one goes on")
    .option("--json", asJson("the outcome"))
    .action(action(() => import("./job/job.js")));

  return program;
}

/** Calls `run` of a file, whose result is the exit code; what it throws is printed as its sentence, and the code is `failed`. */
function action<Args extends unknown[]>(
  load: () => Promise<{ run: (...args: Args) => number | Promise<number> }>,
  failed = 1,
) {
  return async (...args: Args): Promise<void> => {
    try {
      const { run } = await load();
      process.exitCode = await run(...args);
    } catch (thrown) {
      console.error(sentenceFor(thrown));
      process.exitCode = failed;
    }
  };
}

function withId(text: string, ids: Record<string, string> = {}): Record<string, string> {
  const [, name, id] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (name !== undefined && id !== undefined) return { ...ids, [name]: id };
  throw new InvalidArgumentError("Write it as name=id, such as cluster-network-nat=nat-0a1b2c3d.");
}

if (require.main === module) void commandLine().parseAsync();
