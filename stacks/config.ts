import { dirname, basename, join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { isConfigSecret } from "@pulumi/pulumi/runtime/config";
import { check } from "./check";
import { isMap, valueAt } from "./lookup";
import { shown, StackFaults } from "./faults";
import type { Source } from "./source";
import type { Stack } from "./stack";
import { yamlFile } from "./yaml-file";

declare module "@pulumi/pulumi/runtime/config" {
  /** Whether a key is stored encrypted; there is no public way to tell. */
  export function isConfigSecret(key: string): boolean;
}

const defaultProject = "gpu-serving";

/** The checked stack that the running program is for, as of a day like `2026-11-22`; throws {@link StackFaults} before anything else happens. */
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
  const written = yamlFile(join(folder, file));
  const config = "content" in written ? (configIn(written.content) ?? {}) : undefined;
  if (config) refuseTwice(config, prefix, file);
  const layout = config ? withoutPrefix(config, prefix) : values;
  const decrypt = (key: string) => secretConfig.get(key);
  return check({
    ...{ stack, file, folder, secrets, others, decrypt, layout, today },
    values: arranged(values, layout),
  });
}

/** The checked stack of a file, without an engine; its secrets are unknown. Throws {@link StackFaults}. */
export function readStackFile(path: string, today = thisDay()): Stack {
  const file = basename(path);
  const stack = /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1] ?? file;
  const folder = dirname(resolve(path));
  const prefix = `${projectName(folder)}:`;
  const written = configOf(contentOf(path, file), file);
  refuseTwice(written, prefix, file);
  const config = withoutPrefix(written, prefix);
  const others = new Set(Object.keys(written).filter((key) => isOther(key, prefix)));
  const values: Record<string, unknown> = {};
  const secrets: Source["secrets"] = {};
  for (const [name, value] of Object.entries(config)) {
    if (holdsEncrypted(value)) secrets[name] = pulumi.secret(pulumi.unknown).apply(String);
    else values[name] = asStored(name, value);
  }
  const decrypt = () => undefined;
  return check({
    ...{ stack, file, folder, values, secrets, others, decrypt, today },
    layout: config,
  });
}

function thisDay(): string {
  return new Date().toISOString().slice(0, 10);
}

function contentOf(path: string, file: string): unknown {
  const read = yamlFile(path);
  if ("content" in read) return read.content;
  if ("malformed" in read)
    throw new StackFaults(read.malformed.map((fault) => ({ ...fault, file })));
  const remedy = "correct the path of the stack file, or create it: pulumi stack init <stack>";
  throw new StackFaults([
    { file, at: "the file itself", ...read.missing, found: shown(path), remedy },
  ]);
}

/** The config section of a stack file; undefined if it is not a map of keys. */
function configIn(content: unknown): Record<string, unknown> | undefined {
  if (content === null) return {};
  const config = isMap(content) ? (content.config ?? {}) : undefined;
  return isMap(config) ? config : undefined;
}

function configOf(content: unknown, file: string): Record<string, unknown> {
  const config = configIn(content);
  if (config) return config;
  throw new StackFaults([
    {
      file,
      at: isMap(content) ? ["config"] : [],
      what: "wrong type",
      found: shown(isMap(content) ? content.config : content),
      allowed: "a map with the key config, and a map of config keys in it",
      remedy: "write config: and the keys below it, indented",
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
function refuseTwice(config: Record<string, unknown>, prefix: string, file: string): void {
  const twice = Object.keys(config).filter((key) => Object.hasOwn(config, `${prefix}${key}`));
  if (twice.length === 0) return;
  throw new StackFaults(
    twice.map((key) => ({
      file,
      at: ["config", key],
      what: `key given twice, also as ${prefix}${key}`,
      found: `"${key}"`,
      allowed: "each key once in a map",
      remedy: "merge the two, or remove one",
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
