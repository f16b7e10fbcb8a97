import { entriesOf, type Entry } from "./entry";
import { stackFiles } from "./files";
import { isMap } from "./lookup";
import {
  placed,
  shown,
  StackProblems,
  unknownKey,
  type FileProblem,
  type ReadFile,
} from "./problems";
import {
  includedFile,
  sectionNames,
  stackFile,
  stackFileOfExisting,
  stackFileOfManaged,
  type DescribedPool,
  type ManagedPoolFields,
  type Sections,
} from "./schema";
import { unknownSectionProblem } from "./secret/relations";
import { shaped, withoutMeant, type Shaped, type ShapeProblem } from "./shape";
import type { Source } from "./source";

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
export interface ParsedStack extends Omit<Sections, "pools" | "namespace" | "services" | "jobs"> {
  /** Pools that somebody else keeps, by name. */
  described: Record<string, DescribedPool>;
  /** Pools that we make, by name. */
  made: Record<string, ManagedPoolFields>;
  /** The stack file and those it includes. */
  files: EntryFile[];
  /** The same as they were read, to look up what a problem is about. */
  read: ReadFile[];
}

/** Reads the files of a stack; throws {@link StackProblems} with everything that is wrong with their shape. */
export function parse(source: Source): ParsedStack {
  const { files: read, problems: unread } = stackFiles(source);
  const sections = sectionsOf(source.values);
  const ofStackFile = withoutMeant([
    ...sectionNames.filter((key) => Object.hasOwn(source.secrets, key)).map(encrypted),
    ...unknownSections(source.values),
    ...("problems" in sections ? sections.problems : []),
  ]);
  const included = read.slice(1).map(({ name, content }) => ({
    name,
    file: shaped(includedFile, content),
  }));
  const problems: FileProblem[] = [
    ...unread,
    ...ofStackFile.map((problem) => ({ ...problem, file: source.file })),
    ...included.flatMap(({ name, file }) =>
      "problems" in file
        ? file.problems.map((problem) => ({ ...belongsElsewhere(problem), file: name }))
        : [],
    ),
  ];
  if (problems.length > 0 || "problems" in sections) {
    throw new StackProblems(placed(problems, read));
  }
  const { namespace, services, jobs, ...others } = sections.value;
  const files = [
    {
      name: source.file,
      namespace,
      entries: entriesOf(source.file, { services, jobs, namespace }, others),
    },
    ...included.flatMap(({ name, file }) =>
      "value" in file
        ? [{ name, namespace: file.value.namespace, entries: entriesOf(name, file.value, others) }]
        : [],
    ),
  ];
  return { ...others, files, read };
}

type Pools = Pick<ParsedStack, "described" | "made">;

/** The sections of a stack file, its pools read as the kind of its cluster asks. */
function sectionsOf(values: Record<string, unknown>): Shaped<Omit<Sections, "pools"> & Pools> {
  const own = Object.fromEntries(
    Object.entries(values).filter(([key]) => sectionNames.includes(key)),
  );
  const kind = isMap(values.cluster) ? values.cluster.kind : undefined;
  switch (kind) {
    case "gke":
    case "eks":
    case "aks": {
      const read = shaped(stackFileOfManaged, own);
      if ("problems" in read) return read;
      const { pools: made, ...others } = read.value;
      return { value: { ...others, made, described: {} } };
    }
    case "existing": {
      const read = shaped(stackFileOfExisting, own);
      if ("problems" in read) return read;
      const { pools: described, ...others } = read.value;
      return { value: { ...others, made: {}, described } };
    }
    default: {
      // Which form pools have, the kind of the cluster says.
      const read = shaped(stackFile.omit({ pools: true }).strip(), own);
      return "problems" in read ? read : { value: { ...read.value, made: {}, described: {} } };
    }
  }
}

function encrypted(key: string): ShapeProblem {
  return {
    path: [key],
    problem: "a section with something encrypted in it",
    found: "a secret (not shown)",
    allowed: "plain text; secrets are config keys of their own",
    fix: "store the secret with pulumi config set --secret <key>, and refer to it: { secret: <key> }",
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

/** A key of the stack file in an included one is a matter of place, not of spelling. */
function belongsElsewhere(problem: ShapeProblem): ShapeProblem {
  const [key, ...rest] = problem.path;
  const misplaced = rest.length === 0 && sectionNames.includes(String(key));
  if (!misplaced || problem.problem !== unknownKey) return problem;
  const fix = `move ${key} to the stack file; an included file has services and jobs only`;
  return { ...problem, fix };
}
