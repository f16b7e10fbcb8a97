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

/** Reads a source range such as `203.0.113.0/24`; undefined if it is not an address, a slash and a length. */
export function range(text: string): Range | undefined {
  const [, ip = "", suffix] = /^([^/%]+)\/(\d{1,3})$/.exec(text) ?? [];
  const length = Number(suffix);
  const family = isIP(ip) === 4 ? 4 : 6;
  const width = family === 4 ? 32 : 128;
  if (isIP(ip) === 0 || length > width) return undefined;
  const given = bits(ip, family);
  const host = BigInt(width - length);
  const network = (given >> host) << host;
  const canonical = `${address(network, family)}/${length}`;
  return { family, length, canonical, hostBits: network !== given };
}

/** The range of a single address; undefined if the text is not an address. */
export function singleAddress(text: string): string | undefined {
  const version = isIP(text);
  return version === 0 ? undefined : `${text}/${version === 4 ? 32 : 128}`;
}

function bits(address: string, family: 4 | 6): bigint {
  const parts = family === 4 ? address.split(".").map(Number) : groups(address);
  const width = family === 4 ? 8n : 16n;
  return parts.reduce((sum, part) => (sum << width) | BigInt(part), 0n);
}

/** The eight groups of an IPv6 address. */
function groups(address: string): number[] {
  const [start = [], end = []] = shortForm(address)
    .split("::")
    .map((half) => half.split(":").filter((group) => group !== ""));
  const zeros = Array<string>(8 - start.length - end.length).fill("0");
  return [...start, ...zeros, ...end].map((group) => Number.parseInt(group, 16));
}

function address(of: bigint, family: 4 | 6): string {
  if (family === 6)
    return shortForm(
      of
        .toString(16)
        .padStart(32, "0")
        .replace(/.{4}\B/g, "$&:"),
    );
  return [24n, 16n, 8n, 0n].map((shift) => String((of >> shift) & 255n)).join(".");
}

/** An IPv6 address as URLs write it: hexadecimal, the longest run of zero groups as `::`. */
function shortForm(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
