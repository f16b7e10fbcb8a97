/** Tells what a running step does at the moment, e.g. `412 of 1450 packages`. */
export type Say = (detail: string) => void;

interface Running {
  title: string;
  detail: string;
  since: number;
  said: number;
}

const live = process.stdout.isTTY === true;
const running = new Set<Running>();
let drawn = 0;
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

function erase(): void {
  if (drawn > 0) process.stdout.write(`\x1b[${drawn}A\x1b[0J`);
  drawn = 0;
}

function draw(): void {
  erase();
  const width = process.stdout.columns || 80;
  for (const step of running) process.stdout.write(`  ${line(step)}`.slice(0, width - 1) + "\n");
  drawn = running.size;
}

/** Prints one line of its own, above the lines of the steps that are running. */
export function note(text: string): void {
  if (live) erase();
  process.stdout.write(`${text}\n`);
  if (live) draw();
}

/**
 * Runs `work` as a named step: a terminal shows a live line, a pipe gets a line at the start, at most one every ten seconds,
 * and one at the end. Steps may run side by side.
 */
export async function step<T>(title: string, work: (say: Say) => Promise<T>): Promise<T> {
  const now = Date.now();
  const mine: Running = { title, detail: "", since: now, said: now };
  running.add(mine);
  if (live) {
    draw();
    ticking ??= setInterval(draw, 200).unref();
  } else note(`  ${title} ...`);
  const ended = (how: string) => {
    if (live) erase();
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
