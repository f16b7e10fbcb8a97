import { z } from "zod";
import { asCommand, wordsOf } from "../../values/command-line";
import { configMapName, objectKey, secretKey, secretName, variableName } from "../../values/names";
import { referenceOf, referenceText, variableOf } from "../../values/reference";
import { ruleOf, rules } from "../../values/rule";
import { listOf } from "../../values/text";
import { unknownKey } from "../problems";
import { inContainer, variablesFix } from "../values-of-others";

const ownSecret = z.strictObject({ secret: secretKey });
ownSecret.register(rules, {
  ...ruleOf(ownSecret),
  hint: (_, found) => {
    const meant = variableOf(found);
    return (
      meant && {
        problem: unknownKey,
        fix: `remove it, or for a Secret of the namespace write ${referenceText(meant)}`,
      }
    );
  },
});

const variable = z
  .union([
    z.string(),
    ownSecret,
    z.strictObject({ existingSecret: secretName, key: objectKey }),
    z.strictObject({ existingConfigMap: configMapName, key: objectKey }),
  ])
  .register(rules, {
    allowed:
      "text, { secret: key } for the config key of a secret, or { existingSecret: NAME, key: KEY } or { existingConfigMap: NAME, key: KEY } for what is in the namespace",
    example: '""',
    explain: (found, written = String(found)) => {
      if (typeof found === "number" || typeof found === "boolean") {
        return { problem: "wrong type", fix: `quote it: "${written}"` };
      }
      if (typeof found !== "object" || found === null) return undefined;
      if ("existingSecret" in found || "existingConfigMap" in found) return undefined;
      const reference = variableOf(found);
      if (reference) {
        return { problem: "the form of a manifest", fix: `write ${referenceText(reference)}` };
      }
      if ("valueFrom" in found || Object.keys(found).some((key) => /Ref$/.test(key))) {
        const variable = JSON.stringify("valueFrom" in found ? found.valueFrom : found);
        return {
          problem: "what only the pod's spec can say",
          fix: `remove it, and write ${inContainer(`env: [{ name: VARIABLE, valueFrom: ${variable} }]`)}`,
        };
      }
      if (!("secure" in found)) {
        return {
          problem: "wrong type",
          fix: "write { secret: KEY } for a config key, { existingSecret: NAME, key: KEY } for a Secret of the namespace, with nothing else in it",
        };
      }
      return {
        problem: "encrypted where only text can be",
        fix: "store it in the stack file with pulumi config set --secret <key>, and write { secret: <key> }",
      };
    },
  })
  .describe("Text, or `{ secret: key }` for the config key of a secret.");

const prefix = variableName
  .optional()
  .describe("What the names of the variables start with, before the keys; default: nothing.");

/** A Secret or a ConfigMap whose keys are variables. */
const variableSource = z
  .union([
    z
      .strictObject({ existingSecret: secretName.describe("Name of the Secret."), prefix })
      .describe("of a Secret"),
    z
      .strictObject({ existingConfigMap: configMapName.describe("Name of the ConfigMap."), prefix })
      .describe("of a ConfigMap"),
  ])
  .register(rules, {
    allowed: "{ existingSecret: NAME } or { existingConfigMap: NAME }, with a prefix or without",
    example: "{ existingSecret: hugging-face }",
    explain: (found) => {
      const reference = referenceOf(found);
      return (
        reference && { problem: "the form of a manifest", fix: `write ${referenceText(reference)}` }
      );
    },
  });

/** The words of a command line. */
function words(example: string, runs: "command" | "args") {
  return z.array(z.string()).register(rules, {
    allowed: "a list of text, one for each word",
    example,
    explain: (found) => {
      if (typeof found !== "string") return undefined;
      // What needs a shell is a command of its own; arguments go to the image's program as they are.
      const fix =
        runs === "command" || wordsOf(found)
          ? `write a list: ${asCommand(found)}`
          : `write a list, one item for each word; what a shell should do with it belongs into command: [sh, -c, "<program> ..."]`;
      return { problem: "wrong type", fix };
    },
  });
}

/** What a container runs, in place of what its image says. */
export const program = {
  command: words("[python, serve.py]", "command")
    .optional()
    .describe(
      "Command, in place of the image's entry point; Kubernetes puts in the variable for `$(NAME)`, and makes `$` of `$$`.",
    ),
  args: words('[--port, "8000"]', "args")
    .optional()
    .describe(
      "Arguments of the command, in place of the image's; `$(NAME)` and `$$` as in `command`.",
    ),
  env: z
    .record(variableName, variable)
    .register(rules, {
      allowed:
        "a map of names to text, { secret: key }, { existingSecret: NAME, key: KEY } or { existingConfigMap: NAME, key: KEY }",
      explain: (found) => {
        const fix = Array.isArray(found) ? variablesFix(found) : undefined;
        return fix === undefined ? undefined : { problem: "wrong type", fix };
      },
    })
    .default({})
    .describe(
      "Environment variables: text, `{ secret: key }` for the config key of a secret, or one key of a Secret or ConfigMap that is in the namespace; in text `$(NAME)` is another one of these variables, and `$$` is `$`.",
    ),
  envFrom: listOf(variableSource, "Secrets and ConfigMaps", "[{ existingSecret: hugging-face }]")
    .optional()
    .describe(
      "Secrets and ConfigMaps of the namespace whose keys are environment variables, too; `env` wins over them, and the last over the first.",
    ),
};
