import { plain } from "./values-of-others";

/** What a key of another tool, or of another place, becomes: a key of ours with its value, or nothing, and why. */
export interface Other {
  /** Key of ours, which not every section has. */
  key?: string;
  /** What to do, from the value and the entry that it is in. */
  fix: (value: unknown, entry: Record<string, unknown>) => string;
}

/** A key of ours in place of the other; without a value where the other one's says too little. */
export function to(key: string, convert: (value: unknown) => string | undefined = plain): Other {
  return {
    key,
    fix: (value) => {
      const written = convert(value);
      return written === undefined ? `write ${key}` : `write ${key}: ${written}`;
    },
  };
}

/** A key that is not needed. */
export const drop = (why: string): Other => ({ fix: () => `remove it: ${why}` });
