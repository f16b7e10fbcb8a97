import { createHash } from "node:crypto";

/** The text itself, or where it is longer than `length` its beginning and a hash of the whole. */
export function fitted(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 9)}-${hash(text)}`;
}

/** Eight characters that differ when anything in the value does. */
export function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 8);
}

/** The part of AWS that a region belongs to, as in `arn:<partition>:iam::...`. */
export function partition(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
