import { z } from "zod";
import { portBounds } from "../../components/workload/bounds";
import { pathOr } from "../../values/address";
import { count } from "../../values/amounts";
import { ruleOf, rules } from "../../values/rule";
import { text } from "../../values/text";
import { isMap } from "../lookup";
import { healthOfAddress, probeFix } from "../probes-of-others";
import { unknownKey } from "../problems";

const grpc = z.union([z.literal(true), text]).register(rules, {
  allowed: "true, or the name of a gRPC service",
  example: "true",
  explain: () => ({
    problem: "not what a gRPC health service is asked",
    fix: "write true for the server as a whole, or the name of one service of it",
  }),
});

const path = pathOr((found) => {
  const meant = healthOfAddress(found);
  return meant === undefined ? undefined : { problem: "not a path", fix: `write health: ${meant}` };
});

const check = z
  .strictObject({
    path: path.optional().describe("Path that answers 200."),
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

const ofProbes = ["httpGet", "tcpSocket", "exec", "command", "test"];
check.register(rules, {
  ...ruleOf(check),
  hint: (key, found) =>
    ofProbes.includes(key) ? { problem: unknownKey, fix: probeFix(found) } : undefined,
});

/** How a container is asked whether it works. */
export const health = z.union([path, check]).register(rules, {
  allowed: "a path, or a map with path or grpc",
  example: "/healthz",
  explain: (found) => {
    if (isMap(found)) {
      if (!isMap(found.grpc)) return undefined;
      return { problem: "the form of a manifest", fix: probeFix(found) };
    }
    if (typeof found === "string") return ruleOf(path).explain?.(found);
    const fix = "write a path, such as /healthz, { path: /healthz, port: 8081 } or { grpc: true }";
    return { problem: "neither a path nor a map", fix };
  },
});
