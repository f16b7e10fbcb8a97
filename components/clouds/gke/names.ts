import { createHash } from "node:crypto";
import { longestClusterName } from "../managed";

/** The text, cut to `longest` characters; what is cut off lives on in a hash, so that two long names stay two. */
export function shortName(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const hash = hashOf(text);
  return `${text.slice(0, longest - hash.length - 1).replace(/-+$/, "")}-${hash}`;
}

/** Six hexadecimal digits that stand for a text. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 6);
}

/** Longest name of a node pool. */
export const longestPoolName = 40;

/** Name of a cluster on Google Cloud that nobody chose: the stack's, so that environments share a project, and the component's. */
export function defaultClusterName(stack: string, name: string): string {
  const text = `${stack}-${name}`.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return shortName(text.replace(/^[^a-z]+|-+$/g, ""), longestClusterName);
}
