import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { openLog, type LogSource } from "../../rollouts/ask";
import type { Mask } from "../../rollouts/mask";
import type { Access } from "./access";

/** Where a log is shown. */
export interface Shown {
  to: Writable;
  /** Blanks secrets. */
  mask: Mask;
  /** What is written before each line. */
  prefix: string;
}

/** A log that is shown. */
export interface Log {
  /** Resolved when there is no more of it. */
  end: Promise<void>;
  /** Whether there is no more of it: its container has ended, or the connection broke. */
  over: boolean;
  /** When the last of it came. @default none has come */
  last?: Date;
  /** Shows no more of it. */
  stop(): void;
}

/** Shows a log until it ends. */
export function showLog({ ask }: Access, source: LogSource, shown: Shown): Log {
  let body: Readable | undefined;
  let stopped = false;
  const work = async () => {
    body = await ask((api) => openLog(api, source));
    if (stopped) body?.destroy();
    if (body) await show(body, shown, () => (log.last = new Date()));
  };
  const log: Log = {
    over: false,
    last: source.since,
    // What cannot be shown now is tried again as long as its container runs.
    end: work()
      .catch(() => undefined)
      .then(() => {
        log.over = true;
      }),
    stop() {
      stopped = true;
      body?.destroy();
    },
  };
  return log;
}

/** Shows a log line by line, without secrets. */
async function show(log: Readable, { to, mask, prefix }: Shown, comes: () => void): Promise<void> {
  const write = async (text: string) => {
    if (text !== "" && !to.write(text)) await once(to, "drain");
  };
  const prefixed = (lines: string) =>
    lines.replace(/[^\n]*\n|[^\n]+$/g, (line) => `${prefix}${line}`);
  let rest = "";
  log.setEncoding("utf8");
  for await (const part of log) {
    comes();
    const text = `${rest}${part}`;
    const end = text.lastIndexOf("\n") + 1;
    rest = text.slice(end);
    await write(prefixed(mask(text.slice(0, end))));
  }
  await write(prefixed(mask(rest)));
}
