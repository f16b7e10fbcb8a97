/** What is wrong with a key of a `config.json`; `missing`: the fit or the engine needs it, `no-task`: no engine here serves such a model. */
export interface ConfigProblem {
  /** The key, such as `text_config.num_attention_heads`. */
  key: string;
  problem: "missing" | "not-a-number" | "not-whole" | "wrong-length" | "unknown-value" | "no-task";
  /** What stands there. @default nothing */
  found?: unknown;
}

/** Reads keys of a `config.json`; those of the text part of a multimodal model are in `text_config`. */
export class ConfigReader {
  readonly problems: ConfigProblem[] = [];
  private readonly part: Readonly<Record<string, unknown>>;
  private readonly prefix: string;

  constructor(private readonly config: Readonly<Record<string, unknown>>) {
    const text = config.text_config;
    [this.part, this.prefix] = isRecord(text) ? [text, "text_config."] : [config, ""];
  }

  /** The value of the first of the keys that is there, null aside. */
  value(...keys: string[]): unknown {
    const found = keys.find((key) => (this.part[key] ?? this.config[key] ?? null) !== null);
    return found === undefined ? undefined : (this.part[found] ?? this.config[found]);
  }

  /** A whole number from 1 up that may be missing. */
  number(...keys: string[]): number | undefined {
    const found = this.value(...keys);
    if (found === undefined || isCount(found)) return found;
    const isNumber = typeof found === "number" && found > 0;
    this.problem(keys, isNumber ? "not-whole" : "not-a-number", found);
    return undefined;
  }

  /** A number that the fit needs; 0 where there is none, with a problem. */
  required(...keys: string[]): number {
    if (this.value(...keys) === undefined) this.problem(keys, "missing");
    return this.number(...keys) ?? 0;
  }

  problem([key = ""]: readonly string[], problem: ConfigProblem["problem"], found?: unknown): void {
    this.problems.push({
      key: this.prefix + key,
      problem,
      ...(found === undefined ? {} : { found }),
    });
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

/** What a table has of a word of the file; what every object has of its own is no word of the table. */
export function ofTable<Value>(
  table: Readonly<Record<string, Value>>,
  word: unknown,
): Value | undefined {
  return typeof word === "string" && Object.hasOwn(table, word) ? table[word] : undefined;
}

/** Whether a value is an object with keys. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
