import { z } from "zod";
import { isMap } from "../lookup";
import { rules, type Explanation, type Rule } from "../../values/rule";
import { text } from "../../values/text";

function notAFolder(found: unknown): Explanation | undefined {
  // What is wrong with a map, its keys say.
  if (isMap(found)) return undefined;
  if (typeof found !== "string" || found === "") {
    const problem = found === "" ? "empty" : "wrong type";
    return { problem, fix: "write one path, for example ./examples/digits" };
  }
  return /^\w+:\/\/|^\w+@/.test(found)
    ? {
        problem: "an address, not a folder",
        fix: "check it out into this project and write its folder",
      }
    : {
        problem: "path of one machine",
        fix: "write the path from the project's folder, so that it is right on every machine",
      };
}

/** A path below a folder of the checkout, the same on every machine. */
const localPath = z
  .string()
  .regex(/^(?!\/|~|[A-Za-z]:|\w+:\/\/|\w+@)\S.*$/)
  .register(rules, {
    allowed: "a path from the project's folder",
    example: "./examples/digits",
    explain: notAFolder,
  });

const settings = z
  .strictObject({
    context: localPath.describe("Folder that the build sees, from the project's folder."),
    dockerfile: text
      .optional()
      .describe("Path of the Dockerfile in that folder; default: `Dockerfile`."),
    target: text.optional().describe("Stage of the Dockerfile to build; default: the last."),
    args: z
      .record(z.string(), z.string())
      .register(rules, { allowed: "a map of names to text" })
      .default({})
      .describe("Values of the Dockerfile's `ARG`s; never secrets, which the image would keep."),
  })
  .describe("as a map");

const buildRule: Rule = {
  allowed: "the path of a folder with a Dockerfile, or a map with at least the key context",
  example: "./examples/digits",
  explain: notAFolder,
};

/** What to build an image from: a folder with a Dockerfile, or that with settings. */
export const build = z
  .union([localPath, settings])
  .register(rules, buildRule)
  .transform((found) => (typeof found === "string" ? { context: found, args: {} } : found))
  .register(rules, buildRule);
