import type { ChildProcess } from "node:child_process";
import { errorCode } from "./error-code";

/** Milliseconds between the request to end and the end by force. */
const grace = 2000;

/**
 * Ends a command and all that it started when its time is over; it must have been started as the leader of a process group.
 * @param over called when the time is over, before anything is ended
 */
export function limitTime(child: ChildProcess, milliseconds: number, over: () => void): void {
  const { pid } = child;
  if (pid === undefined) return;
  const end = (signal: NodeJS.Signals) => signalGroup(pid, signal);
  let force: NodeJS.Timeout | undefined;
  const limit = setTimeout(() => {
    over();
    end("SIGTERM");
    force = setTimeout(() => {
      end("SIGKILL");
      // A process that has left the group may hold these open for ever.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, grace);
  }, milliseconds);
  begin(end);
  child.once("close", () => {
    clearTimeout(limit);
    clearTimeout(force);
    groups.delete(end);
    if (groups.size === 0) listen("off");
  });
}

type End = (signal: NodeJS.Signals) => void;

/** What ends the groups that are left when this process ends: Ctrl-C on a terminal does not reach them. */
const groups = new Set<End>();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function begin(end: End): void {
  if (groups.size === 0) listen("on");
  groups.add(end);
}

function listen(onOrOff: "on" | "off"): void {
  process[onOrOff]("exit", atExit);
  for (const signal of signals) process[onOrOff](signal, passOn);
}

function atExit(): void {
  for (const end of groups) end("SIGTERM");
}

function passOn(signal: NodeJS.Signals): void {
  atExit();
  // Where nobody else listens this process ends by it, as it does without a listener.
  if (process.listenerCount(signal) > 1) return;
  listen("off");
  process.kill(process.pid, signal);
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    // All of it has ended since.
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
