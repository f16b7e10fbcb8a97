import { InvalidArgumentError, type Command } from "commander";
import { Fault } from "../../process/fault";
import type { RunOptions } from "../../process/run";
import { adoption, exportedState, notThere } from "../adoption";
import { provideEngine, pulumi } from "../engine";
import { action, command, stackArgument } from "../options";

type Ids = Record<string, string>;

/** `npm run adopt`. */
export function adopt(program: Command): void {
  command(program, "adopt", {
    does: "Takes into the state what a killed update had begun to create, or else what a destroy or a failed replacement left.",
    examples: ["prod", "prod cluster-network-nat=nat-0a1b2c3d"],
  })
    .addArgument(stackArgument())
    .argument(
      "[name=id...]",
      `ids that the cloud knows resources by, where adopt asks for them; ${notThere} for what was not made`,
      withId,
    )
    .action(action(run));
}

function withId(text: string, ids: Ids = {}): Ids {
  const [, name, id] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || id === undefined) {
    throw new InvalidArgumentError(
      "Write it as name=id, such as cluster-network-nat=nat-0a1b2c3d.",
    );
  }
  return { ...ids, [name]: id };
}

async function run(stack: string, given: Ids = {}): Promise<number> {
  await provideEngine();
  const { stdout } = await ask(["stack", "export", "--stack", stack]);
  const exported = exportedState.parse(JSON.parse(stdout));
  if (!exported.deployment.pending_operations?.length) return await adoptLeftBehind(stack);
  const { state, taken, unknown } = adoption(exported, given);
  if (unknown.length > 0) {
    const known = Object.entries(given).map((pair) => pair.join("="));
    console.error(
      [
        "Nothing was changed: nobody can tell what the cloud calls these. Look there, and give each its id,",
        `or ${notThere} where it was not made:`,
        `  npm run adopt -- ${[stack, ...known, ...unknown.map((name) => `${name}=<id>`)].join(" ")}`,
      ].join("\n"),
    );
    return 2;
  }
  await ask(["stack", "import", "--stack", stack], { input: JSON.stringify(state) });
  for (const { urn, id } of taken) console.log(`${urn.split("::").slice(2).join(" ")}: ${id}`);
  // What is not there after all goes again, and the rest gets the outputs that only its cloud knows.
  const targets = taken.flatMap(({ urn }) => ["--target", urn]);
  if (targets.length > 0)
    await ask(["refresh", "--yes", "--skip-preview", "--stack", stack, ...targets]);
  console.log("The state has what was begun, as far as it is there. Now run pulumi up.");
  return 0;
}

async function adoptLeftBehind(stack: string): Promise<number> {
  // Loading it takes longer than all that help needs.
  const { takeUp } = await import("../left-behind.js");
  const { taken, others } = await takeUp(
    async (args, options) => (await ask([...args, "--stack", stack], options)).stdout,
    stack,
  );
  for (const one of taken) console.log(`${one}: left where it was, and in the state again`);
  for (const one of others)
    console.error(`${one}: left as it is: it is there, and not this stack's`);
  if (taken.length + others.length === 0) {
    console.log(
      "Nothing is pending, and nothing that is kept is missing in the state: run pulumi up.",
    );
  } else console.log("Now run pulumi up.");
  return others.length > 0 ? 2 : 0;
}

async function ask(args: string[], options: Pick<RunOptions, "input" | "env"> = {}) {
  const result = await pulumi(args, options);
  if (result.code === 0) return result;
  throw new Fault(
    `pulumi ${args.slice(0, 2).join(" ")} failed:\n${result.stderr || result.stdout}`,
  );
}
