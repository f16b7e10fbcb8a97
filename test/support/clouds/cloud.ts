import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { CloudTable, Kind, Place, Thing, Values, World } from "./kind";
import { Refusal, Requests, sleep } from "./requests";
import { Relations } from "./relations";
import { readThings, removeThing, writeThing } from "./things";
import { at, changes, textAt } from "./values";

/** A cloud in a folder: each thing is a file there, so that whoever comes later knows what exists. */
export class Cloud implements World {
  private readonly things: string;
  private readonly requests: Requests;
  private readonly relations: Relations;

  constructor(
    private readonly table: CloudTable,
    folder: string,
    private readonly place: Place,
  ) {
    this.relations = new Relations(table, this);
    this.requests = new Requests(table.name, folder);
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

  switchedOff(): string[] {
    return this.requests.control().switchedOff ?? [];
  }

  known(handle: unknown): Thing | undefined {
    return this.everything().find((thing) =>
      this.relations.handles(thing).includes(String(handle)),
    );
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
    return this.requests.logged("create", { type, name, id }, async (wait) => {
      const there = this.everything().find((thing) => thing.id === id && thing.type === type);
      if (there && kind.shared) return there;
      if (there) throw new Refusal(`${id} already exists`);
      this.checkInputs(type, inputs);
      this.relations.checkReferences({ type, inputs, id });
      this.relations.checkRefused("create", type, { id, inputs });
      this.relations.checkNeeds({ type, inputs });
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

  private checkInputs(type: string, inputs: Values): void {
    const why = this.kind(type).refuses?.(inputs, this);
    if (why !== undefined) throw new Refusal(`${type}: ${why}`);
  }

  /** The thing of this id; waits until it is ready. */
  async read(type: string, id: string): Promise<Thing | undefined> {
    const thing = this.everything().find((it) => it.id === id && it.type === type);
    if (thing) await sleep(thing.readyAt - Date.now());
    return thing;
  }

  async update(type: string, name: string, id: string, inputs: Values): Promise<Thing> {
    return this.requests.logged("update", { type, name, id }, async (wait) => {
      const old = this.everything().find((it) => it.id === id && it.type === type);
      if (!old) throw new Refusal(`${id} does not exist`);
      this.checkInputs(type, inputs);
      this.relations.checkReferences({ type, inputs, id });
      this.relations.checkRefused("update", type, { id, inputs, before: old.inputs });
      this.relations.checkNeeds({ type, inputs });
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
    await this.requests.logged("delete", { type, name, id }, async (wait) => {
      const thing = this.everything().find((it) => it.id === id && it.type === type);
      if (!thing) return;
      const lock = this.table.locks.find((path) => at(thing.inputs, path) === true);
      if (lock) throw new Refusal(`${id} is protected: ${lock} is on`);
      this.relations.checkRefused("delete", type, { id, inputs: thing.inputs });
      this.relations.checkUse(thing);
      await wait(this.seconds(type) / 2);
      removeThing(this.things, thing);
    });
  }

  /** Seconds, not scaled, that the cloud itself takes for what exists, and the types on its longest chain. */
  longestChain(): { seconds: number; types: string[] } {
    return this.relations.longestChain();
  }

  invoke(token: string, args: Values): Values {
    const operation = { operation: "invoke", type: "", name: token, args } as const;
    this.requests.log({ ...operation, phase: "begin" });
    const answer = this.table.functions[token];
    if (!answer)
      throw new Refusal(`the stand-in for ${this.table.name} has no row for the function ${token}`);
    const result = answer(args, this, this.place);
    this.requests.log({ ...operation, phase: "end" });
    return result;
  }

  private seconds(type: string): number {
    const { seconds } = this.table;
    return (
      ((seconds[type] ?? seconds.other)?.seconds ?? 0) * (this.requests.control().timeScale ?? 0)
    );
  }
}
