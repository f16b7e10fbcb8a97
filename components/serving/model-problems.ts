import { podMemoryGiB } from "../../catalog/cpu-fit";
import type { Fit } from "../../catalog/fit-result";
import { bytes } from "../../catalog/memory";
import type { Problem } from "../problem";
import { numberProblems, type Bounds } from "../workload/bounds";
import type { Engine } from "./engines/engine";
import { inPlaceOf } from "./engines/passed-arguments";

/** Numbers of a model's entry. Fewer tokens than 256 hold no prompt with its answer: own choice. */
export const modelBounds = {
  contextTokens: [256, 2 ** 24],
  concurrency: [1, 4096],
} as const satisfies Readonly<Record<string, Bounds>>;

/** Numbers of a model's entry that are out of their bounds. */
export function boundProblems(
  numbers: Readonly<Partial<Record<keyof typeof modelBounds, number>>>,
): Problem[] {
  return (["contextTokens", "concurrency"] as const).flatMap((key) => {
    const value = numbers[key];
    return value === undefined ? [] : numberProblems([key], value, modelBounds[key]);
  });
}

/** MiB of memory that an engine on GPUs takes beside them at least: own choice, for its processes and libraries. */
const leastMiB = 4096;

/** Too little memory for an engine: what the entry says, or its share of a node. */
export function memoryProblems(
  fit: Fit,
  { said, share }: { said?: string; share?: string },
): Problem[] {
  const needed = fit.gpus > 0 ? leastMiB : Math.ceil(podMemoryGiB(fit) * 1024);
  const given = said ?? share;
  if (given === undefined || !(bytes(given) < needed * 1024 ** 2)) return [];
  const what = fit.gpus > 0 ? "the engine takes beside its GPUs" : "the model takes on CPUs";
  if (said === undefined) {
    return [
      {
        ...{ path: ["memory"], found: "nothing" },
        problem: `its share of a node is ${share}, less than ${what}`,
        allowed: `nodes whose share for it is ${inUnits(needed)} or more`,
        fix: `use a pool with more memory on a node, or write memory: ${inUnits(needed)}`,
      },
    ];
  }
  return [
    {
      ...{ path: ["memory"], found: said },
      problem: `less than ${what}`,
      allowed: `${inUnits(needed)} or more`,
      fix: `write memory: ${inUnits(needed)} or more, or remove it`,
    },
  ];
}

/** An amount in the fewest whole units: 4096 MiB are `4Gi`. */
function inUnits(mebibytes: number): string {
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : `${mebibytes}Mi`;
}

/** Variables that are the entry's to set although the engine is given them. */
const leftToEntries = ["RUNAI_STREAMER_MEMORY_LIMIT", "VLLM_NO_USAGE_STATS"];

/** What decides which variables an entry must not set. */
interface Given {
  /** Those that the engine is given. */
  env: Readonly<Record<string, string>>;
  /** Those that hold what is secret, by the key of the entry; undefined where it does not say the key. */
  secrets: Readonly<Record<"token" | "apiKey", string>>;
  /** Whether the entry has a token. */
  token: boolean;
}

/** Variables of an entry that would undo what its engine is given. */
export function variableProblems(
  { apiKey, ownVariable }: Engine,
  { env, secrets, token }: Given,
  said: readonly string[],
): Problem[] {
  const refused = (name: string, problem: string, fix: string): Problem => ({
    ...{ path: ["env", name], found: name, problem, fix },
    allowed: "variables that no other key of the entry decides",
  });
  return said.flatMap((name) => {
    if (name === apiKey.variable) {
      return refused(
        name,
        "the key that requests bring: the probes must know it, too",
        "remove it, and write apiKey with the config key of the secret",
      );
    }
    if (name === secrets.token && token) {
      return refused(name, "set by token", "remove it, or remove token");
    }
    if (Object.hasOwn(env, name)) {
      if (leftToEntries.includes(name)) return [];
      const fix = "remove it; cache keeps weights and what is compiled on a volume";
      return refused(name, `set for the engine, to ${env[name]}`, fix);
    }
    const key = name === secrets.token ? undefined : ownVariable(name);
    if (key === undefined) return [];
    return refused(
      name,
      key === "engineArgs"
        ? "an argument of the engine"
        : "a variable of the engine that decides what follows from the entry",
      inPlaceOf(key),
    );
  });
}
