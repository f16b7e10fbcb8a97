import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { parsedJson } from "../components/clouds/json";
import type { RunResult } from "../process/run";
import { saidOf } from "./engine";
import { nameIn } from "./engine-events";

const operation = z.enum(["create", "import", "update", "replace", "delete"]);
/** What the engine means to do to a resource. */
export type Operation = z.output<typeof operation>;

const fieldChange = z.object({
  /** Way to the input: `spec.template.spec.containers[0].image`. */
  path: z.string(),
  /** Value now, as JSON; `[secret]` for a secret. Undefined: there is none. */
  before: z.string().optional(),
  /** Value afterwards, as JSON; `[secret]` for a secret. Undefined: none, or not known yet. */
  after: z.string().optional(),
  /** Whether this input alone makes the resource be replaced. */
  forcesReplacement: z.boolean(),
});
/** One input of a resource that gets another value. */
export type FieldChange = z.output<typeof fieldChange>;

const change = z.object({
  /** What is done to it. */
  operation,
  /** Its kind in short: `Deployment`, `NodePool`. */
  kind: z.string(),
  /** Its name in the program. */
  name: z.string(),
  /** What of it changes; empty when it is created or deleted. */
  fields: z.array(fieldChange),
});
/** One resource that is created, changed or deleted. */
export type Change = z.output<typeof change>;

const stackPreview = z.object({
  /** Name of the stack. */
  stack: z.string(),
  /** Resources of a cloud or cluster that would change, in the order of the engine; components are left out. */
  changes: z.array(change),
  /** What is wrong: with errors, the changes are not all there is. */
  errors: z.array(z.string()),
  /** What the program warns of. */
  warnings: z.array(z.string()),
  /** Where the stack's models go, what they cost there and why they go nowhere else; a line for each. Undefined: it has none. */
  models: z.array(z.string()).optional(),
  /** Why the stack was not previewed. Undefined: it was. */
  skipped: z.string().optional(),
});
/** What an `up` of one stack would do. */
export type StackPreview = z.output<typeof stackPreview>;

/** Keeps previews in a folder, for other jobs of CI. */
export function keepPreviews(folder: string, previews: readonly StackPreview[]): void {
  mkdirSync(folder, { recursive: true });
  for (const one of previews) {
    writeFileSync(path.join(folder, `${one.stack}.json`), JSON.stringify(one));
  }
}

/** The previews that `npm run preview -- --out folder` left, by the names of their stacks. */
export function previewsIn(folder: string): StackPreview[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files
    .sort()
    .map((file) => stackPreview.parse(JSON.parse(readFileSync(path.join(folder, file), "utf8"))));
}

const state = z
  .object({ type: z.string(), custom: z.boolean(), inputs: z.unknown() })
  .partial()
  .nullish();
const engineOutput = z.object({
  steps: z
    .array(
      z.object({
        op: z.string(),
        urn: z.string(),
        oldState: state,
        newState: state,
        detailedDiff: z.record(z.string(), z.object({ kind: z.string() })).nullish(),
        replaceReasons: z.array(z.string()).nullish(),
      }),
    )
    .nullish(),
  diagnostics: z.array(z.object({ message: z.string(), severity: z.string() })).nullish(),
});
/** A step of a preview, as the engine prints it. */
export type Step = NonNullable<z.output<typeof engineOutput>["steps"]>[number];

const secret = "[secret]";

/** What `pulumi preview --json` said, and the engine's steps behind it. */
export function readOutput(
  stack: string,
  { code, stdout, stderr }: RunResult,
): { preview: StackPreview; steps: readonly Step[] } {
  const failed = (why: string) => ({
    preview: { stack, changes: [], errors: [why], warnings: [] },
    steps: [],
  });
  const json = parsedJson(stdout);
  if (json === undefined) {
    return failed(saidOf(stderr) || "pulumi preview ended without saying anything");
  }
  const said = engineOutput.safeParse(json);
  if (!said.success) {
    const at = said.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    return failed(`the output of pulumi preview has another form than known: ${at[0] ?? ""}`);
  }
  const steps = said.data.steps ?? [];
  const messages = (of: string) => {
    const those = (said.data.diagnostics ?? []).filter(({ severity }) => severity === of);
    return [...new Set(those.map(({ message }) => withoutPrefix(message)))];
  };
  const [errors, warnings] = [messages("error"), messages("warning")];
  if (code !== 0 && errors.length === 0) {
    errors.push(stderr.trim() || `pulumi preview ended with exit code ${code}`);
  }
  return { preview: { stack, changes: steps.flatMap(changeOf), errors, warnings }, steps };
}

const withoutPrefix = (message: string) => message.replace(/^(error|warning): /, "").trimEnd();

/** Type of a step's resource. */
export function typeOf({ urn, oldState, newState }: Step): string {
  return newState?.type ?? oldState?.type ?? urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function changeOf(step: Step): Change[] {
  const { urn, oldState, newState } = step;
  const op = operation.safeParse(step.op);
  if (!op.success || (newState ?? oldState)?.custom !== true) return [];
  const type = typeOf(step);
  const kind = type.startsWith("pulumi:providers:")
    ? `${type.slice("pulumi:providers:".length)} provider`
    : (type.split(":").at(-1) ?? type);
  const diff = step.detailedDiff ?? {};
  const paths = new Set([...Object.keys(diff), ...(step.replaceReasons ?? [])]);
  const fields = [...paths].map((path) => {
    const before = shown(type, oldState?.inputs, path);
    const after = shown(type, newState?.inputs, path);
    // The engine may know of one side only that it holds a secret.
    const values = [before, after].includes(secret)
      ? { before: secret, after: secret }
      : { before, after };
    return { path, ...values, forcesReplacement: diff[path]?.kind.endsWith("-replace") ?? true };
  });
  return [{ operation: op.data, kind, name: nameIn(urn), fields }];
}

/** A value on the way `metadata.labels["app.kubernetes.io/name"][0]`, as JSON. */
function shown(type: string, inputs: unknown, path: string): string | undefined {
  const found = path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g);
  const way = [...found].map(([, quoted, index, plain]) => quoted ?? index ?? plain ?? "");
  // The engine blanks what it knows to be secret; the payload of a Secret is one whether it knows or not.
  if (type === "kubernetes:core/v1:Secret" && /^(data|stringData)$/.test(way[0] ?? "")) {
    return secret;
  }
  let value = inputs;
  for (const step of way) {
    if (value === secret) return secret;
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.entries(value).find(([key]) => key === step)?.[1];
  }
  return value === secret ? secret : JSON.stringify(value);
}
