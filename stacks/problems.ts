import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../components/problem";
import { valueAt } from "./lookup";
import { tokens } from "./secret-text";
import { nothing, type Path, type Words } from "./words";
import type { Place } from "./yaml-file";

/** One thing that is wrong with a stack's files. */
export interface StackProblem extends Problem {
  /** File it is in, as the user names it. */
  file: string;
  /** Line of the file, from 1; undefined where the file itself is the problem. */
  line?: number;
}

/** How a problem says that a key is not one of those a map may have. */
export const unknownKey = "unknown key";

const longestText = 72;

/** Passwords of addresses: logs of CI are read by more people than the file. */
const passwords = /(:\/\/[^\s:@/"]*:)[^\s@/"]+@/g;

/** A value on one line, as in YAML; what was encrypted is not shown, nor is the password of an address. */
export function shown(value: unknown): string {
  if (value === undefined) return nothing;
  if (value === null) return "nothing behind the colon (null)";
  const text = JSON.stringify(value, (key: string, inner: unknown) =>
    key === "secure" ? "a secret" : inner,
  );
  const open = masked(text);
  return open.length > longestText ? `${open.slice(0, longestText)}...` : open;
}

/** Text without what must not be shown: passwords of addresses, and tokens by how they begin. */
function masked(text: string): string {
  return text.replace(passwords, "$1***@").replace(tokens, "$1***");
}

/** A value as its file has it, where the text there stands for the same value. */
export function shownAs(value: unknown, written: Place["written"]): string {
  return isWritten(value, written) ? masked(written.text) : shown(value);
}

/** Whether the text of a file stands for the value. */
export function isWritten(
  value: unknown,
  written: Place["written"],
): written is NonNullable<Place["written"]> {
  if (written === undefined || value === null) return false;
  return value === written.value || isDeepStrictEqual(value, written.value);
}

/** The way to a value as text: `services.chat.expose.allow[0]`. */
export function pathText(path: Path): string {
  return path
    .map((step) => {
      if (typeof step === "number") return `[${step}]`;
      return /^[\w:-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join("")
    .replace(/^\./, "");
}

/** Everything that is wrong with a stack's files, in one message for people. */
export class StackProblems extends pulumi.RunError {
  constructor(
    /** The problems, in the order of the files and of what is in them. */
    readonly problems: readonly StackProblem[],
  ) {
    super(report(problems));
    this.name = "StackProblems";
  }
}

/**
 * What may be wrong with a stack file that names an ESC environment: whoever reads the file alone does not see what Pulumi merges into
 * its maps, and nothing of the file itself is replaced by it (docs/facts.md 12.5).
 */
export class UnseenValues extends StackProblems {
  constructor(stack: string, problems: readonly StackProblem[]) {
    super(
      problems.map((problem) => ({
        ...problem,
        problem: `${problem.problem}, unless the environment has it, which is not opened here`,
        fix: `run npm run preview -- ${stack}, which opens it; else ${problem.fix}`,
      })),
    );
    this.name = "UnseenValues";
  }
}

function report(problems: readonly StackProblem[]): string {
  const files = new Set(problems.map(({ file }) => file));
  const head = `${counted(problems.length, "problem")} in ${counted(files.size, "file")}; nothing was created or changed.`;
  const each = problems.map(({ file, line, ...problem }) =>
    problemLines(line === undefined ? `${file}: ` : `${file}:${line}: `, problem).join("\n"),
  );
  return `${head}\n\n${each.join("\n")}\n`;
}

function counted(many: number, of: string): string {
  return `${many} ${of}${many === 1 ? "" : "s"}`;
}

/** What is only told, on one line. */
export function noteLine({ file, path, problem, found, fix }: StackProblem): string {
  return `${file}, ${pathText(path)}: ${problem} (${found}); ${fix}`;
}

/** A problem as the lines of a message for people; `where` stands before the path. */
export function problemLines(
  where: string,
  { path, problem, found, allowed, fix }: Problem,
): string[] {
  return [
    `${where}${[pathText(path), problem].filter((text) => text !== "").join(": ")}`,
    `    found:   ${found}`,
    `    allowed: ${allowed}`,
    `    do:      ${fix}`,
  ];
}

/** A problem of a file, by default of the stack file; what the file has there and in which line is looked up, unless it is said. */
export type FileProblem = Words & Pick<Problem, "path"> & Partial<StackProblem>;

/** A file of a stack, as it was read. */
export interface ReadFile {
  /** Name of the file, as the user writes it. */
  name: string;
  /** What is in it. */
  content: unknown;
  /** Where a value stands; undefined where there is no file to look at. */
  place: (path: Path) => Place | undefined;
}

/** The problems with what their files have there, in the order of the files and from top to bottom. */
export function placed(
  problems: readonly FileProblem[],
  files: readonly ReadFile[],
): StackProblem[] {
  return problems
    .map((given) => {
      const problem = { file: files[0]?.name ?? "", ...given };
      const at = files.findIndex(({ name }) => name === problem.file);
      const { content, place } = files[at] ?? {};
      const { line, offset = 0, written } = place?.(problem.path) ?? {};
      const found = shownAs(valueAt(content, problem.path), written);
      return { at: at < 0 ? files.length : at, offset, problem: { found, line, ...problem } };
    })
    .sort((a, b) => a.at - b.at || a.offset - b.offset)
    .map(({ problem }) => problem);
}
