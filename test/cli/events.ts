import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventLog, type EngineEvent } from "../../cli/engine-events";

/** What is read of the engine's log while these parts are written into it, one after the other. */
export function eventsOf(...parts: string[]): EngineEvent[] {
  const folder = mkdtempSync(join(tmpdir(), "gpu-serving-events-"));
  const file = join(folder, "events.json");
  const log = new EventLog(file);
  try {
    return parts.flatMap((part) => {
      appendFileSync(file, part);
      return log.next();
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
