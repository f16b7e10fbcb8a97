import { dirname, basename, join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { isConfigSecret } from "@pulumi/pulumi/runtime/config";
import { check } from "./check";
import { isMap, valueAt } from "./lookup";
import { shown, StackProblems } from "./problems";
import type { Source } from "./source";
import type { Stack } from "./stack";
import { yamlFile, type YamlFile } from "./yaml-file";

declare module "@pulumi/pulumi/runtime/config" {
  /** Whether a key is stored encrypted; there is no public way to tell. */
  export function isConfigSecret(key: string): boolean;
}

const defaultProject = "gpu-serving";

/** The checked stack that the running program is for, as of a day like `2026-11-22`; throws {@link StackProblems} before anything else happens. */
export function readConfig(folder = process.cwd(), today = thisDay()): Stack {
  const stack = pulumi.getStack();
  const file = `Pulumi.${stack}.yaml`;
  const prefix = `${pulumi.getProject()}:`;
  const secretConfig = new pulumi.Config();
  const values: Record<string, unknown> = {};
  const secrets: Source["secrets"] = {};
  const all = pulumi.runtime.allConfig();
  const others = new Set(Object.keys(all).filter((key) => !key.startsWith(prefix)));
  for (const [key, text] of Object.entries(all)) {
    if (others.has(key)) continue;
    const name = key.slice(prefix.length);
    if (isConfigSecret(key)) secrets[name] = secretConfig.requireSecret(name);
    else values[name] = decoded(name, text);
  }
  // The engine hands keys out in alphabetical order; the file, where it is there, has the user's.
  const read = yamlFile(join(folder, file));
  const written = "content" in read ? (configIn(read.content) ?? {}) : values;
  if ("content" in read) refuseTwice(read, prefix, file);
  const decrypt = (key: string) => secretConfig.get(key);
  return check({
    ...{ stack, file, folder, secrets, others, decrypt, today },
    values: arranged(values, withoutPrefix(written, prefix)),
    place: "content" in read ? placeOf(read, prefix) : () => undefined,
  });
}

/** The checked stack of a file, without an engine; its secrets are unknown. Throws {@link StackProblems}. */
export function readStackFile(path: string, today = thisDay()): Stack {
  const file = basename(path);
  const stack = /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1] ?? file;
  const folder = dirname(resolve(path));
  const prefix = `${projectName(folder)}:`;
  const read = contentOf(path, file);
  const written = configOf(read, file);
  refuseTwice(read, prefix, file);
  const others = new Set(Object.keys(written).filter((key) => isOther(key, prefix)));
  const values: Record<string, unknown> = {};
  const secrets: Source["secrets"] = {};
  for (const [name, value] of Object.entries(withoutPrefix(written, prefix))) {
    if (holdsEncrypted(value)) secrets[name] = pulumi.secret(pulumi.unknown).apply(String);
    else values[name] = asStored(name, value);
  }
  const decrypt = () => undefined;
  const place = placeOf(read, prefix);
  return check({ ...{ stack, file, folder, values, secrets, others, decrypt, place, today } });
}

function thisDay(): string {
  return new Date().toISOString().slice(0, 10);
}

type Content = Extract<YamlFile, { content: unknown }>;

function contentOf(path: string, file: string): Content {
  const read = yamlFile(path);
  if ("content" in read) return read;
  if ("malformed" in read) throw new StackProblems(read.malformed.map((it) => ({ ...it, file })));
  const fix = "correct the path of the stack file, or create it: pulumi stack init <stack>";
  throw new StackProblems([{ file, path: [], ...read.missing, found: shown(path), fix }]);
}

/** Where the values of config keys stand, which carry the project's name in the file or not. */
function placeOf({ content, place }: Content, prefix: string): Source["place"] {
  const written = configIn(content) ?? {};
  return ([key = "", ...rest]) => {
    const named = `${prefix}${key}`;
    return place(["config", Object.hasOwn(written, named) ? named : key, ...rest]);
  };
}

/** The config section of a stack file; undefined if it is not a map of keys. */
function configIn(content: unknown): Record<string, unknown> | undefined {
  if (content === null) return {};
  const config = isMap(content) ? (content.config ?? {}) : undefined;
  return isMap(config) ? config : undefined;
}

function configOf({ content, place }: Content, file: string): Record<string, unknown> {
  const config = configIn(content);
  if (config) return config;
  const path = isMap(content) ? ["config"] : [];
  throw new StackProblems([
    {
      ...{ file, path, line: place(path).line },
      problem: "wrong type",
      found: shown(isMap(content) ? content.config : content),
      allowed: "a map with the key config, and a map of config keys in it",
      fix: "write config: and the keys below it, indented",
    },
  ]);
}

/** A map with its keys, at every depth, in the order of another one; keys that the other one lacks come last. */
function arranged(map: Record<string, unknown>, like: unknown): Record<string, unknown> {
  const order = isMap(like) ? Object.keys(like) : [];
  const place = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  const keys = Object.keys(map).sort((a, b) => place(a) - place(b));
  return Object.fromEntries(keys.map((key) => [key, inner(map[key], valueAt(like, [key]))]));

  function inner(value: unknown, other: unknown): unknown {
    if (Array.isArray(value)) return value.map((item, at) => inner(item, valueAt(other, [at])));
    return isMap(value) ? arranged(value, other) : value;
  }
}

/** Whether a key is another program's or a provider's. */
function isOther(key: string, prefix: string): boolean {
  return key.includes(":") && !key.startsWith(prefix);
}

/** This project's config keys without its name; keys of other programs and of providers are left out. */
function withoutPrefix(config: Record<string, unknown>, prefix: string): Record<string, unknown> {
  const own = Object.entries(config).filter(([key]) => !isOther(key, prefix));
  return Object.fromEntries(
    own.map(([key, value]) => [key.startsWith(prefix) ? key.slice(prefix.length) : key, value]),
  );
}

/** A key is the same with and without the project's name, and only one of the two would count. */
function refuseTwice({ content, place }: Content, prefix: string, file: string): void {
  const config = configIn(content) ?? {};
  const twice = Object.keys(config).filter((key) => Object.hasOwn(config, `${prefix}${key}`));
  if (twice.length === 0) return;
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

function projectName(folder: string): string {
  const read = yamlFile(join(folder, "Pulumi.yaml"));
  const name = "content" in read && isMap(read.content) ? read.content.name : undefined;
  return typeof name === "string" ? name : defaultProject;
}

/** A value of a file as the engine would hand it to the program. */
function asStored(key: string, value: unknown): unknown {
  if (typeof value === "object") return value;
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
  const inner = Object.entries(value);
  if (inner.length === 1 && inner[0]?.[0] === "secure" && typeof inner[0][1] === "string")
    return true;
  return inner.some(([, item]) => holdsEncrypted(item));
}
