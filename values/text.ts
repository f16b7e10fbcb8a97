import { z } from "zod";
import { rules, type Rule } from "./rule";

/** Any text that is not empty. */
export const text = z
  .string()
  .min(1)
  .register(rules, {
    allowed: "text that is not empty",
    explain: (found) =>
      found === "" ? { problem: "empty", fix: "write a value, or remove the key" } : undefined,
  });

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(...words: Words) {
  return z.enum(words).register(rules, { allowed: words.join(", "), example: words[0] });
}

/** A list; `of` is what it holds, in words. */
export function listOf<Item extends z.ZodType>(item: Item, of: string, example: string) {
  return z.array(item).register(rules, { allowed: `a list of ${of}`, example });
}

/** Text of a given form that is read into something else; the rule says what cannot be read. */
export function readText<T>(form: RegExp, to: (text: string) => T | undefined, rule: Rule) {
  const text = z.string().register(rules, rule);
  return text
    .transform((found, context): T => {
      const value = to(found);
      if (value !== undefined) return value;
      context.addIssue({ code: "custom", input: found, inst: text });
      return z.NEVER;
    })
    .register(rules, rule)
    .meta({ pattern: form.source, examples: rule.example ? [rule.example] : [] });
}

/** Whether the value is a map without a key. */
export function isEmptyMap(found: unknown): boolean {
  return (
    typeof found === "object" &&
    found !== null &&
    !Array.isArray(found) &&
    Object.keys(found).length === 0
  );
}
