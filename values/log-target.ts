import { z } from "zod";
import { mountPath } from "./mount";
import { forText, rules } from "./rule";

function isEndpoint(text: string): boolean {
  if (text === "stdout") return true;
  if (!/^https?:\/\/[^\s]+$/.test(text) || !URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return username === "" && password === "" && search === "" && hash === "";
}

/** Where a collector takes logs in, or `stdout`. */
export const endpoint = z
  .string()
  .refine(isEndpoint)
  .register(rules, {
    allowed: "stdout, or the base URL of an OTLP/HTTP endpoint: http(s)://host:port",
    example: "http://collector.observability:4318",
    explain: forText((found) => {
      const host = /^(?:[a-z]+:\/\/)?(?:[^@/\s]*@)?([\w.-]+(?::\d+)?)/i.exec(found.trim())?.[1];
      return {
        problem: "not an endpoint",
        fix: host
          ? `write http://${host}${host.includes(":") ? "" : ":4318"}, or https if it takes that`
          : "write it like http://collector.observability:4318",
      };
    }),
  });

/** Whether no volume can be made of the folder, because it is a pattern. */
const isPattern = (folder: string) => /[*?[\]{}]/.test(folder);

/** Folder of a file or of a pattern. */
function folder(file: string): string {
  return file.slice(0, file.lastIndexOf("/"));
}

function isLogFile(file: string): boolean {
  const isFile = /\/[^/]+$/.test(file);
  return isFile && !isPattern(folder(file)) && mountPath.safeParse(folder(file)).success;
}

/** A log file of a server, or a pattern of files of one folder. */
export const logFile = z
  .string()
  .refine(isLogFile)
  .register(rules, {
    allowed:
      "an absolute path whose last part may have *, in a folder that the image needs for nothing else",
    example: "/var/log/server/*.log",
    explain: forText((found) => {
      if (!found.startsWith("/")) {
        return { problem: "a relative path", fix: "write it like /var/log/server/*.log" };
      }
      if (isPattern(folder(found))) {
        return {
          problem: "a pattern of folders, of which no volume can be made",
          fix: "list one pattern for each folder, such as /var/log/server/*.log",
        };
      }
      return {
        problem: "outside of any folder that can be shared with the container that reads it",
        fix: "let the server write into a folder of its own, such as /var/log/server/*.log",
      };
    }),
  });
