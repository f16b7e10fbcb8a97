import type { Problem } from "../../problem";

/** What to do about arguments that follow from no single key. */
const withoutKey: Readonly<Record<string, string>> = {
  fit: "remove it, because it follows from the model, its GPUs and contextTokens",
  division: "remove it, because it follows from gpus, nodesPerReplica and replicas",
  config: "remove it and pass its lines as arguments, which are looked at",
  cpuMemory: "remove it, because on CPUs a pod has the memory that the model takes",
  engineArgs:
    "remove it, and write the key that it follows from, such as contextTokens, or the argument in engineArgs",
  server:
    "remove it, because probes and the Service ask the server at its port, over HTTP and in words",
  members:
    "remove it, because the pods of a replica besides its first have no server, and do not start with it",
  start: "remove it, because the engine ends at once with it",
};

/** Arguments that an engine is given here, by the key of the entry that they follow from or a word above; each in all its forms. */
export type OwnArguments = Readonly<Record<string, readonly string[]>>;

/** How an engine reads the names of its arguments. */
export interface Reading {
  /** Whether `_` stands for `-`. */
  underscores: boolean;
  /** Whether a value may stand behind `=`, too. @default true */
  equals?: boolean;
  /** Names that take no value behind them. */
  flags: readonly string[];
  /** Names of options with a value, where the beginning of a name stands for it if no other begins so. @default whole names alone */
  valued?: readonly string[];
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
    const key = name === undefined ? undefined : keyIn(keys, name, reading);
    if (key === undefined) return [];
    return [
      {
        path: ["engineArgs", place],
        problem: "sets what follows from the entry",
        found: `"${name}"`,
        allowed: "arguments that follow from no key of the entry",
        fix: inPlaceOf(key),
      },
    ];
  });
}

/** What to do about an argument or a variable that follows from a key. */
export function inPlaceOf(key: string): string {
  return withoutKey[key] ?? `remove it and write ${key}`;
}

/** The key that a name follows from; undefined: it follows from none. */
export function keyOf(own: OwnArguments, name: string): string | undefined {
  return Object.entries(own).find(([, names]) => names.includes(name))?.[0];
}

/** An argument that an entry passes. */
interface Passed {
  /** Its name, as the entry writes it. */
  name: string;
  /** The option that the name stands for; undefined: it may stand for several. */
  option?: string;
  /** Where in the list it is. */
  place: number;
  /** What is behind it. */
  value?: string;
}

/** The arguments that an entry passes. */
export function passedOptions(passed: readonly string[] = [], reading: Reading): Passed[] {
  return passed.flatMap((word, place) => {
    const name = nameOf(word, reading);
    if (name === undefined) return [];
    const [option, ...others] = meantBy(name, reading);
    const [, value = passed[place + 1]] = /=(.*)$/s.exec(word) ?? [];
    return [{ name, place, value, ...(others.length === 0 && { option }) }];
  });
}

/** The value of an argument that an entry passes, the last one as engines take it; undefined: it does not pass it. */
export function passedValue(
  passed: readonly string[] = [],
  argument: string,
  reading: Reading,
): string | undefined {
  return passedOptions(passed, reading)
    .filter(({ option }) => option === argument)
    .at(-1)?.value;
}

/** Words that belong to no argument, or are none because of a `=`: the engine would take them for another model, or not start. */
export function strayProblems(passed: readonly string[] = [], reading: Reading): Problem[] {
  const { equals = true } = reading;
  const allowed = `arguments by their names, each with its value behind it${equals ? " or behind =" : ""}`;
  let mayHaveValues = false;
  return passed.flatMap((word, place) => {
    const path = ["engineArgs", place];
    const name = nameOf(word, reading);
    if (name !== undefined) mayHaveValues = !word.includes("=") && !isFlag(name, reading);
    if (name !== undefined && !equals && word.includes("=")) {
      return [
        {
          ...{ path, allowed },
          problem: "no argument: the engine takes the whole word for its name",
          found: `"${name}=..."`,
          fix: `write the value as the next item: ["${name}", "<value>"]`,
        },
      ];
    }
    if (word !== "" && word !== "--" && (name !== undefined || mayHaveValues)) return [];
    return [
      {
        ...{ path, allowed },
        problem: "no argument, and the value of none",
        found: JSON.stringify(word),
        fix: 'remove it, or write the name of its argument before it, for example ["--seed", "1"]',
      },
    ];
  });
}

function isFlag(name: string, reading: Reading): boolean {
  const meant = meantBy(name, reading);
  return meant.length > 0 && meant.every((one) => reading.flags.includes(one));
}

/** The name of an argument, without a value behind `=`; undefined for a value. */
function nameOf(word: string, { underscores }: Reading): string | undefined {
  if (!/^--?[A-Za-z]/.test(word)) return undefined;
  const [name = ""] = word.split("=");
  return underscores && name.startsWith("--") ? name.replaceAll("_", "-") : name;
}

/** The options that a name may stand for: itself, or all that begin so. Behind a dot is a part of a value in JSON. */
function meantBy(written: string, { flags, valued }: Reading): readonly string[] {
  if (valued === undefined) return [written];
  const [name = written] = written.split(".");
  const options = [...flags, ...valued];
  if (options.includes(name)) return [name];
  const longer = options.filter((option) => option.startsWith(name));
  return longer.length > 0 ? longer : [name];
}

/** The key that an argument follows from; an engine does not start where a name stands for several. One letter may have its value right behind it: `-p8080`. */
function keyIn(
  keys: ReadonlyMap<string, string>,
  name: string,
  reading: Reading,
): string | undefined {
  const short = /^(-[A-Za-z])\d/.exec(name)?.[1];
  const meant = [...meantBy(name, reading), ...(short === undefined ? [] : [short])];
  return meant.map((one) => keys.get(one)).find((key) => key !== undefined);
}
