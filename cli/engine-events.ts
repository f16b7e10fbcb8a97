import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { parsedJson } from "../components/clouds/json";

const state = z
  .object({ custom: z.unknown(), outputs: z.unknown(), initErrors: z.array(z.string()) })
  .partial()
  .nullish()
  .catch(undefined);
const metadata = z.object({
  op: z.string(),
  type: z.string(),
  urn: z.string(),
  new: state,
  old: state,
  diffs: z.array(z.string()).nullish().catch(undefined),
  detailedDiff: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});
const step = z.object({ metadata }).optional();

/** An event of the engine, as far as it matters here; the SDK's own type knows neither null nor the severity `debug`. */
const event = z.object({
  resourcePreEvent: step,
  resOutputsEvent: step,
  resOpFailedEvent: step,
  diagnosticEvent: z.object({ severity: z.string(), message: z.string() }).optional(),
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

/** What has failed. */
export interface Failures {
  /** The resources, in order; `made` is one that did not become what it should, a Job that did not succeed, and not one that was refused. */
  resources: { type: string; name: string; made: boolean }[];
  /** What the engine, providers and the program said of it. */
  errors: string[];
}

/** What the engine does, by the file of `--event-log`, in which it writes one event a line. */
export class EngineLog {
  /** Steps of resources that a provider works on; components only wait for their children. */
  readonly inFlight: StepInFlight[] = [];
  readonly failures: Failures = { resources: [], errors: [] };
  private at = 0;

  /** @param file that need not exist yet */
  constructor(private readonly file: string) {}

  /** Takes in what has come since the last time. */
  read(): void {
    if (!existsSync(this.file)) return;
    const bytes = readFileSync(this.file).subarray(this.at);
    // The beginning of a line, which may end within a character, is read again.
    const end = bytes.lastIndexOf("\n") + 1;
    this.at += end;
    for (const line of bytes.subarray(0, end).toString().split("\n")) {
      this.take(event.safeParse(parsedJson(line)).data ?? {});
    }
  }

  private take(happened: z.output<typeof event>): void {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent } = happened;
    const ended = (resOutputsEvent ?? resOpFailedEvent)?.metadata;
    if (ended) this.end(ended);
    if (resourcePreEvent) this.begin(resourcePreEvent.metadata);
    if (resOpFailedEvent) {
      const { type, urn, new: state } = resOpFailedEvent.metadata;
      const made = (state?.initErrors ?? []).length > 0;
      this.failures.resources.push({ type, name: nameIn(urn), made });
    }
    if (diagnosticEvent?.severity === "error") this.failures.errors.push(diagnosticEvent.message);
  }

  private begin(begun: z.output<typeof metadata>): void {
    const { op, type, urn, old, diffs, detailedDiff } = begun;
    if ((begun.new ?? old)?.custom !== true) return;
    const changes = Object.keys(detailedDiff ?? {});
    this.inFlight.push({
      ...{ urn, type, name: nameIn(urn), op, since: Date.now(), before: old?.outputs },
      changes: changes.length > 0 ? changes : (diffs ?? []),
    });
  }

  /** Ends one step of those that do the same to the same URN, such as delete what earlier replacements left; which is all the same. */
  private end({ op, urn }: { op: string; urn: string }): void {
    const at = this.inFlight.findIndex((step) => step.op === op && step.urn === urn);
    if (at >= 0) this.inFlight.splice(at, 1);
  }
}

/** Name of a resource in the program. */
export function nameIn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
