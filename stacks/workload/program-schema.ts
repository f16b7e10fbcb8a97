import { z } from "zod";
import { secretKey, variableName } from "../../values/names";
import { rules } from "../../values/rule";

const variable = z
  .union([z.string(), z.strictObject({ secret: secretKey })])
  .register(rules, {
    allowed: "text, or { secret: key } for the config key of a secret",
    example: '""',
    explain: (found) => {
      if (typeof found === "number" || typeof found === "boolean") {
        return { problem: "wrong type", fix: `quote it: "${found}"` };
      }
      if (typeof found === "object" && found !== null && "secure" in found) {
        return {
          problem: "encrypted where only text can be",
          fix: "store it in the stack file with pulumi config set --secret <key>, and write { secret: <key> }",
        };
      }
      return typeof found === "object" && found !== null
        ? { problem: "wrong type", fix: "write { secret: key } with nothing else in it" }
        : undefined;
    },
  })
  .describe("Text, or `{ secret: key }` for the config key of a secret.");

/** The words of a command line. */
function words(example: string) {
  return z.array(z.string()).register(rules, {
    allowed: "a list of text, one for each word",
    example,
    explain: (found) =>
      typeof found === "string"
        ? {
            problem: "wrong type",
            fix: `write a list: [${found
              .trim()
              .split(/\s+/)
              .map((word) => JSON.stringify(word))
              .join(", ")}]`,
          }
        : undefined,
  });
}

/** What a container runs, in place of what its image says. */
export const program = {
  command: words("[python, serve.py]")
    .optional()
    .describe("Command, in place of the image's entry point."),
  args: words('[--port, "8000"]')
    .optional()
    .describe("Arguments of the command, in place of the image's."),
  env: z
    .record(variableName, variable)
    .register(rules, { allowed: "a map of names to text or { secret: key }" })
    .default({})
    .describe("Environment variables: text, or `{ secret: key }` for the config key of a secret."),
};
