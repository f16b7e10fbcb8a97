import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Values } from "./kind";

/** What a cloud was asked, and when. */
export interface Operation {
  /** Milliseconds since 1970. */
  at: number;
  /** What was asked; `refused` and `failed` end what they are about. */
  operation: "create" | "update" | "delete" | "invoke" | "refused" | "failed" | "hangs";
  /** Whether it begins or ends here. */
  phase: "begin" | "end";
  type: string;
  /** Name in the program, or of the function's token. */
  name: string;
  id?: string;
  /** What the cloud said. */
  why?: string;
  /** Inputs of a function. */
  args?: Values;
}

/** What a test asks of the clouds in its folder. */
export interface Control {
  /** Seconds that one second of a table takes. @default 0 */
  timeScale?: number;
  /** APIs, resource providers and the like that the account has not switched on. @default [] */
  switchedOff?: string[];
  /** Operations that go wrong. @default [] */
  faults?: Fault[];
}

/** An operation that goes wrong. */
export interface Fault {
  operation: "create" | "update" | "delete";
  type: string;
  /** Name in the program. @default any */
  name?: string;
  /** `fail`: refused with `why`; `hang`: begun in the cloud, and never answered. */
  how: "fail" | "hang";
  why?: string;
}

/** A request that the cloud does not grant. */
export class Refusal extends Error {}

/** What a cloud is asked: written down, and going wrong where a test wants it to. */
export class Requests {
  constructor(
    private readonly cloud: string,
    private readonly folder: string,
  ) {}

  /** What the test asks for at this moment. */
  control(): Control {
    try {
      return JSON.parse(readFileSync(join(this.folder, "control.json"), "utf8")) as Control;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
      throw error;
    }
  }

  /** Does what a cloud was asked, unless the test has it go wrong, and writes down when. */
  async logged<T>(
    operation: "create" | "update" | "delete",
    about: { type: string; name: string; id: string },
    work: (wait: (seconds: number) => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const fault = this.control().faults?.find(
      (it) =>
        it.operation === operation &&
        it.type === about.type &&
        (it.name === undefined || it.name === about.name),
    );
    this.log({ operation, phase: "begin", ...about });
    try {
      if (fault?.how === "fail") throw new Refusal(fault.why ?? "the cloud fails on request");
      const result = await work(async (seconds) => {
        if (fault?.how === "hang") {
          this.log({ operation: "hangs", phase: "begin", ...about });
          await new Promise<never>(() => undefined);
        }
        await sleep(seconds * 1000);
      });
      this.log({ operation, phase: "end", ...about });
      return result;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.log({ operation: fault ? "failed" : "refused", phase: "end", ...about, why });
      throw error;
    }
  }

  /** Writes down what happened. */
  log(operation: Omit<Operation, "at">): void {
    const line = JSON.stringify({ at: Date.now(), cloud: this.cloud, ...operation });
    appendFileSync(join(this.folder, "operations.jsonl"), `${line}\n`);
  }
}

/** Waits; at once where there is nothing to wait for. */
export const sleep = (milliseconds: number): Promise<void> =>
  milliseconds > 0
    ? new Promise((resolve) => setTimeout(resolve, milliseconds))
    : Promise.resolve();
