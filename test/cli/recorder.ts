import type { Screen } from "../../cli/screen";

/** A screen that keeps what it shows. */
export function recorder(): { screen: Screen; told: string[] } {
  const told: string[] = [];
  const screen: Screen = {
    say: (text) => told.push(text),
    state: (workload, state) => told.push(`${workload}: ${state}`),
    problem: (workload, { problem, lines }) =>
      told.push(`${workload} FAILED: ${problem}`, ...lines),
  };
  return { screen, told };
}
