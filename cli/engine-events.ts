import { closeSync, openSync, readSync } from "node:fs";
import { z } from "zod";

const state = z
  .object({ custom: z.unknown(), outputs: z.unknown() })
  .partial()
  .nullish()
  .catch(undefined);
const step = z.object({
  metadata: z.object({
    op: z.string(),
    type: z.string(),
    urn: z.string(),
    new: state,
    old: state,
    diffs: z.array(z.string()).nullish().catch(undefined),
    detailedDiff: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  }),
});
const event = z.object({
  resourcePreEvent: step.optional(),
  resOutputsEvent: step.optional(),
  resOpFailedEvent: step.optional(),
});

/** A step of the engine that has begun and not ended. */
export interface StepInFlight {
  urn: string;
  /** Type of the resource, such as `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Name of the resource in the program. */
  name: string;
  /** What is done to it, such as `update`. */
  op: string;
  /** When it was seen to begin, in milliseconds. */
  since: number;
  /** Paths of the inputs that change, such as `spec.template.spec.containers[0].image`. */
  changes: string[];
  /** What the state knows of the resource before the step. */
  before: unknown;
}

/**
 * The steps in flight, by what the engine writes into its log of events. Several may do the same to the same URN, such as delete what
 * earlier replacements left.
 */
export class StepsInFlight {
  private readonly steps: StepInFlight[] = [];
  private rest = "";

  /** Takes the next part of the log, which may end within a line. */
  take(part: string, now = Date.now()): void {
    const lines = (this.rest + part).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines.filter((one) => one.trim() !== "")) this.line(line, now);
  }

  /** Those of resources that a provider works on; components only wait for their children. */
  all(): StepInFlight[] {
    return [...this.steps];
  }

  private line(line: string, now: number): void {
    const { data } = event.safeParse(parsed(line));
    const begun = data?.resourcePreEvent?.metadata;
    const ended = (data?.resOutputsEvent ?? data?.resOpFailedEvent)?.metadata;
    if (ended) this.end(ended);
    if (!begun || (begun.new ?? begun.old)?.custom !== true) return;
    const { op, type, urn, old, diffs, detailedDiff } = begun;
    const name = urn.split("::").slice(3).join("::");
    const changes = Object.keys(detailedDiff ?? {});
    this.steps.push({
      ...{ urn, type, name, op, since: now, before: old?.outputs },
      changes: changes.length > 0 ? changes : (diffs ?? []),
    });
  }

  /** Ends one step of those that do the same; which of them is all the same. */
  private end({ op, urn }: { op: string; urn: string }): void {
    const at = this.steps.findIndex((step) => step.op === op && step.urn === urn);
    if (at >= 0) this.steps.splice(at, 1);
  }
}

/** A line that is no JSON tells nothing. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Reads what is appended to a file. */
export class Tail {
  private at = 0;

  /** @param file that need not exist yet */
  constructor(private readonly file: string) {}

  /** What has come since the last time. */
  next(): string {
    let descriptor: number;
    try {
      descriptor = openSync(this.file, "r");
    } catch {
      return "";
    }
    try {
      const parts: Buffer[] = [];
      for (;;) {
        const buffer = Buffer.alloc(64 * 1024);
        const length = readSync(descriptor, buffer, 0, buffer.length, this.at);
        if (length === 0) break;
        this.at += length;
        parts.push(buffer.subarray(0, length));
      }
      return this.whole(Buffer.concat(parts));
    } finally {
      closeSync(descriptor);
    }
  }

  /** Without the beginning of a line, which may end within a character; it is read again. */
  private whole(bytes: Buffer): string {
    const end = bytes.lastIndexOf("\n") + 1;
    this.at -= bytes.length - end;
    return bytes.subarray(0, end).toString();
  }
}
