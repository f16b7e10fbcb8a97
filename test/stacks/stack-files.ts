import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parseAllDocuments } from "yaml";
import { readConfig, readStackFile } from "../../stacks/config";
import { StackProblems } from "../../stacks/problems";
import type { Stack } from "../../stacks/stack";

/** Text of each file, by its path from the project's folder; the stack file comes first. */
export type Files = Record<string, string>;

const project = "gpu-serving";

/** Day of the checks: versions of Kubernetes run out of support. */
const today = "2026-11-22";

/** Writes files into a folder of their own, hands it over, and removes it. */
export function inFolder<Result>(files: Files, use: (folder: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), "stack-files-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function stackFileOf(files: Files): string {
  return Object.keys(files)[0] ?? "Pulumi.prod.yaml";
}

/** The stack that the files describe, read without an engine. */
export function fromFile(files: Files): Stack {
  return inFolder(files, (folder) => readStackFile(join(folder, stackFileOf(files)), today));
}

/** The stack of one service, `chat`, on a cluster that exists with one pool and a controller of LeaderWorkerSets; both as YAML. */
export function chatOnPool(pool: string, entry: string): Stack {
  return fromFile({
    "Pulumi.prod.yaml": `
config:
  cluster: { kind: existing, kubeconfig: test/fixtures/kubeconfig.yaml }
  leaderWorkerSet: existing
  pools:
    ${pool}
  services:
    chat: { ${entry} }`,
  });
}

/** The stack that the files describe, read as a program that the engine runs. */
export function fromProgram(files: Files, environment?: Config): Stack {
  return inFolder(files, (folder) => {
    actAsEngine(files, [], environment);
    return readConfig(folder, today);
  });
}

/** Values of a config, by key. */
type Config = Record<string, unknown>;

/** Merges as the engine does: of a map all keys, of anything else what the file has (JSON merge patch). */
function merged(below: unknown, file: unknown): unknown {
  const isMap = (value: unknown): value is Config =>
    typeof value === "object" && value !== null && !Array.isArray(value) && !("secure" in value);
  if (file === undefined) return below;
  if (!isMap(below) || !isMap(file)) return file;
  const keys = Object.keys({ ...below, ...file });
  return Object.fromEntries(keys.map((key) => [key, merged(below[key], file[key])]));
}

/** Sets what the engine sets before it runs the program of these files and an ESC environment, with mocks for resources. */
export function actAsEngine(
  files: Files,
  registered: string[] = [],
  environment: Config = {},
): void {
  const [name, text = ""] = Object.entries(files)[0] ?? [];
  const stack = /^Pulumi\.(.+)\.yaml$/.exec(name ?? "")?.[1] ?? "";
  void pulumi.runtime.setMocks(
    {
      newResource: ({ type, name: resource, inputs }) => {
        registered.push(`${type} ${resource}`);
        return { id: resource, state: inputs as Record<string, unknown> };
      },
      call: () => ({}),
    },
    project,
    stack,
  );
  // The engine reads the first document, and no other.
  const [document] = parseAllDocuments(text, { merge: true, customTags: ["timestamp"] });
  const file = document?.toJS() as { config?: Record<string, unknown> } | null;
  const stored: Record<string, string> = {};
  const secrets: string[] = [];
  // The engine sorts keys.
  for (const [key, value] of byKey(merged(environment, file?.config ?? {}) as Config)) {
    const full = key.includes(":") ? key : `${project}:${key}`;
    const plain = decrypt(value);
    stored[full] =
      typeof plain === "string" ? plain : plain === null ? "" : JSON.stringify(sorted(plain));
    if (JSON.stringify(value).includes('"secure":')) secrets.push(full);
  }
  pulumi.runtime.setAllConfig(stored, secrets);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(byKey(value).map(([key, inner]) => [key, sorted(inner)]));
}

function byKey(map: object): [string, unknown][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}

function decrypt(value: unknown): unknown {
  if (value instanceof Date) return goTime(value);
  if (Array.isArray(value)) return value.map(decrypt);
  if (typeof value !== "object" || value === null) return value;
  // These tests encrypt nothing.
  if ("secure" in value) return value.secure;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, decrypt(inner)]));
}

/** A date as Go prints it. */
function goTime(date: Date): string {
  return date.toISOString().replace("T", " ").replace(".000Z", " +0000 UTC");
}

/** What a reader says of files that it refuses. */
export function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof StackProblems) return error.message;
    throw error;
  }
  return "nothing was refused";
}
