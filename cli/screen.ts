import { drawnBelow, type Terminal } from "../process/progress";
import type { Mask } from "../rollouts/mask";
import { linesOf, withoutSecrets, type Problem } from "../rollouts/problem";

/** Where what happens is shown. */
export interface Screen {
  /** A sentence of ours, or a line of the engine's. */
  say(text: string): void;
  /** A service does something else than before. */
  state(workload: string, state: string): void;
  /** A service will not come right by itself. */
  problem(workload: string, problem: Problem): void;
  /** The end, with the exit code. @default a person sees it */
  end?(code: number): void;
}

/** For people: a terminal has one line for each service, drawn again with each change; a pipe gets a line for each change. */
export function textScreen(to: Terminal): Screen {
  const states = new Map<string, string>();
  const draw = drawnBelow(to, () =>
    [...states].map(([workload, state]) => `  ${workload}: ${state.replace(/\s+/g, " ")}`),
  );
  const say = (text: string) => draw(`${text}\n`);
  return {
    say,
    state(workload, state) {
      if (!to.isTTY) return say(`  ${workload}: ${state}`);
      states.set(workload, state);
      draw();
    },
    problem(workload, problem) {
      say(["", "FAILED", ...linesOf(workload, problem), ""].join("\n"));
    },
  };
}

/** A screen that shows no secrets. */
export function masked(screen: Screen, mask: Mask): Screen {
  return {
    say: (text) => screen.say(mask(text)),
    state: (workload, state) => screen.state(workload, mask(state)),
    problem: (workload, problem) => screen.problem(workload, withoutSecrets(problem, mask)),
  };
}

/** For programs: one JSON object a line; what the engine and we say goes elsewhere. */
export function jsonScreen(to: Terminal, elsewhere: Terminal): Screen {
  const put = (value: object) => to.write(`${JSON.stringify(value)}\n`);
  return {
    say: (text) => elsewhere.write(`${text}\n`),
    state: (workload, state) => put({ event: "state", workload, state }),
    problem: (workload, problem) => put({ event: "problem", workload, ...problem }),
    end: (code) => put({ event: "end", code }),
  };
}
