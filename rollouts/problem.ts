import { withoutControls, type Mask } from "./mask";

/** Which log shows why: a container's, or that of its run before. */
export interface LogOf {
  pod: string;
  container: string;
  /** Whether the run that failed is not the current one. */
  previous: boolean;
}

/** What is wrong with a rollout. */
export interface Problem {
  /** What is wrong, such as `crashed for the third time: exit code 1`. */
  problem: string;
  /** Pod it was found on; none where no pod could be made. */
  pod?: string;
  /** Container of that pod. */
  container?: string;
  /** What a probe was answered, and what the cluster said. */
  said: string[];
  /** What to do. */
  fix: string;
  /** The container's last lines. */
  lines: string[];
}

/** What is wrong with a rollout, without the log. */
export interface Finding extends Omit<Problem, "lines"> {
  /** Log that shows why. @default nothing has run */
  log?: LogOf;
  /** Lines of a log that was read when it was there. @default those of `log` */
  lines?: string[];
  /** Seconds for which it must go on before it counts. @default 0 */
  settle?: number;
}

/** A problem whose log and whose messages of the cluster show no secrets. */
export function withoutSecrets(found: Problem, mask: Mask): Problem {
  const { problem, said, lines } = found;
  return { ...found, problem: mask(problem), said: said.map(mask), lines: lines.map(mask) };
}

/** A problem as a person reads it, one line each. */
export function linesOf(workload: string, found: Problem): string[] {
  const { problem, pod, container, said, fix, lines } = found;
  const where = [pod && `pod ${pod}`, container && `container ${container}`].filter(Boolean);
  return [
    `${workload}: ${problem}`,
    ...(where.length > 0 ? [`    on:   ${where.join(", ")}`] : []),
    ...said.map((one) => `    said: ${plain(one.trim()).replaceAll("\n", "\n          ")}`),
    ...(lines.length > 0 ? ["    log:", ...lines.map((one) => `        ${plain(one)}`)] : []),
    `    do:   ${fix}`,
  ].flatMap((one) => one.split("\n"));
}

/** Longest line of a log that is shown. */
const longestLine = 500;

/** What a program wrote, without what would move the cursor, colour the screen or command a CI runner. */
function plain(text: string): string {
  return withoutControls(text)
    .replace(/^(\s*)::/gm, "$1: :")
    .split("\n")
    .map((line) => (line.length > longestLine ? `${line.slice(0, longestLine)} ...` : line))
    .join("\n");
}
