import type { Problem } from "../problem";
import type { Environment } from "./container";
import { circleProblems } from "./variable-order";

/** The most that one argument or one variable may hold, in bytes with the zero at its end (docs/facts.md 12.4). */
const longestText = 131_072;

/** A program as far as its texts are looked at. */
interface Texts {
  command?: readonly unknown[];
  args?: readonly unknown[];
  env?: Environment;
}

/** What is wrong with the texts of all programs of a pod, and what Kubernetes makes something else of. */
export function programProblems({
  initContainers = [],
  sidecars = {},
  ...main
}: Texts & {
  initContainers?: readonly Texts[];
  sidecars?: Readonly<Record<string, Texts>>;
}): Problem[] {
  return [
    ...ofProgram([], main),
    ...initContainers.flatMap((of, place) => ofProgram(["initContainers", place], of)),
    ...Object.entries(sidecars).flatMap(([name, of]) => ofProgram(["sidecars", name], of)),
  ];
}

function ofProgram(path: Problem["path"], { command = [], args = [], env = {} }: Texts): Problem[] {
  const words = Object.entries({ command, args }).flatMap(([key, list]) =>
    list.map((text, place) => ({ path: [...path, key, place], text, name: "" })),
  );
  const variables = Object.entries(env).map(([name, text]) => ({
    ...{ path: [...path, "env", name], text, name: `${name}=` },
  }));
  const texts = [...words, ...variables].flatMap(({ path, text, name }) =>
    typeof text === "string"
      ? [...lengthProblems(path, text, name), ...dollarNotes(path, text)]
      : [],
  );
  return [...texts, ...circleProblems([...path, "env"], env)];
}

/** What is wrong with a text that no program can be started with; `name` is what the system puts before it. */
export function lengthProblems(path: Problem["path"], text: string, name = ""): Problem[] {
  const size = Buffer.byteLength(text);
  const most = longestText - Buffer.byteLength(name) - 1;
  if (size <= most) return [];
  return [
    {
      ...{ path, found: `${size} bytes` },
      problem: "too long: no program can be started with it",
      allowed: `at most ${most} bytes`,
      fix: "put it into a file of the image or of a volume, and hand over its path",
    },
  ];
}

/** Two `$` that become one; four stand for two, and before a bracket they are there on purpose. */
function dollarNotes(path: Problem["path"], text: string): Problem[] {
  if (!/(?<!\$)\${2,3}(?![$(])/.test(text)) return [];
  const name = path.at(-1);
  return [
    {
      ...{ path, found: `$$ in ${typeof name === "number" ? "a word" : name}` },
      problem: "the program gets $ where $$ is written, because Kubernetes makes one of two",
      allowed: "$$$$ for two, $$ for one",
      fix: "write $$$$ if two are meant, $ if one is",
      warning: true,
    },
  ];
}
