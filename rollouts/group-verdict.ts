import type { V1Pod } from "@kubernetes/client-node";
import { endedIn, tooMany } from "./container-verdict";
import type { Finding, LogOf } from "./problem";

/** A crash of a pod whose group then begins again: soon nobody can ask the pod any more. */
export interface GroupCrash {
  /** When its container ended. */
  at: number;
  /** How it ended, in words. */
  how: string;
  /** The log of that run. */
  log: LogOf;
  /** The last lines of it. */
  lines: string[];
}

/** The crash of a pod, with what its log says by now. */
export async function groupCrash(
  pod: V1Pod,
  lastLines: (of: LogOf) => Promise<string[]>,
): Promise<GroupCrash | undefined> {
  const ended = endedIn(pod);
  return ended && { ...ended, lines: await lastLines(ended.log).catch(() => []) };
}

/** Whether pods of one name crashed too often, each in a group that began again: no pod lives to crash as often itself. */
export function groupFinding(crashes: readonly GroupCrash[]): Finding | undefined {
  const byPod = new Map<string, GroupCrash[]>();
  for (const one of crashes) byPod.set(one.log.pod, [...(byPod.get(one.log.pod) ?? []), one]);
  const often = [...byPod.values()].filter((of) => of.length >= tooMany);
  // A pod ends because another one has ended: of the last crashes the first is why.
  const [first] = often.sort((a, b) => lastOf(a) - lastOf(b));
  const last =
    first && ([...first].reverse().find(({ lines }) => lines.length > 0) ?? first.at(-1));
  if (!first || !last) return undefined;
  const { log, how, lines } = last;
  return {
    problem: `crashed ${first.length} times, last with ${how}, and its group began again`,
    ...{ pod: log.pod, container: log.container, said: [], lines },
    fix: "mend what the log says: the image, `command`, `args` or `env`",
  };
}

function lastOf(crashes: readonly GroupCrash[]): number {
  return crashes.at(-1)?.at ?? 0;
}
