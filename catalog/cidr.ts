import { isIP } from "node:net";

/** A source range as written: its family, its length, and the range it should have been. */
export interface Range {
  /** 4 or 6. */
  family: 4 | 6;
  /** Number of leading bits that are fixed. */
  length: number;
  /** The same range with all host bits zero, in canonical form. */
  canonical: string;
  /** Whether any host bit is set. */
  hostBits: boolean;
}

function bits(address: string, family: 4 | 6): bigint {
  const parts = family === 4 ? address.split(".").map(Number) : groups(address);
  const width = family === 4 ? 8n : 16n;
  return parts.reduce((sum, part) => (sum << width) | BigInt(part), 0n);
}

/** The eight groups of an IPv6 address in short or long form. */
function groups(address: string): number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const hex = dotted
    ? `${dotted[1] ?? ""}${[2, 4].map((at) => (Number(dotted[at]) * 256 + Number(dotted[at + 1])).toString(16)).join(":")}`
    : address;
  const [head = "", tail] = hex.split("::");
  const parsed = (text = "") =>
    text ? text.split(":").map((group) => Number.parseInt(group, 16)) : [];
  const start = parsed(head);
  const end = parsed(tail);
  return [...start, ...Array<number>(8 - start.length - end.length).fill(0), ...end];
}

function address(of: bigint, family: 4 | 6): string {
  if (family === 4)
    return [24n, 16n, 8n, 0n].map((shift) => String((of >> shift) & 255n)).join(".");
  const text = Array.from({ length: 8 }, (_, at) =>
    ((of >> BigInt(112 - at * 16)) & 65535n).toString(16),
  );
  // The longest run of zero groups is written `::`, as everywhere.
  const runs = [...text.join(":").matchAll(/(?:^|(?<=:))0(?::0)+(?=:|$)/g)];
  const longest = runs.sort((a, b) => b[0].length - a[0].length)[0];
  if (!longest) return text.join(":");
  const joined = text.join(":");
  const before = joined.slice(0, longest.index).replace(/:$/, "");
  const after = joined.slice(longest.index + longest[0].length).replace(/^:/, "");
  return `${before}::${after}`;
}

/** Reads a source range such as `203.0.113.0/24`; undefined if it is not an address, a slash and a length. */
export function range(text: string): Range | undefined {
  const [ip = "", suffix = "", ...more] = text.split("/");
  const version = isIP(ip);
  if (version === 0 || more.length > 0 || !/^\d{1,3}$/.test(suffix) || ip.includes("%"))
    return undefined;
  const family = version === 4 ? 4 : 6;
  const width = family === 4 ? 32 : 128;
  const length = Number(suffix);
  if (length > width) return undefined;
  const given = bits(ip, family);
  const host = BigInt(width - length);
  const network = (given >> host) << host;
  return {
    family,
    length,
    canonical: `${address(network, family)}/${length}`,
    hostBits: network !== given,
  };
}

/** The range of a single address; undefined if the text is not an address. */
export function singleAddress(text: string): string | undefined {
  const version = isIP(text);
  return version === 0 ? undefined : `${text}/${version === 4 ? 32 : 128}`;
}
