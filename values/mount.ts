import { z } from "zod";
import { isMountPath, isPlainPath, plainPath, sharedMemory } from "../catalog/mount-path";
import { referenceOf, referenceText } from "./reference";
import { forText, rules, type Rule } from "./rule";
import { configMapName, objectKey, secretName } from "./names";
import { textOf } from "./text";

/** Path in a container at which something is mounted. */
export const mountPath = z
  .string()
  .refine(isMountPath)
  .register(rules, {
    allowed:
      "an absolute path without . and .., spaces, colons or a slash at its end, outside of what the system keeps for itself (/dev, /etc, /proc, ...)",
    example: "/models",
    explain: forText((path) => {
      if (isPlainPath(path)) {
        return {
          problem: "the system's own place, which would be gone",
          fix: `mount it elsewhere, for example at /data, or at ${sharedMemory} for shared memory`,
        };
      }
      if (path === "/") {
        return {
          problem: "the whole file system of the image",
          fix: "mount it at a folder, such as /models",
        };
      }
      const absolute = plainPath(path);
      return {
        problem: path.startsWith("/") ? "not a plain path" : "a relative path",
        fix: `write ${isMountPath(absolute) ? absolute : "it like /models"}`,
      };
    }),
  });

const folderPattern = /^[a-z](?:[-a-z0-9]*[a-z0-9])?(?:\/(?!\.\.?(?:\/|$))[\w.-]+)*$/;

/** Name of a volume, or of a folder of it: `models`, `models/digits`. */
export const volumeFolder = textOf(folderPattern, {
  allowed: "the name of a volume, with a folder behind a slash or without: models, models/digits",
  example: "models",
  explain: (found) => {
    const plain = found.replace(/^\/+|\/+$/g, "").replace(/\/{2,}/g, "/");
    return {
      problem: "not a volume or a folder of one",
      fix: `write ${folderPattern.test(plain) ? plain : "it like models/digits"}`,
    };
  },
});

/** The volume and the folder of it that a text like `models/digits` names. */
export function volumeAndFolder(text: string): { volume: string; folder?: string } {
  const [volume = "", ...folders] = text.split("/");
  return { volume, ...(folders.length > 0 && { folder: folders.join("/") }) };
}

const mountRule: Rule = {
  allowed:
    "a volume or a folder of one (models, models/digits), { volume: models, write: true }, or { existingSecret: NAME } or { existingConfigMap: NAME }, each with a key for that file alone",
  example: "models",
  explain: (found) => {
    if (typeof found === "string") return rules.get(volumeFolder)?.explain?.(found);
    if (typeof found !== "object" || found === null || Array.isArray(found)) {
      return { problem: "wrong type", fix: "write the name of a volume, for example models" };
    }
    const meant = referenceOf(found);
    if (meant) return { problem: "the form of a manifest", fix: `write ${referenceText(meant)}` };
    // What the others lack says more of a volume; of an object its own words do.
    return undefined;
  },
};

/** A Secret or a ConfigMap of the namespace as a folder of files, or one file of it. */
const key = objectKey
  .optional()
  .describe("The one key that is mounted, as a file; default: all keys, as files of a folder.");

const existingSecret = z
  .strictObject({ existingSecret: secretName.describe("Name of the Secret."), key })
  .describe("of a Secret");

const existingConfigMap = z
  .strictObject({ existingConfigMap: configMapName.describe("Name of the ConfigMap."), key })
  .describe("of a ConfigMap");

/** What a path of a container shows. */
export const mount = z
  .union([
    volumeFolder,
    z
      .strictObject({
        volume: volumeFolder.describe("Name of the volume, or a folder of it."),
        write: z.boolean().optional().describe("Whether it may be written to; default: false."),
      })
      .describe("of a volume"),
    existingSecret,
    existingConfigMap,
  ])
  .register(rules, mountRule)
  .transform((found) => (typeof found === "string" ? { volume: found } : found))
  .register(rules, mountRule);

/** Names of the volumes that an entry mounts, and of the one that its new models come from. */
export function volumesOf(entry: {
  mounts: Readonly<Record<string, { volume: string } | { key?: string }>>;
  modelUpdates?: { from: string };
}): string[] {
  const mounted = Object.values(entry.mounts).flatMap((mount) =>
    "volume" in mount ? [mount.volume] : [],
  );
  const from = entry.modelUpdates ? [entry.modelUpdates.from] : [];
  return [...mounted, ...from].map((text) => volumeAndFolder(text).volume);
}
