import { closeSync, openSync, readSync } from "node:fs";
import { z } from "zod";

const state = z
  .object({ custom: z.unknown(), outputs: z.unknown(), initErrors: z.array(z.string()) })
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

/** An event of the engine, as far as it matters here; the SDK's own type knows neither null nor the severity `debug`. */
const event = z.object({
  resourcePreEvent: step.optional(),
  resOutputsEvent: step.optional(),
  resOpFailedEvent: step.optional(),
  diagnosticEvent: z.object({ severity: z.string(), message: z.string() }).optional(),
});

/** Something that happened while the engine worked. */
export type EngineEvent = z.output<typeof event>;

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

/** The steps in flight. Several may do the same to the same URN, such as delete what earlier replacements left. */
export class StepsInFlight {
  private readonly steps: StepInFlight[] = [];

  /** Takes the next event. */
  take({ resourcePreEvent, resOutputsEvent, resOpFailedEvent }: EngineEvent): void {
    const begun = resourcePreEvent?.metadata;
    const ended = (resOutputsEvent ?? resOpFailedEvent)?.metadata;
    if (ended) this.end(ended);
    if (!begun || (begun.new ?? begun.old)?.custom !== true) return;
    const { op, type, urn, old, diffs, detailedDiff } = begun;
    const changes = Object.keys(detailedDiff ?? {});
    this.steps.push({
      ...{ urn, type, name: nameIn(urn), op, since: Date.now(), before: old?.outputs },
      changes: changes.length > 0 ? changes : (diffs ?? []),
    });
  }

  /** Those of resources that a provider works on; components only wait for their children. */
  all(): StepInFlight[] {
    return [...this.steps];
  }

  /** Ends one step of those that do the same; which of them is all the same. */
  private end({ op, urn }: { op: string; urn: string }): void {
    const at = this.steps.findIndex((step) => step.op === op && step.urn === urn);
    if (at >= 0) this.steps.splice(at, 1);
  }
}

/** A resource that a step has failed on. */
export interface FailedResource {
  /** Its type, such as `kubernetes:batch/v1:Job`. */
  type: string;
  /** Its name in the program. */
  name: string;
  /** Whether it was made and did not become what it should: a Job that did not succeed, and not one that was refused. */
  made: boolean;
}

/** What has failed. */
export class Failures {
  /** The resources, in the order in which they failed. */
  readonly resources: FailedResource[] = [];
  /** What the engine, providers and the program said of it. */
  readonly errors: string[] = [];

  /** Takes the next event. */
  take({ resOpFailedEvent, diagnosticEvent }: EngineEvent): void {
    if (resOpFailedEvent) {
      const { type, urn, new: state } = resOpFailedEvent.metadata;
      const made = (state?.initErrors ?? []).length > 0;
      this.resources.push({ type, name: nameIn(urn), made });
    }
    if (diagnosticEvent?.severity === "error") this.errors.push(diagnosticEvent.message);
  }
}

function nameIn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** What the engine writes while it works, as it writes it: the file of `--event-log`, one event a line. */
export class EventLog {
  private at = 0;

  /** @param file that need not exist yet */
  constructor(private readonly file: string) {}

  /** The events that have come since the last time. */
  next(): EngineEvent[] {
    return this.lines().flatMap((line) => event.safeParse(parsed(line)).data ?? []);
  }

  private lines(): string[] {
    let descriptor: number;
    try {
      descriptor = openSync(this.file, "r");
    } catch {
      return [];
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
      return this.whole(Buffer.concat(parts)).split("\n");
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

/** A line that is no JSON tells nothing. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
