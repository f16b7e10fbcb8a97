import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { checkout } from "../local/folder";

/** Clouds whose table is complete. */
const clouds = ["gke", "eks", "aks"] as const;
type Cloud = (typeof clouds)[number];

/** Heading of a cloud's table in docs/facts.md. */
const heading = (cloud: Cloud) => `### Values written into ${cloud.toUpperCase()}`;

/** A literal, where it stands. */
interface Literal {
  text: string;
  file: string;
  line: number;
  /** Whether it is a part of a template, between its expressions. */
  part: boolean;
}

/** Files that hold what is special to a cloud. */
function filesOf(cloud: Cloud): string[] {
  const within = (folder: string, wanted: (name: string) => boolean) =>
    readdirSync(path.join(checkout, folder))
      .filter((name) => name.endsWith(".ts") && wanted(name.slice(0, -3)))
      .map((name) => `${folder}/${name}`);
  const own = (name: string) => name === cloud || name.startsWith(`${cloud}-`);
  return [...within(`components/clouds/${cloud}`, () => true), ...within("catalog", own)];
}

/** All string literals of a file but import specifiers, types and keys of lookups in our own tables. */
function literalsOf(file: string): Literal[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(checkout, file), "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: Literal[] = [];
  const add = (node: ts.LiteralLikeNode, part = false) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    found.push({ text: node.text, file, line: line + 1, part });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isLiteralTypeNode(node) || isOfARule(node)) return;
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) add(node);
    if (ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) add(node, true);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Number of a rule, and of the facts that it stands on. */
function isOfARule(node: ts.Node): boolean {
  return ts.isPropertyAssignment(node) && ["id", "facts"].includes(node.name.getText());
}

/** Words of Node that no cloud ever sees. */
const ofNode = new Set(["utf8", "base64", "base64url", "sha256"]);

/** Fixed parts of names that we make up: they begin or end with what joins parts. */
const ownPart = /^[-_.]?[a-z0-9-]*[-_.,]?$/;

/**
 * Whether a literal looks like a cloud's: no prose, and more than a lower-case word. Names of our own resources, fields of the
 * stack file (`cluster.access`) and type tokens (`gpu-serving:...`) are ours.
 */
function looksLikeACloudsOwn({ text, part }: Literal): boolean {
  if (text === "" || /\s/.test(text) || ofNode.has(text)) return false;
  if (/^gpu-serving[:/-]/.test(text)) return false;
  if (part && ownPart.test(text)) return false;
  if (!/[A-Za-z0-9]/.test(text)) return false;
  return /[A-Z/._:]|\d/.test(text);
}

/** The values of a table, each with the words of its row. */
function tableOf(cloud: Cloud): Map<string, string> {
  const page = readFileSync(path.join(checkout, "docs/facts.md"), "utf8");
  const [, after = ""] = page.split(`${heading(cloud)}\n`);
  const [section = ""] = after.split(/\n#{2,3} /);
  const rows = section.split("\n").filter((row) => row.startsWith("| `"));
  return new Map(
    rows.flatMap((row) => {
      const [, values = "", ...rest] = row.replaceAll("\\|", "\u0000").split("|");
      return [...values.matchAll(/``(.+?)``|`([^`]+)`/g)].map(
        ([, twice, once]) =>
          [(twice ?? once ?? "").trim().replaceAll("\u0000", "|"), rest.join("|")] as const,
      );
    }),
  );
}

/** Fails with every line of the list, which mocha's own difference would cut short. */
function none(list: readonly string[], what: string): void {
  assert.ok(list.length === 0, `${list.length} values: ${what}\n${list.join("\n")}`);
}

describe("docs/facts.md", () => {
  for (const cloud of clouds) {
    describe(`on the values written into ${cloud.toUpperCase()}`, () => {
      const literals = filesOf(cloud).flatMap(literalsOf);
      const table = tableOf(cloud);

      it("reads files that hold some, and a table of them", () => {
        assert.ok(literals.length > 100, `${literals.length} literals`);
        assert.ok(table.size > 20, `${table.size} values below "${heading(cloud)}"`);
      });

      it("has every one that looks like a cloud's", () => {
        const missing = literals
          .filter((literal) => looksLikeACloudsOwn(literal) && !table.has(literal.text))
          .map(({ file, line, text }) => `${file}:${line} ${JSON.stringify(text)}`);
        none(missing, `look each up and write it below "${heading(cloud)}", or with **GK**`);
      });

      it("has none that no code writes", () => {
        const written = new Set(literals.map(({ text }) => text));
        const stale = [...table.keys()].filter((value) => !written.has(value));
        none(stale, `in the table "${heading(cloud)}", and in no file of the cloud`);
      });

      it("says what each is and where that was looked up", () => {
        const bare = [...table].filter(
          ([, rest]) => rest.split("|").filter((cell) => cell.trim() !== "").length < 2,
        );
        none(
          bare.map(([value]) => value),
          "without words or source",
        );
      });
    });
  }
});
