import { readFileSync } from "node:fs";
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Document, YAMLError } from "yaml";
import type { Problem } from "../components/problem";
import { nothing, type Path, type Words } from "./words";
import { aliasProblems, unclearTexts, writtenAs, type Refused } from "./yaml-readings";
import { decoded } from "./yaml-text";

/** What a YAML file holds, or why it cannot be read. */
export type YamlFile =
  | { content: unknown; place: (path: Path) => Place }
  | { missing: Words }
  | { malformed: Malformed[] };

/** Why a file is not read: a place of it that is no YAML, or that readers of YAML understand differently. */
export interface Malformed extends Problem {
  line: number;
  /** Whether Pulumi takes it all the same, as something else than it says. */
  differs?: true;
}

/** Where a key or an item of a list stands. */
export interface Place {
  /** Line, from 1. */
  line: number;
  /** Characters before it in the file. */
  offset: number;
  /** Text of a plain value other than text as it stands there, and what it was read as. */
  written?: { text: string; value: unknown };
}

const codes: Record<string, string> = { ENOENT: "no such file", EISDIR: "a folder, not a file" };

/** Reads a file of one YAML document with unique keys. */
export function yamlFile(path: string): YamlFile {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return {
      missing: {
        problem: codes[code] ?? `cannot be read (${code})`,
        allowed: "the path of a YAML file that can be read",
        fix: "create the file, or correct its path; it starts from the project's folder",
      },
    };
  }
  const whole = decoded(bytes);
  if (!("text" in whole)) return { malformed: [{ path: [], ...whole }] };
  const { text } = whole;
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    merge: true,
    prettyErrors: true,
    // As the engine reads stack files: an unquoted date is no text.
    customTags: ["timestamp"],
  });
  const rows = text.split("\n");
  const problems: Refused[] = [
    ...document.errors.map((error) => ({ at: error.pos[0], ...notYaml(error) })),
    ...unclearTexts(document),
    ...aliasProblems(document),
  ];
  if (problems.length > 0) {
    return {
      malformed: problems.map(({ at, ...words }) => {
        const { line } = lineCounter.linePos(at);
        return { path: [], line, ...{ found: beginning(rows, line), ...words } };
      }),
    };
  }
  const place = (of: Path) => {
    const { offset, node } = nodeAt(document, of);
    return { offset, line: lineCounter.linePos(offset).line, written: writtenAs(node) };
  };
  // How much the aliases stand for is checked above.
  return { content: document.toJS({ maxAliasCount: -1 }), place };
}

/** What a path leads to, and where its key or item begins; where there is none, where what it would be in does. */
function nodeAt(document: Document, path: Path): { offset: number; node?: unknown } {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
      : undefined;
    const item: unknown = isSeq(node) ? node.items[Number(step)] : undefined;
    const at: unknown = pair ? pair.key : item;
    if (!isNode(at)) return { offset };
    offset = at.range?.[0] ?? offset;
    node = pair ? pair.value : item;
  }
  return { offset, node: isAlias(node) ? node.resolve(document) : node };
}

/** Key of a line, or of the last one before it; what stands behind the key may be a secret. */
function beginning(rows: readonly string[], line: number): string {
  const before = rows.slice(0, line).reverse();
  const text = before.find((row) => row.trim() !== "")?.trim() ?? nothing;
  const key = text.indexOf(":");
  return key < 0 || key === text.length - 1 ? text : `${text.slice(0, key + 1)} ...`;
}

const yamlProblems: Readonly<Record<string, Words & { differs?: true }>> = {
  MULTIPLE_DOCS: {
    problem: "more than one document",
    allowed: "one document in a file",
    fix: "put what stands behind the --- into a file of its own, and list that in include; or remove the ---",
    // Pulumi reads the first and drops the others without a word.
    differs: true,
  },
  DUPLICATE_KEY: {
    problem: "key given twice",
    allowed: "each key once in a map",
    fix: "merge the two, or remove one",
  },
  TAB_AS_INDENT: {
    problem: "not YAML",
    allowed: "spaces at the start of a line",
    fix: "indent with spaces",
  },
};

function notYaml({ code, message }: YAMLError): Omit<Refused, "at"> {
  const [said = message] = message.split(/ at line \d|\n/);
  const other = {
    problem: "not YAML",
    allowed: `valid YAML: ${said.charAt(0).toLowerCase()}${said.slice(1)}`,
    fix: "correct this line or the one before it",
  };
  return yamlProblems[code] ?? other;
}
