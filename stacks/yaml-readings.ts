import { isAlias, isMap, isNode, isScalar, isSeq, visit } from "yaml";
import type { Document, Node, Scalar } from "yaml";
import { nothing, type Words } from "./words";

/** What is refused, and where it begins in the file. */
export type Refused = Words & {
  at: number;
  found?: string;
  /** Whether Pulumi takes it all the same, as something else than it says. */
  differs?: true;
};

/** Values that a file may have once each alias stands for all that it refers to. */
const mostValues = 100_000;

/** Aliases that refer to nothing, or to what they are in, and a file that would be too large without them. */
export function aliasProblems(document: Document): Refused[] {
  const anchors = new Map<string, Node>();
  const refused: Refused[] = [];
  /** Values in each node that has been left, and those of the open ones so far. */
  const sizes = new Map<unknown, number>();
  visit(document, {
    Node(_, node, path) {
      const target = isAlias(node) ? anchors.get(node.source) : undefined;
      const open = path.filter(isNode);
      if (isAlias(node)) {
        const at = node.range?.[0] ?? 0;
        if (!target) refused.push({ at, ...unknownAnchor(node.source) });
        else if (open.includes(target)) refused.push({ at, ...endless(node.source) });
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
      const size = target ? (sizes.get(target) ?? 1) : 1;
      for (const of of [node, ...open]) sizes.set(of, (sizes.get(of) ?? 0) + size);
    },
  });
  const size = sizes.get(document.contents) ?? 0;
  if (refused.length === 0 && size > mostValues) refused.push({ at: 0, ...tooLarge(size) });
  return refused;
}

function unknownAnchor(source: string): Words {
  return {
    problem: "not YAML",
    allowed: "aliases of anchors that stand before them",
    fix: `define &${source} before it, or quote the text if no alias is meant`,
  };
}

function endless(source: string): Words & { found: string } {
  return {
    problem: "an alias of what it is in, which would never end",
    ...{ found: `*${source} inside of &${source}`, allowed: "aliases of anchors that end before" },
    fix: "write what is meant in its place",
  };
}

function tooLarge(size: number): Words & { found: string } {
  return {
    problem: "too large once each alias stands for what it refers to",
    ...{ found: `${size} values`, allowed: `at most ${mostValues} values` },
    fix: "have fewer aliases of anchors that have aliases themselves",
  };
}

/**
 * Plain texts that two readers read differently: ours as YAML 1.2 says, Pulumi's with the octal numbers of 1.1 and underscores
 * (docs/facts.md 12.1). Of keys also numbers that are written differently as text.
 */
export function unclearTexts(document: Document): Refused[] {
  const refused: Refused[] = [];
  visit(document, {
    Scalar(key, scalar, path) {
      const { source = "", value, range } = scalar;
      if (scalar.type !== "PLAIN") return;
      const at = { at: range?.[0] ?? 0 };
      if (key === "key") {
        const hasText = typeof value === "number" || typeof value === "boolean";
        const isOther = hasText && String(value) !== source;
        if (isOther || value instanceof Date || isUnclear(scalar)) {
          refused.push({ ...at, differs: true, ...keyWords(source) });
        }
      } else if (isUnclear(scalar)) {
        // What stands directly below config may be a secret in plain text.
        const isOpen = path.filter((above) => isMap(above) || isSeq(above)).length > 2;
        const found = isOpen ? { found: source } : {};
        refused.push({ ...at, differs: true, ...valueWords(scalar), ...found });
      }
    },
  });
  return refused;
}

/** Whether Pulumi's reader takes a text for another value. */
function isUnclear({ source = "", value }: Scalar): boolean {
  const theirs = pulumisNumber(source);
  return theirs !== undefined && theirs !== value;
}

/** The number that Pulumi's reader takes a plain text for (gopkg.in/yaml.v3, resolve.go). */
function pulumisNumber(text: string): number | undefined {
  if (!/^[-+\d]/.test(text)) return undefined;
  const [, sign = "", digits = ""] = /^([-+]?)(.*)$/.exec(text.replaceAll("_", "")) ?? [];
  const of = (amount: number) => (sign === "-" ? -amount : amount);
  const octal = /^0o?([0-7]+)$/i.exec(digits)?.[1];
  if (octal !== undefined) return of(Number.parseInt(octal, 8));
  if (/^0(?:x[\da-f]+|b[01]+)$/i.test(digits)) return of(Number(digits));
  return /^(?:\.\d+|\d+(?:\.\d*)?)(?:e[-+]?\d+)?$/i.test(digits) ? of(Number(digits)) : undefined;
}

function keyWords(source: string): Words & { found: string } {
  return {
    problem: "a key that is no text, and would be another one as text",
    ...{ found: source, allowed: "keys that are text" },
    fix: `quote it: "${source}"`,
  };
}

function valueWords({ value }: Scalar): Words {
  const ours = typeof value === "number" ? "a number" : "text";
  return {
    problem: `read as ${ours} by some programs, and as another number by others`,
    allowed: "numbers in decimal, without leading zeros and underscores; anything else in quotes",
    fix: "quote it if it is text; else write the number in decimal",
  };
}

/** Text of a plain value as it stands in the file, by what it was read as. */
export function writtenAs(node: unknown): { text: string; value: unknown } | undefined {
  if (!isScalar(node) || node.type !== "PLAIN" || typeof node.value === "string") return undefined;
  return { text: node.source ?? nothing, value: node.value };
}
