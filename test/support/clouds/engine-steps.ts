import { readIfThere } from "../../../process/files";

/** What came of an update. */
export interface UpdateResult {
  code: number;
  output: string;
  /** Steps of the engine in the order in which they ended. */
  steps: Step[];
}

/** One step of an update, as the engine recorded it. */
export interface Step {
  /** What was done, such as `create`, `same`, `delete`. */
  op: string;
  type: string;
  /** Name in the program. */
  name: string;
  /** Whether it failed. */
  failed: boolean;
}

interface EngineEvent {
  resOutputsEvent?: { metadata: { op: string; type: string; urn: string } };
  resOpFailedEvent?: { metadata: { op: string; type: string; urn: string } };
}

/** The steps in the log of an update. */
export function readSteps(file: string): Step[] {
  const lines = (readIfThere(file) ?? "").split("\n").filter(Boolean);
  return lines.flatMap((line) => {
    const { resOutputsEvent, resOpFailedEvent } = JSON.parse(line) as EngineEvent;
    const { metadata } = resOutputsEvent ?? resOpFailedEvent ?? {};
    if (!metadata) return [];
    const { op, type, urn } = metadata;
    const name = urn.split("::").slice(3).join("::");
    return [{ op, type, name, failed: resOpFailedEvent !== undefined }];
  });
}
