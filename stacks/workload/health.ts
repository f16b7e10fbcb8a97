import { z } from "zod";
import { portBounds } from "../../components/workload/bounds";
import { urlPath } from "../../values/address";
import { count } from "../../values/amounts";
import { ruleOf, rules } from "../../values/rule";
import { text } from "../../values/text";
import { isMap } from "../lookup";

const grpc = z.union([z.literal(true), text]).register(rules, {
  allowed: "true, or the name of a gRPC service",
  example: "true",
  explain: () => ({
    problem: "not what a gRPC health service is asked",
    fix: "write true for the server as a whole, or the name of one service of it",
  }),
});

const check = z
  .strictObject({
    path: urlPath.optional().describe("Path that answers 200."),
    grpc: grpc
      .optional()
      .describe(
        "In place of `path`, asks gRPC's own health service, without TLS: `true` for the server as a whole, or the name of one service of it.",
      ),
    port: count(...portBounds)
      .optional()
      .describe("Port that is asked; default: the container's `port`."),
    https: z
      .boolean()
      .default(false)
      .describe("Whether the path is asked by HTTPS, with any certificate."),
  })
  .describe("as a map");

/** How a container is asked whether it works. */
export const health = z.union([urlPath, check]).register(rules, {
  allowed: "a path, or a map with path or grpc",
  example: "/healthz",
  explain: (found) => {
    if (isMap(found)) return undefined;
    if (typeof found === "string") return ruleOf(urlPath).explain?.(found);
    const fix = "write a path, such as /healthz, { path: /healthz, port: 8081 } or { grpc: true }";
    return { problem: "neither a path nor a map", fix };
  },
});
