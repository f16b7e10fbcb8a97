import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { forText, rules, type Rule } from "./rule";

/** Any text that is not empty. */
export const text = z
  .string()
  .min(1)
  .register(rules, {
    allowed: "text that is not empty",
    explain: (found) =>
      found === "" ? { problem: "empty", fix: "write a value, or remove the key" } : undefined,
  });

/** Text of a form, with our words for any other text; of what is no text at all, its type says enough. */
export function textOf(
  form: RegExp,
  { explain, ...rule }: Omit<Rule, "explain"> & { explain: Parameters<typeof forText>[0] },
  longest?: number,
) {
  const text = longest === undefined ? z.string() : z.string().max(longest);
  return text.regex(form).register(rules, { ...rule, explain: forText(explain) });
}

/** One of a few words. */
export function oneOf<const Words extends readonly string[]>(...words: Words) {
  return z.enum(words).register(rules, { allowed: words.join(", "), example: words[0] });
}

/** A list; `of` is what it holds, in words. */
export function listOf<Item extends z.ZodType>(item: Item, of: string, example: string) {
  return z.array(item).register(rules, { allowed: `a list of ${of}`, example });
}

/** Text of a given form that is read into something else; the rule says what cannot be read. */
export function readText<T>(form: RegExp, to: (text: string) => T | undefined, rule: Rule) {
  return readFrom(z.string(), form, to, rule);
}

/** The same for a value that need not be text: a number may stand for its text. */
export function readFrom<In, T>(
  written: z.ZodType<In>,
  form: RegExp,
  to: (found: In) => T | undefined,
  rule: Rule,
) {
  const inst = written.register(rules, rule);
  return inst
    .transform((input, context): T => {
      const value = to(input);
      if (value !== undefined) return value;
      context.addIssue({ code: "custom", input, inst });
      return z.NEVER;
    })
    .register(rules, rule)
    .meta({ pattern: form.source });
}

/** Whether the value is a map without a key. */
export function isEmptyMap(found: unknown): boolean {
  return isDeepStrictEqual(found, {});
}
