import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { CloudTable, Kind, Need, Place, Thing, Values, World } from "./kind";
import { at, changes, textAt, texts } from "./values";

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

/** What exists in a cloud's folder, in the order of creation. */
export function readThings(folder: string): Thing[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Thing)
    .sort((a, b) => a.serial - b.serial);
}

/** A request that the cloud does not grant. */
export class Refusal extends Error {}

/** A cloud in a folder: each thing is a file there, so that whoever comes later knows what exists. */
export class Cloud implements World {
  private readonly things: string;

  constructor(
    private readonly table: CloudTable,
    private readonly folder: string,
    private readonly place: Place,
  ) {
    this.things = join(folder, table.name);
    mkdirSync(this.things, { recursive: true });
  }

  /** Everything that exists, in the order of creation. */
  everything(): Thing[] {
    return readThings(this.things);
  }

  all(type: string): Thing[] {
    return this.everything().filter((thing) => thing.type === type && thing.readyAt <= Date.now());
  }

  known(handle: unknown): Thing | undefined {
    return this.everything().find((thing) => this.handles(thing).includes(String(handle)));
  }

  /** What the cloud knows of a type. */
  kind(type: string): Kind {
    const kind = this.table.kinds[type];
    if (!kind) throw new Refusal(`the stand-in for ${this.table.name} has no row for ${type}`);
    return kind;
  }

  /** The id a new thing gets. */
  idOf(type: string, inputs: Values, serial: number): string {
    const hex = createHash("sha256")
      .update(`${serial} ${type} ${process.pid}`)
      .digest("hex")
      .slice(0, 17);
    return this.kind(type).id.replace(/\{([\w.]+)\}/g, (_, field: string) => {
      if (field === "hex") return hex;
      if (field === "uuid")
        return hex.replace(/^(.{8})(.{4})(.{4}).*/, "$1-$2-4$3-8000-0000") + hex.slice(0, 8);
      const value = textAt(inputs, field) ?? textAt(this.table.defaults, field);
      if (value === undefined)
        throw new Refusal(`${type}: ${field} is missing, which the cloud needs`);
      return value;
    });
  }

  /** Makes a thing; it exists from the start of the request, as in a real cloud. */
  async create(type: string, name: string, inputs: Values): Promise<Thing> {
    const kind = this.kind(type);
    const serial = Math.max(0, ...this.everything().map((thing) => thing.serial)) + 1;
    const id = this.idOf(type, inputs, serial);
    return this.logged("create", { type, name, id }, async (wait) => {
      if (this.everything().some((thing) => thing.id === id && thing.type === type))
        throw new Refusal(`${id} already exists`);
      this.checkReferences({ type, inputs, id });
      this.checkNeeds({ type, inputs });
      const outputs = { ...inputs, ...kind.outputs?.({ id, inputs, serial }, this.place) };
      const seconds = this.seconds(type);
      const thing = {
        type,
        name,
        id,
        inputs,
        outputs,
        serial,
        readyAt: Date.now() + seconds * 1000,
      };
      writeThing(this.things, thing);
      await wait(seconds);
      return thing;
    });
  }

  /** The thing of this id; waits until it is ready. */
  async read(type: string, id: string): Promise<Thing | undefined> {
    const thing = this.everything().find((it) => it.id === id && it.type === type);
    if (thing) await sleep(thing.readyAt - Date.now());
    return thing;
  }

  async update(type: string, name: string, id: string, inputs: Values): Promise<Thing> {
    return this.logged("update", { type, name, id }, async (wait) => {
      const old = this.everything().find((it) => it.id === id && it.type === type);
      if (!old) throw new Refusal(`${id} does not exist`);
      this.checkReferences({ type, inputs, id });
      this.checkNeeds({ type, inputs });
      const made = { id, inputs, serial: old.serial };
      const outputs = { ...inputs, ...this.kind(type).outputs?.(made, this.place) };
      await wait(this.seconds("other"));
      const thing = { ...old, inputs, outputs };
      writeThing(this.things, thing);
      return thing;
    });
  }

  /** What of a change cannot be done in place. */
  replaces(type: string, before: Values, after: Values): string[] {
    const fixed = this.kind(type).fixed ?? [];
    return changes(before, after).filter((path) =>
      fixed.some((one) => path === one || path.startsWith(`${one}.`) || one.startsWith(`${path}.`)),
    );
  }

  async delete(type: string, name: string, id: string): Promise<void> {
    await this.logged("delete", { type, name, id }, async (wait) => {
      const thing = this.everything().find((it) => it.id === id && it.type === type);
      if (!thing) return;
      const lock = this.table.locks.find((path) => at(thing.inputs, path) === true);
      if (lock) throw new Refusal(`${id} is protected: ${lock} is on`);
      this.checkUse(thing);
      await wait(this.seconds(type) / 2);
      rmSync(fileOf(this.things, thing));
    });
  }

  /**
   * Seconds, not scaled, that the cloud itself takes to make all that exists, everything as early as what it refers to and needs
   * allows: no program can be faster.
   */
  longestChain(): { seconds: number; types: string[] } {
    const { seconds } = this.table;
    const ends = new Map<string, { seconds: number; types: string[] }>();
    // Things come in the order of creation, so what one waited for is before it.
    for (const { type, id, inputs } of this.everything()) {
      const own = (seconds[type] ?? seconds.other)?.seconds ?? 0;
      const before = this.everything().filter((it) => ends.has(`${it.type} ${it.id}`));
      const waits = before.filter((it) => this.refers({ type, inputs }, it));
      for (const need of this.table.needs.filter((it) => it.type === type)) {
        if (need.only && !need.only(inputs)) continue;
        const meets = before.filter((it) => it.type === need.of && need.when(inputs, it, this));
        waits.push(...(need.anyOne === false ? meets : meets.slice(0, 1)));
      }
      const last = waits
        .map((it) => ends.get(`${it.type} ${it.id}`))
        .reduce((a, b) => ((b?.seconds ?? 0) > (a?.seconds ?? 0) ? b : a), undefined);
      ends.set(`${type} ${id}`, {
        seconds: own + (last?.seconds ?? 0),
        types: [...(last?.types ?? []), type],
      });
    }
    return [...ends.values()].reduce((a, b) => (b.seconds > a.seconds ? b : a), {
      ...{ seconds: 0, types: [] },
    });
  }

