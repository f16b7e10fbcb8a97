import { isAbsolute, join, normalize } from "node:path";
import { type FileProblem, type ReadFile } from "./problems";
import { nothing } from "./words";
import type { Source } from "./source";
import { yamlFile } from "./yaml-file";

/** The files of a stack that could be read, the stack file first, and what is wrong with the others. */
export function stackFiles(source: Source): { files: ReadFile[]; problems: FileProblem[] } {
  const { file, folder, values, place } = source;
  const files: ReadFile[] = [{ name: file, content: values, place }];
  const problems: FileProblem[] = [];
  const include: readonly unknown[] = Array.isArray(values.include) ? values.include : [];
  const plain = include.map((path) => (typeof path === "string" ? normalize(path) : ""));
  for (const [index, path] of include.entries()) {
    // What is no path at all has its own problem.
    if (typeof path !== "string" || path === "") continue;
    const at = { file, path: ["include", index] };
    const wrong = refusedPath(file, path, index, plain);
    const read = wrong ? undefined : yamlFile(join(folder, path));
    if (wrong) problems.push({ ...at, ...wrong });
    else if (read && "missing" in read) problems.push({ ...at, ...read.missing });
    else if (read && "malformed" in read) {
      problems.push(...read.malformed.map((problem) => ({ ...problem, file: path })));
    } else if (read?.content === null) problems.push(emptyFile(path));
    else if (read) files.push({ name: path, ...read });
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

function emptyFile(file: string): FileProblem {
  return {
    ...{ file, path: [], problem: "empty", found: nothing },
    allowed: "a map with any of the keys namespace, services, jobs",
    fix: "write services or jobs into it, or remove it from include",
  };
}
