import type { ChildProcess } from "node:child_process";
import { errorCode } from "./fault";

/** Milliseconds between the request to end and the end by force. */
const grace = 2000;
/** The same where this process ends itself, which waits for it. */
const graceAtExit = 300;

/** What is told of a command whose time is over. */
export interface TimeOver {
  /** The time is over; nothing was ended yet. */
  over: () => void;
  /** It runs on, because this process may not end it: its program is another user's (setuid). */
  stays: () => void;
}

/**
 * Ends a command and all that it started when its time is over; it must have been started as the leader of a process group. One that
 * has ended in time leaves what it started alone.
 */
export function limitTime(
  child: ChildProcess,
  milliseconds: number,
  { over, stays }: TimeOver,
): void {
  const { pid } = child;
  if (pid === undefined) return;
  const end: End = (signal) => signalGroup(pid, signal);
  let force: NodeJS.Timeout | undefined;
  const limit = setTimeout(() => {
    over();
    end("SIGTERM");
    force = setTimeout(() => {
      const ended = end("SIGKILL");
      // A process that has left the group may hold these open for ever.
      for (const stream of child.stdio) stream?.destroy();
      if (ended) return;
      child.unref();
      forget(end);
      stays();
    }, grace);
  }, milliseconds);
  begin(end);
  const ended = () => {
    clearTimeout(limit);
    // Late, the rest of its group is still to be ended by force.
    if (force === undefined) forget(end);
  };
  child.once("exit", ended);
  child.once("close", () => {
    ended();
    clearTimeout(force);
    forget(end);
  });
}

/** Signals a group; whether it may. */
type End = (signal: NodeJS.Signals) => boolean;

/** What ends the groups that are left when this process ends: Ctrl-C on a terminal does not reach them. */
const groups = new Set<End>();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function begin(end: End): void {
  if (groups.size === 0) listen("on");
  groups.add(end);
}

function forget(end: End): void {
  if (groups.delete(end) && groups.size === 0) listen("off");
}

function listen(onOrOff: "on" | "off"): void {
  process[onOrOff]("exit", endAll);
  for (const signal of signals) process[onOrOff](signal, passOn);
}

function endAll(): void {
  if (groups.size === 0) return;
  for (const end of groups) end("SIGTERM");
  // Nothing else runs in a process that ends, timers do not either.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, graceAtExit);
  for (const end of groups) end("SIGKILL");
}

function passOn(signal: NodeJS.Signals): void {
  endAll();
  // Where nobody else listens this process ends by it, as it does without a listener.
  if (process.listenerCount(signal) > 1) return;
  listen("off");
  process.kill(process.pid, signal);
}

function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === "EPERM") return false;
    // All of it has ended since.
    if (code === "ESRCH") return true;
    throw error;
  }
}
