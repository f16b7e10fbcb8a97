import type { Problem } from "../../problem";

/** What to do about arguments that follow from no single key. */
const withoutKey: Readonly<Record<string, string>> = {
  fit: "remove it, because it follows from the model, its GPUs and contextTokens",
  config: "remove it and pass its lines as arguments, which are looked at",
  cpuMemory: "remove it, because on CPUs a pod has the memory that the model takes",
  server: "remove it, because probes and the Service ask the server at its port, over HTTP",
};

/** Arguments that an engine is given here, by the key of the entry that they follow from, `fit` or `server`; each in all its forms. */
export type OwnArguments = Readonly<Record<string, readonly string[]>>;

/** How an engine reads the names of its arguments. */
export interface Reading {
  /** Whether `_` stands for `-`. */
  underscores: boolean;
  /** Whether the beginning of a name stands for it, where no other begins so. */
  beginnings: boolean;
}

/** What is wrong with the arguments that an entry passes: those that set what follows from the entry. */
export function passedProblems(
  passed: readonly string[] = [],
  own: OwnArguments,
  reading: Reading,
): Problem[] {
  const keys = new Map(
    Object.entries(own).flatMap(([key, names]) => names.map((name) => [name, key] as const)),
  );
  return passed.flatMap((word, place) => {
    const name = nameOf(word, reading);
    const meant = name === undefined ? undefined : ownName(name, [...keys.keys()], reading);
    const key = meant === undefined ? undefined : keys.get(meant);
    if (key === undefined) return [];
    return [
      {
        path: ["engineArgs", place],
        problem: "sets what follows from the entry",
        found: `"${name}"`,
        allowed: "arguments that follow from no key of the entry",
        fix: withoutKey[key] ?? `remove it and write ${key}`,
      },
    ];
  });
}

/** Words that belong to no argument: the engine would take them for another model, or not start. */
export function strayProblems(passed: readonly string[] = []): Problem[] {
  return passed.flatMap((word, place) => {
    const isName = /^--?[A-Za-z]/.test(word);
    if (word !== "" && word !== "--" && (isName || takesValue(passed[place - 1]))) return [];
    return [
      {
        path: ["engineArgs", place],
        problem: "no argument, and the value of none",
        found: JSON.stringify(word),
        allowed: "arguments by their names, each with its value behind it or behind =",
        fix: 'remove it, or write the name of its argument before it, for example ["--seed", "1"]',
      },
    ];
  });
}

/** Whether a value may follow a word: it is a name without one, or one of several values. */
function takesValue(before?: string): boolean {
  return before !== undefined && !/^--?[A-Za-z][^=]*=/.test(before);
}

/** The name of an argument, without a value behind `=`; undefined for a value. */
function nameOf(word: string, { underscores }: Reading): string | undefined {
  if (!/^--?[A-Za-z]/.test(word)) return undefined;
  const [name = ""] = word.split("=");
  return underscores && name.startsWith("--") ? name.replaceAll("_", "-") : name;
}

/** The argument of ours that a name stands for. One letter may have its value right behind it: `-p8080`. */
function ownName(name: string, own: readonly string[], { beginnings }: Reading) {
  return own.find(
    (candidate) =>
      candidate === name ||
      (candidate.length === 2 && /^-[A-Za-z]\d/.test(name) && name.startsWith(candidate)) ||
      (beginnings && name.length > 4 && name.startsWith("--") && candidate.startsWith(name)),
  );
}
