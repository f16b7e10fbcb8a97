/** Tells what a running step does at the moment, e.g. `412 of 1450 packages`. */
export type Say = (detail: string) => void;

/** Where lines are written, and whether they can be drawn again there. */
export interface Terminal {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** Draws lines anew below what is written above them, cut at the terminal's edge; a pipe gets what is written alone. */
export function drawnBelow(to: Terminal, lines: () => string[]): (above?: string) => void {
  let drawn = 0;
  return (above = "") => {
    const erased = drawn > 0 ? `\x1b[${drawn}A\x1b[0J` : "";
    const below = to.isTTY ? lines().map((line) => line.slice(0, (to.columns || 80) - 1)) : [];
    drawn = below.length;
    to.write([erased, above, ...below.map((line) => `${line}\n`)].join(""));
  };
}

interface Running {
  title: string;
  detail: string;
  since: number;
  said: number;
}

const running = new Set<Running>();
const draw = drawnBelow(process.stdout, () => [...running].map((step) => `  ${line(step)}`));
let ticking: NodeJS.Timeout | undefined;

/** `3.4 s`, or `2 min 05 s` from a minute up. */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

const line = (step: Running) =>
  `${step.title}${step.detail ? `: ${step.detail}` : ""} (${duration(Date.now() - step.since)})`;

/** Prints one line of its own, above the lines of the steps that are running. */
export function note(text: string): void {
  draw(`${text}\n`);
}

/**
 * Runs `work` as a named step: a terminal shows a live line, a pipe gets a line at the start, at most one every ten seconds,
 * and one at the end. Steps may run side by side.
 */
export async function step<T>(title: string, work: (say: Say) => Promise<T>): Promise<T> {
  const live = process.stdout.isTTY === true;
  const now = Date.now();
  const mine: Running = { title, detail: "", since: now, said: now };
  running.add(mine);
  if (live) {
    draw();
    ticking ??= setInterval(draw, 200).unref();
  } else note(`  ${title} ...`);
  const ended = (how: string) => {
    running.delete(mine);
    note(`${how} ${title} (${duration(Date.now() - mine.since)})`);
  };
  try {
    const result = await work((detail) => {
      mine.detail = detail;
      if (!live && Date.now() - mine.said > 10_000) {
        mine.said = Date.now();
        note(`  ${line(mine)}`);
      }
    });
    ended("ok");
    return result;
  } catch (thrown) {
    ended("FAILED");
    throw thrown;
  } finally {
    if (running.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  }
}
