import * as pulumi from "@pulumi/pulumi";

/** Way to a value in a file: keys of maps, places in lists. */
export type Path = readonly (string | number)[];

/** One thing that is wrong with a stack's files. */
export interface Fault {
  /** File it is in, as the user names it. */
  file: string;
  /** Where it is in the file: the way to a value, or a place in the text such as `line 3`. */
  at: Path | string;
  /** What is wrong. */
  what: string;
  /** Value found, as text; never a secret. */
  found: string;
  /** What would be accepted. */
  allowed: string;
  /** What to do. */
  remedy: string;
  /** For an unknown key: the key beside it that was probably meant. */
  meant?: string;
}

/** How a fault says that there is no value. */
export const nothing = "nothing";

/** How a fault says that a key is not one of those a map may have. */
export const unknownKey = "unknown key";

/** The faults without those that follow from another one: a key that is only missing because it was misspelt. */
export function independent(faults: readonly Fault[]): Fault[] {
  const place = (file: string, at: Path) => JSON.stringify([file, at]);
  const misspelt = new Set(
    faults.flatMap(({ file, at, meant }) =>
      meant !== undefined && typeof at !== "string"
        ? [place(file, [...at.slice(0, -1), meant])]
        : [],
    ),
  );
  return faults.filter(
    ({ file, at, found }) =>
      found !== nothing || typeof at === "string" || !misspelt.has(place(file, at)),
  );
}

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
  const open = text.replace(passwords, "$1***@");
  return open.length > longestText ? `${open.slice(0, longestText)}...` : open;
}

/** The way to a value as text: `services.chat.expose.allow[0]`. */
export function pathText(at: Path | string): string {
  if (typeof at === "string") return at;
  if (at.length === 0) return "the whole file";
  return at
    .map((step) => {
      if (typeof step === "number") return `[${step}]`;
      return /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    })
    .join("")
    .replace(/^\./, "");
}

/** Everything that is wrong with a stack's files, in one message for people. */
export class StackFaults extends pulumi.RunError {
  constructor(
    /** The faults, in the order of the files and of what is in them. */
    readonly faults: readonly Fault[],
  ) {
    super(report(faults));
    this.name = "StackFaults";
  }
}

function counted(many: number, of: string): string {
  return `${many} ${of}${many === 1 ? "" : "s"}`;
}

function report(faults: readonly Fault[]): string {
  const files = [...new Set(faults.map(({ file }) => file))];
  const head = `${counted(faults.length, "fault")} in ${counted(files.length, "file")}; nothing was created or changed.`;
  const sections = files.map((file) =>
    [file, ...faults.filter((fault) => fault.file === file).flatMap(faultLines)].join("\n"),
  );
  return `${head}\n\n${sections.join("\n\n")}\n`;
}

/** A fault as the lines of a message for people. */
export function faultLines({ at, what, found, allowed, remedy }: Omit<Fault, "file">): string[] {
  return [
    `  ${pathText(at)}: ${what}`,
    `    found:   ${found}`,
    `    allowed: ${allowed}`,
    `    do:      ${remedy}`,
  ];
}

/** The faults as their files have them: file after file, each from top to bottom; a missing value comes after those that are there. */
export function inOrder(
  faults: readonly Fault[],
  files: readonly { name: string; content: unknown }[],
): Fault[] {
  const rank = (fault: Fault) => {
    const at = files.findIndex(({ name }) => name === fault.file);
    return [at, ...(typeof fault.at === "string" ? [] : places(files[at]?.content, fault.at))];
  };
  return faults
    .map((fault) => ({ fault, rank: rank(fault) }))
    .sort((a, b) => compare(a.rank, b.rank))
    .map(({ fault }) => fault);
}

/** For each step of a path, how many siblings stand before it. */
function places(content: unknown, path: Path): number[] {
  let value = content;
  return path.map((step) => {
    if (typeof value !== "object" || value === null) return Infinity;
    const place = Object.keys(value).indexOf(String(step));
    value = Object.entries(value)[place]?.[1];
    return place < 0 ? Infinity : place;
  });
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let step = 0; step < Math.max(a.length, b.length); step++) {
    const left = a[step] ?? -1;
    const right = b[step] ?? -1;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
