import type { CloudTable, Kind, Need, Request, Thing, World } from "./kind";
import { Refusal } from "./requests";
import { at, textAt, texts } from "./values";

/** What in a cloud refers to what, and needs it. */
export class Relations {
  constructor(
    private readonly table: CloudTable,
    private readonly world: World,
  ) {}

  /**
   * Seconds, not scaled, that the cloud itself takes to make all that exists, everything as early as what it refers to and needs
   * allows: no program can be faster.
   */
  longestChain(): { seconds: number; types: string[] } {
    const { seconds } = this.table;
    const ends = new Map<string, { seconds: number; types: string[] }>();
    // Things come in the order of creation, so what one waited for is before it.
    for (const { type, id, inputs } of this.world.everything()) {
      const own = (seconds[type] ?? seconds.other)?.seconds ?? 0;
      const before = this.world.everything().filter((it) => ends.has(`${it.type} ${it.id}`));
      const waits = before.filter((it) => this.refers({ type, inputs }, it));
      for (const need of this.table.needs.filter((it) => it.type === type)) {
        if (need.only && !need.only(inputs)) continue;
        const meets = before.filter(
          (it) => it.type === need.of && need.when(inputs, it, this.world),
        );
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

  /** Whatever the inputs name must be there and ready. */
  checkReferences({ type, inputs, id }: Pick<Thing, "type" | "inputs" | "id">): void {
    const things = this.world.everything().filter((thing) => thing.id !== id);
    const handles = new Map(things.flatMap((it) => this.handles(it).map((handle) => [handle, it])));
    const { reference, foreign } = this.table;
    for (const text of texts(inputs)) {
      const found = handles.get(text);
      if (!found && text !== id && reference.test(text) && !foreign.test(text))
        throw new Refusal(`${type} refers to ${text}, which does not exist`);
      if (found && found.readyAt > Date.now())
        throw new Refusal(`${type} refers to ${text}, which is not ready`);
    }
    for (const [path, of] of Object.entries(this.kindOf(type).names ?? {})) {
      const name = textAt(inputs, path);
      if (name === undefined) continue;
      const named = things.find((it) => it.type === of && this.names(it).includes(name));
      if (!named) throw new Refusal(`${type}: ${path} is ${name}, and no ${of} has that name`);
      if (named.readyAt > Date.now())
        throw new Refusal(`${type}: ${path} is ${name}, which is not ready`);
    }
  }

  /** What the cloud does not grant, whatever else is there. */
  checkRefused(on: "create" | "update" | "delete", type: string, request: Request): void {
    for (const refused of this.table.refuses ?? []) {
      const { type: only = type, on: requests = ["create", "update"], when, why } = refused;
      if (only !== type || !requests.includes(on)) continue;
      if (when(request, this.world)) throw new Refusal(`${type} ${request.id}: ${why}`);
    }
  }

  /** What it needs must be there, whoever names it. */
  checkNeeds({ type, inputs }: Pick<Thing, "type" | "inputs">): void {
    for (const need of this.table.needs.filter((it) => it.type === type)) {
      if (need.only && !need.only(inputs)) continue;
      if (!this.world.all(need.of).some((it) => need.when(inputs, it, this.world)))
        throw new Refusal(`${type} needs ${need.of}: ${need.why}`);
    }
  }

  /** Nothing that exists may refer to a thing that goes, or need it. */
  checkUse(thing: Thing): void {
    for (const other of this.world.everything()) {
      if (other.id === thing.id && other.type === thing.type) continue;
      if (this.refers(other, thing))
        throw new Refusal(`${thing.id} is in use by ${other.type} ${other.id}`);
      const need = this.table.needs.find((it) => this.needs(it, other, thing));
      if (need) throw new Refusal(`${thing.id} is still needed by ${other.id}: ${need.why}`);
    }
  }

  private refers({ type, inputs }: Pick<Thing, "type" | "inputs">, thing: Thing): boolean {
    const names = this.names(thing);
    const byName = Object.entries(this.kindOf(type).names ?? {}).some(
      ([path, of]) => of === thing.type && names.includes(textAt(inputs, path) ?? ""),
    );
    const handles = new Set(this.handles(thing));
    return byName || texts(inputs).some((text) => handles.has(text));
  }

  private needs(need: Need, other: Thing, thing: Thing): boolean {
    const { untilGone = true, anyOne = true } = need;
    if (!untilGone || need.type !== other.type || need.of !== thing.type) return false;
    if (need.only && !need.only(other.inputs)) return false;
    if (!need.when(other.inputs, thing, this.world)) return false;
    const rest = this.world.all(need.of).filter((it) => it.id !== thing.id);
    return !anyOne || !rest.some((it) => need.when(other.inputs, it, this.world));
  }

  /** What a thing may be referred to by. */
  handles(thing: Thing): string[] {
    const extra = this.kindOf(thing.type).handles ?? ["arn", "selfLink"];
    return [thing.id, ...extra.map((key) => at(thing.outputs, key))]
      .filter((handle) => typeof handle === "string" && handle.length > 0)
      .map(String);
  }

  private names(thing: Thing): string[] {
    const { name } = thing.outputs;
    return [...this.handles(thing), ...(typeof name === "string" ? [name] : [])];
  }

  private kindOf(type: string): Kind {
    return this.table.kinds[type] ?? { id: "" };
  }
}
