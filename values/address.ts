import { z } from "zod";
import { range, singleAddress } from "../catalog/cidr";
import { rules } from "./rule";
import { readText } from "./text";

/** A source range; the canonical text. */
export const sourceRange = readText(
  /^[0-9a-fA-F:.]+\/\d{1,3}$/,
  (found) => {
    const parsed = range(found);
    return parsed && !parsed.hostBits ? parsed.canonical : undefined;
  },
  {
    allowed: "a range of addresses, IPv4 or IPv6, with its length and no bit set behind it",
    example: "203.0.113.0/24",
    explain: (found) => {
      if (typeof found !== "string" && typeof found !== "number") return undefined;
      const text = String(found);
      const parsed = range(text);
      if (parsed) {
        return {
          problem: "bits set behind the length of the range",
          fix: `write "${parsed.canonical}" for the range, or "${singleAddress(text.split("/")[0] ?? "") ?? ""}" for the one address`,
        };
      }
      const alone = singleAddress(text.trim());
      return alone
        ? { problem: "length missing", fix: `write "${alone}" for this one address` }
        : {
            problem: "not a range of addresses",
            fix: 'write it like "203.0.113.0/24" or "2001:db8::/32"',
          };
    },
  },
);

/** A path on the server. */
export const urlPath = z
  .string()
  .regex(/^\/[^\s?#]*$/)
  .register(rules, {
    allowed: 'a path that starts with "/", without query or spaces',
    example: "/healthz",
    explain: (found) => {
      if (typeof found !== "string") return undefined;
      const path = found.replace(/^[a-z]+:\/\/[^/]*/i, "").replace(/[\s?#].*$/, "");
      return {
        problem: "not a path",
        fix: `write "${path.startsWith("/") ? path : `/${path}`}"`,
      };
    },
  });
