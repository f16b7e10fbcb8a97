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
  const draw = (above = "") => {
    const erased = drawn > 0 ? `\x1b[${drawn}A\x1b[0J` : "";
    const lines = [...states].map(([workload, state]) =>
      `  ${workload}: ${state.replace(/\s+/g, " ")}`.slice(0, columns - 1),
    );
    drawn = lines.length;
    write([`${erased}${above}`, ...lines.map((line) => `${line}\n`)].join(""));
  };
  const say = (text: string) => draw(`${text}\n`);
  return {
    say,
    state(workload, state) {
      if (!live) return say(`  ${workload}: ${state}`);
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

/** For programs: one JSON object a line on `write`; what the engine and we say goes to `other`. */
export function jsonScreen(write: (text: string) => void, other: (text: string) => void): Screen {
  const put = (value: object) => write(`${JSON.stringify(value)}\n`);
  return {
    say: (text) => other(`${text}\n`),
    state: (workload, state) => put({ event: "state", workload, state }),
    problem: (workload, problem) => put({ event: "problem", workload, ...problem }),
    end: (code) => put({ event: "end", code }),
  };
}
