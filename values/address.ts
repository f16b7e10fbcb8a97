import { range, singleAddress } from "../catalog/cidr";
import type { Explanation } from "./rule";
import { readText, textOf } from "./text";

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
    explain: (found) =>
      typeof found === "string" || typeof found === "number" ? notARange(`${found}`) : undefined,
  },
);

function notARange(found: string): Explanation {
  const parsed = range(found);
  const one = singleAddress(found.split("/")[0]?.trim() ?? "");
  if (parsed) {
    return {
      problem: "bits set behind the length of the range",
      fix: `write "${parsed.canonical}" for the range, or "${one}" for the one address`,
    };
  }
  return one !== undefined && !found.includes("/")
    ? { problem: "length missing", fix: `write "${one}" for this one address` }
    : {
        problem: "not a range of addresses",
        fix: 'write it like "203.0.113.0/24" or "2001:db8::/32"',
      };
}

/** A path on the server; `meant` has words for text that is more than a path. */
export function pathOr(meant: (found: string) => Explanation | undefined) {
  return textOf(/^\/[^\s?#]*$/, {
    allowed: 'a path that starts with "/", without query or spaces',
    example: "/healthz",
    explain: (found) => {
      const path = found.replace(/^[a-z]+:\/\/[^/]*/i, "").replace(/[\s?#].*$/, "");
      const fix = `write "/${path.replace(/^\//, "")}"`;
      return meant(found) ?? { problem: "not a path", fix };
    },
  });
}

/** A path on the server. */
export const urlPath = pathOr(() => undefined);
