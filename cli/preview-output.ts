import { z } from "zod";

/** What the engine means to do to a resource. */
export type Operation = "create" | "import" | "update" | "replace" | "delete";

/** One input of a resource that gets another value. */
export interface FieldChange {
  /** Way to the input: `spec.template.spec.containers[0].image`. */
  path: string;
  /** Value now, as JSON; `[secret]` for a secret. Undefined: there is none. */
  before?: string;
  /** Value afterwards, as JSON; `[secret]` for a secret. Undefined: none, or not known yet. */
  after?: string;
  /** Whether this input alone makes the resource be replaced. */
  forcesReplacement: boolean;
}

/** One resource that is created, changed or deleted. */
export interface Change {
  /** What is done to it. */
  operation: Operation;
  /** Its kind in short: `Deployment`, `NodePool`. */
  kind: string;
  /** Its name in the program. */
  name: string;
  /** What of it changes; empty when it is created or deleted. */
  fields: FieldChange[];
}

/** What an `up` of one stack would do. */
export interface StackPreview {
  /** Name of the stack. */
  stack: string;
  /** Resources of a cloud or cluster that would change, in the order of the engine; components are left out. */
  changes: Change[];
  /** What is wrong: with errors, the changes are not all there is. */
  errors: string[];
  /** What the program warns of. */
  warnings: string[];
  /** Why the stack was not previewed. Undefined: it was. */
  skipped?: string;
}

const state = z.object({
  type: z.string().optional(),
  custom: z.boolean().optional(),
  inputs: z.unknown().optional(),
});
const engineOutput = z.object({
  steps: z
    .array(
      z.object({
        op: z.string(),
        urn: z.string(),
        oldState: state.nullish(),
        newState: state.nullish(),
        detailedDiff: z.record(z.string(), z.object({ kind: z.string() })).nullish(),
        replaceReasons: z.array(z.string()).nullish(),
      }),
    )
    .nullish(),
  diagnostics: z.array(z.object({ message: z.string(), severity: z.string() })).nullish(),
});
/** A step of a preview, as the engine prints it. */
export type Step = NonNullable<z.infer<typeof engineOutput>["steps"]>[number];

const operations: readonly string[] = ["create", "import", "update", "replace", "delete"];
const isOperation = (op: string): op is Operation => operations.includes(op);
const secret = "[secret]";

/** What a preview says, and the engine's steps behind it. */
export interface PreviewOutput {
  preview: StackPreview;
  steps: readonly Step[];
}

/** What `pulumi preview --json` said; `stderr` counts when it ended before it could say anything. */
export function readOutput(stack: string, stdout: string, stderr = ""): PreviewOutput {
  const failed = (why: string): PreviewOutput => ({
    preview: { stack, changes: [], errors: [why], warnings: [] },
    steps: [],
  });
  const json = parsed(stdout);
  if (json === undefined) {
    return failed(withoutPrefix(stderr.trim() || "pulumi preview ended without saying anything"));
  }
  const said = engineOutput.safeParse(json);
  if (!said.success) {
    const at = said.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    return failed(`the output of pulumi preview has another form than known: ${at[0] ?? ""}`);
  }
  const steps = said.data.steps ?? [];
  const messages = (severity: string) => [
    ...new Set(
      (said.data.diagnostics ?? [])
        .filter((one) => one.severity === severity)
        .map(({ message }) => withoutPrefix(message)),
    ),
  ];
  const [errors, warnings] = [messages("error"), messages("warning")];
  return { preview: { stack, changes: steps.flatMap(changeOf), errors, warnings }, steps };
}

/** The same without the steps. */
export function readPreview(stack: string, stdout: string, stderr?: string): StackPreview {
  return readOutput(stack, stdout, stderr).preview;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const withoutPrefix = (message: string) => message.replace(/^(error|warning): /, "").trimEnd();

function changeOf(step: Step): Change[] {
  const { op, urn, oldState, newState } = step;
  if (!isOperation(op) || (newState ?? oldState)?.custom !== true) return [];
  const [, , types = "", ...name] = urn.split("::");
  const type = types.split("$").at(-1) ?? types;
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
  return [{ operation: op, kind, name: name.join("::"), fields }];
}

/** The steps of a path like `metadata.labels["app.kubernetes.io/name"][0]`. */
function stepsOf(path: string): string[] {
  const found = path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g);
  return [...found].map(([, quoted, index, plain]) => quoted ?? index ?? plain ?? "");
}

function shown(type: string, inputs: unknown, path: string): string | undefined {
  const way = stepsOf(path);
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
