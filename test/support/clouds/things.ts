import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Thing } from "./kind";

/** What exists in a cloud's folder, in the order of creation. */
export function readThings(folder: string): Thing[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Thing)
    .sort((a, b) => a.serial - b.serial);
}

function fileOf(folder: string, { type, id }: Pick<Thing, "type" | "id">): string {
  const name = createHash("sha256").update(`${type} ${id}`).digest("hex").slice(0, 20);
  return join(folder, `${name}.json`);
}

/** Takes a thing out of the cloud in this folder. */
export function removeThing(folder: string, thing: Thing): void {
  rmSync(fileOf(folder, thing));
}

/** Makes a thing known to the cloud in this folder, or changes what it knows. */
export function writeThing(folder: string, thing: Thing): void {
  const file = fileOf(folder, thing);
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(thing, undefined, 2));
  renameSync(`${file}.${process.pid}`, file);
}
