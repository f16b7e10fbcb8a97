import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { applyStack } from "../../cli/apply";
import type { Run } from "../../cli/engine";
import type { Screen } from "../../cli/screen";
import { pulumi } from "../../local/pulumi";
import { linesOf } from "../../rollouts/problem";
import type { LocalClusterForTests } from "./local-cluster";

/** A stack of the tests that `npm run apply` makes what its file says. */
export interface AppliedStack {
  /** Writes its file: the cluster of the tests and a namespace of the stack's name, with these keys. */
  describe(config: object): void;
  /** Runs pulumi on it as the commands do. */
  run: Run;
  /** Runs `npm run apply`, and gives how it ended and what it printed. */
  apply(): Promise<{ code: number; told: string }>;
  /** Destroys it, as far as that can be done, and forgets it. */
  destroy(): Promise<void>;
}

/** A stack on the local cluster, whose folder need not be there yet. */
export function appliedStack(local: LocalClusterForTests, stack: string): AppliedStack {
  const file = () => join(local.folder, `Pulumi.${stack}.yaml`);
  const run: Run = (args, options) => {
    const takesFile = ["up", "preview", "refresh", "destroy"].includes(args[0] ?? "");
    const config = takesFile ? ["--config-file", file()] : [];
    return pulumi([...args, ...config], { mayFail: true, ...options });
  };
  return {
    run,
    describe(more) {
      const cluster = { kind: "existing", kubeconfig: local.kubeconfig };
      writeFileSync(
        file(),
        stringify({ config: { cluster, namespaces: { [stack]: {} }, ...more } }),
      );
    },
    async apply() {
      const told: string[] = [];
      const begin = Date.now();
      const code = await applyStack(stack, run, screenInto(told), local.folder);
      console.log(`      ended after ${Math.round((Date.now() - begin) / 1000)} s`);
      return { code, told: told.join("\n") };
    },
    async destroy() {
      await run(["destroy", "--yes", "--skip-preview", "--stack", stack], {});
      await local.pulumi(["stack", "rm", stack, "--yes"], true);
    },
  };
}

/** A screen whose lines are kept. */
export function screenInto(told: string[]): Screen {
  return {
    state: (workload, state) => told.push(`${workload}: ${state}`),
    problem: (workload, problem) => told.push(...linesOf(workload, problem)),
    say: (text) => told.push(text),
    end: () => undefined,
  };
}
