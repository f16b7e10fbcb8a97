import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { Fault } from "../process/fault";
import type { Say } from "../process/progress";
import type { Checksum } from "./tool-set";

/** A download that failed: the reason why something is compiled instead. */
export class Unreachable extends Error {
  constructor(
    message: string,
    /** Host that it was to come from. */
    readonly host: string,
  ) {
    super(message);
  }
}

const patience = 5_000;
const silent = new Map<string, Unreachable>();

/** Fetches an address whose server answers within five seconds; a server that did not is asked no second time. */
export async function open(url: string): Promise<Response> {
  const { host } = new URL(url);
  const known = silent.get(host);
  if (known) throw known;
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), patience);
  try {
    const response = await fetch(url, { signal: giveUp.signal });
    if (response.ok) return response;
    await response.body?.cancel();
    throw new Unreachable(`${host} answered ${response.status}`, host);
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    const unreachable = new Unreachable(`${host} is not reachable`, host);
    silent.set(host, unreachable);
    throw unreachable;
  } finally {
    clearTimeout(timer);
  }
}

/** Downloads a file and refuses it unless its SHA-256 is the published one. */
export async function download(
  url: string,
  checksum: Checksum,
  file: string,
  say: Say,
): Promise<void> {
  const wanted = await published(checksum);
  const response = await open(url);
  const total = Number(response.headers.get("content-length") ?? 0);
  let got = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _, next) {
      got += chunk.length;
      say(
        `${(got / 1e6).toFixed(0)}${total > 0 ? ` of ${(total / 1e6).toFixed(0)}` : ""} MB of ${url}`,
      );
      next(null, chunk);
    },
  });
  if (!response.body) throw new Unreachable(`${url} is empty`, new URL(url).host);
  await pipeline(response.body, counting, createWriteStream(file));
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest("hex");
  if (actual !== wanted) {
    throw new Fault(
      `The download of ${url} is not what was published: its SHA-256 is ${actual}, expected ${wanted}. Run the command again; if that does not help, something on the way changes downloads.`,
    );
  }
}

/** What GitHub says of a release. */
const release = z.object({
  assets: z.array(z.object({ name: z.string(), digest: z.string().nullish() })),
});

async function published(checksum: Checksum): Promise<string> {
  let found: string | undefined;
  const from = "file" in checksum ? checksum.file : checksum.release;
  if ("file" in checksum) found = (await (await open(checksum.file)).text()).trim().split(/\s/)[0];
  else {
    const { assets } = release.parse(await (await open(checksum.release)).json());
    found = assets.find(({ name }) => name === checksum.asset)?.digest?.replace("sha256:", "");
  }
  if (found === undefined || !/^[0-9a-f]{64}$/.test(found))
    throw new Unreachable("no checksum is published for it", new URL(from).host);
  return found;
}
