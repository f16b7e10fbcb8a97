import type { Words } from "./words";

/** Text of a file, or what is wrong with its bytes and in which line. */
export type Decoded = { text: string } | (Words & { line: number; found: string });

/** The byte order marks of encodings that are read besides UTF-8, as Pulumi reads them (docs/facts.md 12.2). */
const marks: Readonly<Record<string, string>> = { fffe: "utf-16le", feff: "utf-16be" };

/** Decodes a file in UTF-8, or in UTF-16 with a byte order mark. */
export function decoded(bytes: Uint8Array): Decoded {
  const mark = Buffer.from(bytes.subarray(0, 2)).toString("hex");
  const isWide32 = mark === "fffe" && bytes[2] === 0 && bytes[3] === 0;
  const encoding = isWide32 ? undefined : (marks[mark] ?? "utf-8");
  const text = new TextDecoder(encoding).decode(bytes);
  const at = encoding === undefined ? 0 : text.search(/[\uFFFD\0]/);
  if (at < 0) return { text };
  return {
    line: text.slice(0, at).split("\n").length,
    problem: "not text in UTF-8",
    found: "bytes of another encoding (not shown)",
    allowed: "UTF-8, or UTF-16 with a byte order mark",
    fix: "save the file as UTF-8 (iconv -f <encoding> -t UTF-8, or the encoding in your editor's status bar)",
  };
}
