import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as provider from "@pulumi/pulumi/provider";
import { Cloud } from "./cloud";
import type { Place, Thing, Values } from "./kind";
import { diesWithParent } from "../../../process/orphan";
import { tables } from "./tables";
import { isValues, plainValues } from "./values";

/** The last part of `urn:pulumi:stack::project::parent$type::name`, and the type before it. */
function parsed(urn: string): { type: string; name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.split("$").at(-1) ?? "", name: name.join("::") };
}

/** What Pulumi keeps: what was asked for, with its marks of secrets, and what the cloud added. */
function kept(inputs: unknown, { outputs, inputs: own }: Thing): Values {
  const added = Object.entries(outputs).filter(
    ([key]) => !(key in own) || own[key] !== outputs[key],
  );
  return { ...(isValues(inputs) ? inputs : {}), ...Object.fromEntries(added) };
}

/** Serves a cloud to the engine, as the plugin of its package. */
export function serve(name: keyof typeof tables, folder: string): Promise<void> {
  const place = JSON.parse(readFileSync(join(folder, "place.json"), "utf8")) as Place;
  const cloud = new Cloud(tables[name], folder, place);
  return provider.main(
    {
      version: "0.0.0-stand-in",
      check: (urn, olds: unknown, news: unknown) => {
        const { type, name } = parsed(urn);
        const inputs = isValues(news) ? news : {};
        const wants = cloud.kind(type).id.includes("{name}") && inputs.name === undefined;
        const old = plainValues(olds).name;
        const given = wants ? { name: old ?? `${name}-${randomBytes(4).toString("hex")}` } : {};
        return Promise.resolve({ inputs: { ...inputs, ...given } });
      },
      async diff(id, urn, _olds, news: unknown) {
        const { type } = parsed(urn);
        const thing = await cloud.read(type, id);
        // Pulumi's state knows a thing that the cloud does not: the next refresh or operation tells.
        if (!thing) return { changes: false };
        const after = plainValues(news);
        const replaces = [...new Set(cloud.replaces(type, thing.inputs, after))];
        const changed = JSON.stringify(sorted(thing.inputs)) !== JSON.stringify(sorted(after));
        const sameId = cloud.idOf(type, after, thing.serial) === id;
        return {
          changes: changed,
          replaces: replaces.map((path) => path.split(".")[0] ?? path),
          deleteBeforeReplace:
            replaces.length > 0 && sameId && !/\{(hex|uuid)\}/.test(cloud.kind(type).id),
        };
      },
      async create(urn, inputs: unknown) {
        const { type, name } = parsed(urn);
        const thing = await cloud.create(type, name, plainValues(inputs));
        return { id: thing.id, outs: kept(inputs, thing) };
      },
      async read(id, urn, props: unknown) {
        const thing = await cloud.read(parsed(urn).type, id);
        if (!thing) return { id: "", props: {} };
        return { id, props: { ...plainValues(props), ...thing.outputs }, inputs: thing.inputs };
      },
      async update(id, urn, _olds, news: unknown) {
        const { type, name } = parsed(urn);
        return { outs: kept(news, await cloud.update(type, name, id, plainValues(news))) };
      },
      async delete(id, urn) {
        const { type, name } = parsed(urn);
        await cloud.delete(type, name, id);
      },
      invoke: (token, args: unknown) =>
        Promise.resolve({ outputs: cloud.invoke(token, plainValues(args)) }),
    },
    process.argv.slice(4),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isValues(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

diesWithParent();
const [, , name = "", folder = ""] = process.argv;
if (!(name in tables)) throw new Error(`no such cloud: ${name}`);
void serve(name as keyof typeof tables, folder);
