import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { parsedJson } from "../components/clouds/json";

const annotations = z.record(z.string(), z.string()).nullish();
/** What is known of a resource; `outputs` of an object of Kubernetes. */
const state = z
  .object({
    custom: z.unknown(),
    outputs: z.object({ metadata: z.object({ annotations }) }).catch({ metadata: {} }),
    initErrors: z.array(z.string()),
  })
  .partial()
  .nullish()
  .catch(undefined);
const metadata = z.object({
  /** What is done, such as `update`. */
  op: z.string(),
  /** Type of the resource, such as `kubernetes:apps/v1:Deployment`. */
  type: z.string(),
  urn: z.string(),
  new: state,
  old: state,
  /** Inputs that change, such as `spec` or by their paths `spec.template.spec.containers[0].image`. */
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

/** A step of the engine that has begun and not ended: its resource's name in the program, and when it was seen to begin. */
export type StepInFlight = z.output<typeof metadata> & { name: string; since: Date };

/** What has failed. */
export interface Failures {
  /** The resources, in order; `made` is one that did not become what it should, a Job that did not succeed, and not one that was refused. */
  resources: { type: string; name: string; made: boolean; op: string; urn: string }[];
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
      const { op, type, urn, new: state } = resOpFailedEvent.metadata;
      const made = (state?.initErrors ?? []).length > 0;
      this.failures.resources.push({ type, name: nameIn(urn), made, op, urn });
    }
    if (diagnosticEvent?.severity === "error") this.failures.errors.push(diagnosticEvent.message);
  }

  private begin(begun: z.output<typeof metadata>): void {
    if ((begun.new ?? begun.old)?.custom !== true) return;
    this.inFlight.push({ ...begun, name: nameIn(begun.urn), since: new Date() });
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
