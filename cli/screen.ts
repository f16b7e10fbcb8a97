import type { Mask } from "../rollouts/mask";
import { linesOf, withoutSecrets, type Problem } from "../rollouts/problem";

/** Where what happens is shown. */
export interface Screen {
  /** A line of the engine's. */
  line(text: string): void;
  /** A service does something else than before. */
  state(workload: string, state: string): void;
  /** A service will not come right by itself. */
  problem(workload: string, problem: Problem): void;
  /** A sentence of ours. */
  say(text: string): void;
  /** The end, with the exit code. */
  end(code: number): void;
}

/** Where to write, and what it is. */
export interface Terminal {
  write: (text: string) => void;
  /** Whether lines can be drawn again. */
  live: boolean;
  columns: number;
}

/** For people: a terminal has one line for each service, drawn again with each change; a pipe gets a line for each change. */
export function textScreen({ write, live, columns }: Terminal): Screen {
  const states = new Map<string, string>();
  let drawn = 0;
  const erase = () => {
    if (drawn > 0) write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  const above = (text: string) => {
    erase();
    write(`${text}\n`);
    draw();
  };
  const draw = () => {
    if (!live) return;
    for (const [workload, state] of states) {
      const line = `  ${workload}: ${state.replace(/\s+/g, " ")}`;
      write(`${line.slice(0, columns - 1)}\n`);
    }
    drawn = states.size;
  };
  return {
    line: above,
    state(workload, state) {
      if (!live) return write(`  ${workload}: ${state}\n`);
      states.set(workload, state);
      erase();
      draw();
    },
    problem(workload, problem) {
      above(["", "FAILED", ...linesOf(workload, problem), ""].join("\n"));
    },
    say: above,
    end() {
      // The lines stay as they are.
      drawn = 0;
      states.clear();
    },
  };
}

/** A screen that shows no secrets. */
export function masked(screen: Screen, mask: Mask): Screen {
  return {
    line: (text) => screen.line(mask(text)),
    state: (workload, state) => screen.state(workload, mask(state)),
    problem: (workload, problem) => screen.problem(workload, withoutSecrets(problem, mask)),
    say: (text) => screen.say(mask(text)),
    end: (code) => screen.end(code),
  };
}

/** For programs: one JSON object a line on `write`; what the engine prints goes to `other`. */
export function jsonScreen(write: (text: string) => void, other: (text: string) => void): Screen {
  const put = (value: object) => write(`${JSON.stringify(value)}\n`);
  return {
    line: (text) => other(`${text}\n`),
    state: (workload, state) => put({ event: "state", workload, state }),
    problem: (workload, problem) => put({ event: "problem", workload, ...problem }),
    say: (text) => other(`${text}\n`),
    end: (code) => put({ event: "end", code }),
  };
}
