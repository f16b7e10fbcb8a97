import { z } from "zod";
import { parsedJson } from "../json";

/** What an Entra token says of who uses Azure through it, as far as we need it. */
const claims = z.object({ scp: z.string().optional() });

/**
 * Kind of principal that a token of Azure's API is of. A person's token has a scope, whichever program it was asked with (the
 * command line, Cloud Shell, an editor); that of an application or managed identity has none (docs/facts.md 4.19).
 */
export function principalTypeOf(token: string): "User" | "ServicePrincipal" {
  const [, payload = ""] = token.split(".");
  const read = claims.safeParse(parsedJson(Buffer.from(payload, "base64url").toString("utf8")));
  return read.data?.scp === undefined ? "ServicePrincipal" : "User";
}
