/** What only a shell understands, outside of quotes. */
const ofShell = /[&|;<>()$`*~]/;

/** The words of a command line, as a shell would split it; undefined where only a shell can run it. */
export function wordsOf(line: string): string[] | undefined {
  const words: string[] = [];
  const part = /\s+|'([^']*)'|"((?:[^"\\$`]|\\.)*)"|\\(.)|([^\s'"\\]+)/gsy;
  let word: string | undefined;
  let read = 0;
  for (const [all, single, double, escaped, plain] of line.trim().matchAll(part)) {
    read += all.length;
    if (plain !== undefined && ofShell.test(plain)) return undefined;
    const text = single ?? double?.replace(/\\([\\"$`])/g, "$1") ?? escaped ?? plain;
    if (text !== undefined) word = (word ?? "") + text;
    else if (word !== undefined) words.push(word);
    if (text === undefined) word = undefined;
  }
  if (word !== undefined) words.push(word);
  // What is left is a quote without its end, or a variable in quotes.
  return read === line.trim().length ? words : undefined;
}

/** A command line as the list that a container takes: its words, or a shell that runs it; Kubernetes makes `$` of `$$` (docs/facts.md 12.3). */
export function asCommand(line: string): string {
  const words = wordsOf(line) ?? ["sh", "-c", line.trim()];
  const escaped = words.map((word) => word.replace(/\$\$/g, () => "$$$$"));
  return `[${escaped.map((word) => JSON.stringify(word)).join(", ")}]`;
}
