import { basename, dirname, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { isConfigSecret } from "@pulumi/pulumi/runtime/config";
import { check } from "./check";
import { isMap, namesEnvironment } from "./lookup";
import { shown, StackProblems } from "./problems";
import type { Source } from "./source";
import type { Stack } from "./stack";
import type { Path } from "./words";
import { yamlFile, type YamlFile } from "./yaml-file";

declare module "@pulumi/pulumi/runtime/config" {
  /** Whether a key is stored encrypted; there is no public way to tell. */
  export function isConfigSecret(key: string): boolean;
}

/** The checked stack that the running program is for, as of a day like `2026-11-22`; throws {@link StackProblems} before anything else happens. */
export function readConfig(folder = process.cwd(), today = thisDay()): Stack {
  const stack = pulumi.getStack();
  const file = `Pulumi.${stack}.yaml`;
  const prefix = `${pulumi.getProject()}:`;
  const config = new pulumi.Config();
  const read = yamlFile(join(folder, file));
  // Whatever else is wrong with it, Pulumi has said before.
  const differing = "malformed" in read ? read.malformed.filter(({ differs }) => differs) : [];
  if (differing.length > 0) throw new StackProblems(differing.map((it) => ({ ...it, file })));
  const inFile = "content" in read ? configOf(read, file, prefix) : undefined;
  const all = pulumi.runtime.allConfig();
  const stored = withoutPrefix(all, prefix);
  const values: Record<string, unknown> = {};
  const secrets: Source["secrets"] = {};
  // The engine hands keys out in alphabetical order, at every depth; a file that says the same has the user's.
  for (const name of Object.keys({ ...inFile?.own, ...stored })) {
    const written = asStored(name, inFile?.own[name]);
    const now = decoded(name, stored[name] ?? "");
    if (isConfigSecret(`${prefix}${name}`)) secrets[name] = config.requireSecret(name);
    else values[name] = isDeepStrictEqual(now, written) ? written : now;
  }
  return check({
    ...{ stack, file, folder, values, secrets, today },
    others: new Set(Object.keys(all).filter((key) => isOther(key, prefix))),
    decrypt: (key) => config.get(key),
    place: inFile?.place ?? (() => undefined),
  });
}

/** The checked stack of a file, without an engine; its secrets are unknown. Throws {@link StackProblems}. */
export function readStackFile(path: string, today = thisDay()): Stack {
  const file = basename(path);
  const stack = /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1] ?? file;
  const folder = dirname(resolve(path));
  const read = yamlFile(path);
  if ("malformed" in read) throw new StackProblems(read.malformed.map((it) => ({ ...it, file })));
  if ("missing" in read) {
    const fix = "correct the path of the stack file, or create it: pulumi stack init <stack>";
    throw new StackProblems([{ file, path: [], ...read.missing, found: shown(path), fix }]);
  }
  const { own, others, place } = configOf(read, file, `${projectName(folder)}:`);
  const values: Record<string, unknown> = {};
  const secrets: Source["secrets"] = {};
  for (const [name, value] of Object.entries(own)) {
    if (holdsEncrypted(value)) secrets[name] = pulumi.secret(pulumi.unknown).apply(String);
    else values[name] = asStored(name, value);
  }
  const decrypt = () => undefined;
  const unopened = "content" in read && namesEnvironment(read.content);
  const found = { stack, file, folder, values, secrets, others, decrypt, place, today };
  return check({ ...found, unopened });
}

function thisDay(): string {
  return new Date().toISOString().slice(0, 10);
}

/** The config section of a stack file: this project's keys without its name, those of others, and where their values stand. */
function configOf(
  { content, place }: Extract<YamlFile, { content: unknown }>,
  file: string,
  prefix: string,
) {
  const config = content === null ? {} : isMap(content) ? (content.config ?? {}) : content;
  const at = isMap(content) ? ["config"] : [];
  if (!isMap(config)) {
    throw new StackProblems([
      {
        ...{ file, path: at, line: place(at).line },
        problem: "wrong type",
        found: shown(config),
        allowed: "a map with the key config, and a map of config keys in it",
        fix: "write config: and the keys below it, indented",
      },
    ]);
  }
  // A key is the same with and without the project's name, and only one of the two would count.
  const twice = Object.keys(config).filter((key) => Object.hasOwn(config, `${prefix}${key}`));
  if (twice.length > 0) {
    throw new StackProblems(
      twice.map((key) => ({
        ...{ file, path: ["config", key], line: place(["config", key]).line },
        problem: `key given twice, also as ${prefix}${key}`,
        found: `"${key}"`,
        allowed: "each key once in a map",
        fix: "merge the two, or remove one",
      })),
    );
  }
  return {
    own: withoutPrefix(config, prefix),
    others: new Set(Object.keys(config).filter((key) => isOther(key, prefix))),
    place: ([key = "", ...rest]: Path) => {
      const named = `${prefix}${key}`;
      const own = Object.hasOwn(config, named) ? named : key;
      // What the file does not have, its environment has.
      const elsewhere = !Object.hasOwn(config, own) && namesEnvironment(content);
      return place(elsewhere ? ["environment"] : ["config", own, ...rest]);
    },
  };
}

/** Whether a key is another program's or a provider's. */
function isOther(key: string, prefix: string): boolean {
  return key.includes(":") && !key.startsWith(prefix);
}

/** This project's config keys without its name; keys of other programs and of providers are left out. */
function withoutPrefix<Value>(
  config: Record<string, Value>,
  prefix: string,
): Record<string, Value> {
  const own = Object.entries(config).filter(([key]) => !isOther(key, prefix));
  return Object.fromEntries(
    own.map(([key, value]) => [key.startsWith(prefix) ? key.slice(prefix.length) : key, value]),
  );
}

function projectName(folder: string): string {
  const read = yamlFile(join(folder, "Pulumi.yaml"));
  const name = "content" in read && isMap(read.content) ? read.content.name : undefined;
  return typeof name === "string" ? name : "gpu-serving";
}

/** A value of a file as the engine would hand it to the program. */
function asStored(key: string, value: unknown): unknown {
  if (typeof value === "object" || value === undefined) return value;
  return decoded(key, typeof value === "string" ? value : JSON.stringify(value));
}

/** What the engine's text for a value means; it keeps no value as an empty text, sections as JSON and anything else as it is written. */
function decoded(key: string, stored: string): unknown {
  if (stored === "") return null;
  if (key === "namespace" && !/^[[{]/.test(stored)) return stored;
  try {
    const value: unknown = JSON.parse(stored, dates);
    return value;
  } catch {
    return dates(key, stored);
  }
}

/** The engine turns an unquoted date of a stack file into text of this form, which nobody meant. */
function dates(_: string, value: unknown): unknown {
  const go = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) \+0000 UTC$/;
  const [, day, time] = (typeof value === "string" ? go.exec(value) : undefined) ?? [];
  return day && time ? new Date(`${day}T${time}Z`) : value;
}

/** Whether a value is a secret or has one inside; the engine then marks the whole key as secret. */
function holdsEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const isSecret = Object.keys(value).join() === "secure" && "secure" in value;
  return (
    (isSecret && typeof value.secure === "string") || Object.values(value).some(holdsEncrypted)
  );
}
