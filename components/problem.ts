/** What is wrong with an argument of a component or an entry of a stack file. */
export interface Problem {
  /** Where, from the top: `["pools", "l4", "capacity", 1]`. */
  path: readonly (string | number)[];
  /** What is wrong, in a few words without the value: `out of range`. */
  problem: string;
  /** The value, as a reader of the file knows it; strings in quotes. */
  found: string;
  /** What would be right. */
  allowed: string;
  /** What to do. */
  fix: string;
  /** Whether it is only told, and nothing is refused. @default false */
  warning?: boolean;
}