  invoke(token: string, args: Values): Values {
    const operation = { operation: "invoke", type: "", name: token, args } as const;
    this.log({ ...operation, phase: "begin" });
    const answer = this.table.functions[token];
    if (!answer)
      throw new Refusal(`the stand-in for ${this.table.name} has no row for the function ${token}`);
    const result = answer(args, this, this.place);
    this.log({ ...operation, phase: "end" });
    return result;
  }

  /** Whatever the inputs name must be there and ready. */
  private checkReferences({ type, inputs, id }: Pick<Thing, "type" | "inputs" | "id">): void {
    const things = this.everything().filter((thing) => thing.id !== id);
    const handles = new Map(things.flatMap((it) => this.handles(it).map((handle) => [handle, it])));
    const { reference, foreign } = this.table;
    for (const text of texts(inputs)) {
      const found = handles.get(text);
      if (!found && text !== id && reference.test(text) && !foreign.test(text))
        throw new Refusal(`${type} refers to ${text}, which does not exist`);
      if (found && found.readyAt > Date.now())
        throw new Refusal(`${type} refers to ${text}, which is not ready`);
    }
    for (const [path, of] of Object.entries(this.kind(type).names ?? {})) {
      const name = textAt(inputs, path);
      if (name === undefined) continue;
      const named = things.find((it) => it.type === of && this.names(it).includes(name));
      if (!named) throw new Refusal(`${type}: ${path} is ${name}, and no ${of} has that name`);
      if (named.readyAt > Date.now())
        throw new Refusal(`${type}: ${path} is ${name}, which is not ready`);
    }
  }

  private checkNeeds({ type, inputs }: Pick<Thing, "type" | "inputs">): void {
    for (const need of this.table.needs.filter((it) => it.type === type)) {
      if (need.only && !need.only(inputs)) continue;
      if (!this.all(need.of).some((it) => need.when(inputs, it, this)))
        throw new Refusal(`${type} needs ${need.of}: ${need.why}`);
    }
  }

  /** Nothing that exists may refer to a thing that goes, or need it. */
  private checkUse(thing: Thing): void {
    for (const other of this.everything()) {
      if (other.id === thing.id && other.type === thing.type) continue;
      if (this.refers(other, thing))
        throw new Refusal(`${thing.id} is in use by ${other.type} ${other.id}`);
      const need = this.table.needs.find((it) => this.needs(it, other, thing));
      if (need) throw new Refusal(`${thing.id} is still needed by ${other.id}: ${need.why}`);
    }
  }

  private refers({ type, inputs }: Pick<Thing, "type" | "inputs">, thing: Thing): boolean {
    const names = this.names(thing);
    const byName = Object.entries(this.kind(type).names ?? {}).some(
      ([path, of]) => of === thing.type && names.includes(textAt(inputs, path) ?? ""),
    );
    const handles = new Set(this.handles(thing));
    return byName || texts(inputs).some((text) => handles.has(text));
  }

  private needs(need: Need, other: Thing, thing: Thing): boolean {
    const { untilGone = true, anyOne = true } = need;
    if (!untilGone || need.type !== other.type || need.of !== thing.type) return false;
    if (need.only && !need.only(other.inputs)) return false;
    if (!need.when(other.inputs, thing, this)) return false;
    const rest = this.all(need.of).filter((it) => it.id !== thing.id);
    return !anyOne || !rest.some((it) => need.when(other.inputs, it, this));
  }

  private handles(thing: Thing): string[] {
    const extra = this.kind(thing.type).handles ?? ["arn", "selfLink"];
    return [thing.id, ...extra.map((key) => at(thing.outputs, key))]
      .filter((handle) => typeof handle === "string" && handle.length > 0)
      .map(String);
  }

  private names(thing: Thing): string[] {
    const { name } = thing.outputs;
    return [...this.handles(thing), ...(typeof name === "string" ? [name] : [])];
  }

  private control(): Control {
    try {
      return JSON.parse(readFileSync(join(this.folder, "control.json"), "utf8")) as Control;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
      throw error;
    }
  }

  private seconds(type: string): number {
    const { seconds } = this.table;
    return ((seconds[type] ?? seconds.other)?.seconds ?? 0) * (this.control().timeScale ?? 0);
  }

  private async logged<T>(
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

  private log(operation: Omit<Operation, "at">): void {
    const line = JSON.stringify({ at: Date.now(), cloud: this.table.name, ...operation });
    appendFileSync(join(this.folder, "operations.jsonl"), `${line}\n`);
  }
}

function fileOf(folder: string, { type, id }: Pick<Thing, "type" | "id">): string {
  const name = createHash("sha256").update(`${type} ${id}`).digest("hex").slice(0, 20);
  return join(folder, `${name}.json`);
}

/** Makes a thing known to the cloud in this folder, or changes what it knows. */
export function writeThing(folder: string, thing: Thing): void {
  const file = fileOf(folder, thing);
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(thing, undefined, 2));
  renameSync(`${file}.${process.pid}`, file);
}

const sleep = (milliseconds: number): Promise<void> =>
  milliseconds > 0
    ? new Promise((resolve) => setTimeout(resolve, milliseconds))
    : Promise.resolve();
