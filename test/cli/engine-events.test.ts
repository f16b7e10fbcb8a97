import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineLog } from "../../cli/engine-events";

const job = "kubernetes:batch/v1:Job";

const urnOf = (name: string) =>
  `urn:pulumi:prod::gpu-serving::gpu-serving:index:BatchJob$${job}::${name}`;

/** A line of the log: a step begins, ends or fails. */
function step(
  kind: "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent",
  name: string,
  op = "update",
  more: object = {},
) {
  const urn = urnOf(name);
  const of = op.startsWith("delete") ? { old: { custom: true } } : { new: { custom: true } };
  return `${JSON.stringify({ [kind]: { metadata: { op, urn, type: job, ...of, ...more } } })}\n`;
}
const begins = (name: string, op?: string) => step("resourcePreEvent", name, op);
const ends = (name: string, op?: string) => step("resOutputsEvent", name, op);
const said = (severity: string, message: string) =>
  `${JSON.stringify({ diagnosticEvent: { severity, message } })}\n`;

/** What is read of the log while these parts are written into it, one after the other. */
function read(...parts: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "gpu-serving-events-"));
  const log = new EngineLog(join(folder, "events.json"));
  // The file need not be there yet.
  log.read();
  try {
    for (const part of parts) {
      appendFileSync(join(folder, "events.json"), part);
      log.read();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { ...log.failures, inFlight: log.inFlight.map(({ name }) => name) };
}

describe("the engine's log of events", () => {
  it("tells which steps are in flight: begun, and neither ended nor failed", () => {
    const over = [ends("a"), step("resOpFailedEvent", "b")];
    assert.deepEqual(read(begins("a"), begins("b"), begins("c"), ...over).inFlight, ["c"]);
  });

  it("counts steps that do the same to the same resource, as deleting what two replacements left", () => {
    const [begun, ended] = [begins("a", "delete-replaced"), ends("a", "delete-replaced")];
    assert.deepEqual(read(begun, begun, ended).inFlight, ["a"]);
    const failed = step("resOpFailedEvent", "a", "delete-replaced");
    assert.deepEqual(read(begun, begun, ended, failed).inFlight, []);
  });

  it("tells the steps of a replacement apart, and knows an end only of what has begun", () => {
    const made = ["create-replacement", "replace"].flatMap((op) => [
      begins("a", op),
      ends("a", op),
    ]);
    const log = [ends("a", "delete"), ...made, begins("a", "delete-replaced")];
    assert.deepEqual(read(...log).inFlight, ["a"]);
    assert.deepEqual(read(...log, ends("a", "delete-replaced")).inFlight, []);
  });

  it("tells what has failed, whether it was made, and what was said of it", () => {
    const fails = (name: string, initErrors?: string[]) =>
      step("resOpFailedEvent", name, "create", { new: { custom: true, initErrors }, old: null });
    const log = [fails("study", ["accuracy 0.42"]), fails("large", []), fails("refused")];
    assert.deepEqual(read(...log, said("error", "no quota"), said("debug", "hm")), {
      resources: [
        { type: job, name: "study", made: true, op: "create", urn: urnOf("study") },
        { type: job, name: "large", made: false, op: "create", urn: urnOf("large") },
        { type: job, name: "refused", made: false, op: "create", urn: urnOf("refused") },
      ],
      errors: ["no quota"],
      inFlight: [],
    });
  });

  it("may have lines that are no events, or unknown ones, and be read in parts that end within a line", () => {
    const line = begins("é");
    const log = `no JSON\n7\nnull\n\n{"preludeEvent":{"config":{}}}\n${line}`;
    assert.deepEqual(read(log.slice(0, -30)).inFlight, []);
    assert.deepEqual(read(log.slice(0, -30), log.slice(-30)).inFlight, ["é"]);
  });

  it("counts no component, which only waits for its children", () => {
    const component = step("resourcePreEvent", "chat", "create", { new: { custom: false } });
    assert.deepEqual(read(component).inFlight, []);
  });
});
