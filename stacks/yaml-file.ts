import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { nothing, type Fault } from "./faults";

/** What a YAML file holds, or why that cannot be told. */
export type YamlFile =
  | { content: unknown }
  | { missing: Pick<Fault, "what" | "allowed" | "remedy"> }
  | { malformed: Omit<Fault, "file">[] };

const codes: Record<string, string> = {
  ENOENT: "no such file",
  EISDIR: "a folder, not a file",
  ENOTDIR: "no such file",
  EACCES: "no permission to read it",
};

/** Reads a file of one YAML document with unique keys. */
export function yamlFile(path: string): YamlFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return {
      missing: {
        what: codes[code] ?? `cannot be read (${code})`,
        allowed: "the path of a YAML file that can be read",
        remedy: "create the file, or correct its path; it starts from the project's folder",
      },
    };
  }
  const document = parseDocument(text, {
    merge: true,
    prettyErrors: true,
    // As the engine reads stack files: an unquoted date is no text.
    customTags: ["timestamp"],
  });
  const rows = text.split("\n");
  if (document.errors.length > 0) {
    return {
      malformed: document.errors.map(({ code, message, linePos }) => {
        const line = linePos?.[0].line ?? 1;
        const [said = message] = message.split(/ at line \d|\n/);
        return {
          at: `line ${line}`,
          what: code === "DUPLICATE_KEY" ? "key given twice" : "not YAML",
          found: beginning(rows, line),
          allowed: remark(code, said),
          remedy:
            code === "TAB_AS_INDENT"
              ? "indent with spaces"
              : code === "DUPLICATE_KEY"
                ? "merge the two, or remove one"
                : "correct this line or the one before it",
        };
      }),
    };
  }
  try {
    return { content: document.toJS() };
  } catch (error) {
    // An alias without its anchor shows only when it is followed.
    const said = error instanceof Error ? error.message : String(error);
    const name = /: (\S+)$/.exec(said)?.[1] ?? "";
    const line = rows.findIndex((row) => row.includes(`*${name}`));
    return {
      malformed: [
        {
          at: `line ${line + 1}`,
          what: "not YAML",
          found: beginning(rows, line + 1),
          allowed: "aliases of anchors that stand before them",
          remedy: `define &${name} before it, or quote the text if no alias is meant`,
        },
      ],
    };
  }
}

/** Key of a line, or of the last one before it; what stands behind the key may be a secret. */
function beginning(rows: readonly string[], line: number): string {
  const before = rows.slice(0, line).reverse();
  const text = before.find((row) => row.trim() !== "")?.trim() ?? nothing;
  const key = text.indexOf(":");
  return key < 0 || key === text.length - 1 ? text : `${text.slice(0, key + 1)} ...`;
}

function remark(code: string, said: string): string {
  if (code === "DUPLICATE_KEY") return "each key once in a map";
  if (code === "TAB_AS_INDENT") return "spaces at the start of a line";
  return `valid YAML: ${said.charAt(0).toLowerCase()}${said.slice(1)}`;
}
