import { isAbsolute, join, normalize } from "node:path";
import { entriesOf, type Entry } from "./entry";
import { isMap, valueAt } from "./lookup";
import {
  placed,
  shown,
  StackProblems,
  unknownKey,
  UnseenValues,
  type FileProblem,
  type ReadFile,
} from "./problems";
import {
  includedFile,
  sectionNames,
  stackFileOfNoKind,
  stackFiles as formsOfStackFile,
  type Sections,
} from "./schema";
import { poolFix } from "./pool/selected";
import { unknownSectionProblem } from "./secret/relations";
import { shaped, withoutMeant, type Shaped, type ShapeProblem } from "./shape";
import type { Source } from "./source";
import { nothing } from "./words";
import { yamlFile } from "./yaml-file";

/** A file of services and jobs. */
export interface EntryFile {
  /** Name of the file, as the user writes it. */
  name: string;
  /** Namespace that it says its entries go to. */
  namespace?: string;
  /** Its services and jobs. */
  entries: Entry[];
}

/** The files of a stack, of which each has the right shape. */
export interface ParsedStack extends Omit<Sections, "namespace" | "services" | "jobs"> {
  /** The stack file and those it includes. */
  files: EntryFile[];
  /** The same as they were read, to look up what a problem is about. */
  read: ReadFile[];
}

/** Reads the files of a stack; throws {@link StackProblems} with everything that is wrong with their shape. */
export function parse(source: Source): ParsedStack {
  const { files: read, problems: unread } = stackFiles(source);
  const sections = sectionsOf(source);
  const ofStackFile = withoutMeant([
    ...sectionNames.filter((key) => Object.hasOwn(source.secrets, key)).map(encrypted),
    ...unknownSections(source.values),
    ...("problems" in sections ? sections.problems : []),
  ]);
  const included = read.slice(1).map(({ name, content, place }) => ({
    ...{ name, content },
    file: shaped(includedFile, content, place),
  }));
  // What is not in the file may be in its environment.
  const isUnseen = ({ found }: ShapeProblem) => source.unopened === true && found === nothing;
  const problems: FileProblem[] = [
    ...unread,
    ...ofStackFile
      .filter((problem) => !isUnseen(problem))
      .map((problem) => ({
        ...withPool(problem, source.values, source.values),
        file: source.file,
      })),
    ...included.flatMap(({ name, content, file }) =>
      "problems" in file
        ? file.problems.map((problem) => ({
            ...belongsElsewhere(withPool(problem, content, source.values)),
            file: name,
          }))
        : [],
    ),
  ];
  if (problems.length > 0) throw new StackProblems(placed(problems, read));
  if ("problems" in sections) {
    throw new UnseenValues(source.stack, placed(ofStackFile.filter(isUnseen), read));
  }
  const { namespace, services, jobs, ...others } = sections.value;
  const files = [
    {
      name: source.file,
      namespace,
      entries: entriesOf(source.file, { services, jobs, namespace }, others, source.values),
    },
    ...included.flatMap(({ name, content, file }) =>
      "value" in file
        ? [
            {
              ...{ name, namespace: file.value.namespace },
              entries: entriesOf(name, file.value, others, content),
            },
          ]
        : [],
    ),
  ];
  return { ...others, files, read };
}

/** The sections of a stack file, read as the kind of its cluster asks. */
function sectionsOf({ values, place }: Source): Shaped<Sections> {
  const own = Object.fromEntries(
    Object.entries(values).filter(([key]) => sectionNames.includes(key)),
  );
  const wanted = isMap(values.cluster) ? values.cluster.kind : undefined;
  const [, form = stackFileOfNoKind] =
    Object.entries(formsOfStackFile).find(([kind]) => kind === wanted) ?? [];
  return shaped<Sections>(form, own, place);
}

function encrypted(key: string): ShapeProblem {
  return {
    path: [key],
    problem: "a section with something encrypted in it",
    found: "a secret (not shown)",
    allowed: "plain text; secrets are config keys of their own",
    fix: "store the secret with pulumi config set --secret <key>, or under a key of its own in pulumiConfig of an environment, and refer to it: { secret: <key> }",
    meant: [key],
  };
}

/** Unknown keys with more than a text behind them: no secret that an entry may refer to. */
function unknownSections(values: Record<string, unknown>): ShapeProblem[] {
  return Object.entries(values).flatMap(([key, value]) =>
    sectionNames.includes(key) || (value !== null && typeof value !== "object")
      ? []
      : [unknownSectionProblem(values, key, value === null ? shown(value) : hidden)],
  );
}

const hidden = "a section (not shown, it may hold a secret)";

/** Labels of nodes that an entry selects may be those of a pool, which the entry alone does not tell. */
function withPool(problem: ShapeProblem, content: unknown, stackFile: unknown): ShapeProblem {
  const [section, , key, ...rest] = problem.path;
  const isEntry = section === "services" || section === "jobs";
  if (!isEntry || rest.length > 0 || problem.problem !== unknownKey) return problem;
  if (String(key).toLowerCase() !== "nodeselector") return problem;
  const entry = valueAt(content, problem.path.slice(0, 2));
  const fix = poolFix(valueAt(content, problem.path), entry, stackFile);
  return fix === undefined ? problem : { ...problem, fix };
}

/** A key of the stack file in an included one is a matter of place, not of spelling. */
function belongsElsewhere(problem: ShapeProblem): ShapeProblem {
  const [key, ...rest] = problem.path;
  const misplaced = rest.length === 0 && sectionNames.includes(String(key));
  if (!misplaced || problem.problem !== unknownKey) return problem;
  const fix = `move ${key} to the stack file; an included file has services and jobs only`;
  return { ...problem, fix };
}

/** The files of a stack that could be read, the stack file first, and what is wrong with the others. */
function stackFiles(source: Source): { files: ReadFile[]; problems: FileProblem[] } {
  const { file, folder, values, place } = source;
  const files: ReadFile[] = [{ name: file, content: values, place }];
  const problems: FileProblem[] = [];
  const include: readonly unknown[] = Array.isArray(values.include) ? values.include : [];
  const plain = include.map((path) => (typeof path === "string" ? normalize(path) : ""));
  for (const [index, path] of include.entries()) {
    // What is no path at all has its own problem.
    if (typeof path !== "string" || path === "") continue;
    const refused = refusedPath(file, path, index, plain);
    const read = refused ? { missing: refused } : yamlFile(join(folder, path));
    if ("missing" in read) problems.push({ file, path: ["include", index], ...read.missing });
    else if ("malformed" in read) {
      problems.push(...read.malformed.map((problem) => ({ ...problem, file: path })));
    } else if (read.content === null) {
      problems.push({
        ...{ file: path, path: [], problem: "empty", found: nothing },
        allowed: "a map with any of the keys namespace, services, jobs",
        fix: "write services or jobs into it, or remove it from include",
      });
    } else files.push({ name: path, ...read });
  }
  return { files, problems };
}

function refusedPath(file: string, path: string, index: number, plain: readonly string[]) {
  const allowed = "paths of YAML files from the project's folder, each once";
  const own = plain[index] ?? "";
  const before = plain.indexOf(own);
  if (before < index) {
    const fix = `remove it; include[${before}] is the same file`;
    return { problem: "included twice", allowed, fix };
  }
  if (own === file) return { problem: "includes itself", allowed, fix: "remove it" };
  if (!isAbsolute(path)) return undefined;
  const fix = "write the path from the project's folder, so that it is right on every machine";
  return { problem: "path of one machine", allowed, fix };
}
