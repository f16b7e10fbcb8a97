import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** What came of streamed answers. */
export interface Streamed {
  /** Streams that were begun. */
  begun: number;
  /** What went wrong, one text for each stream that did not come to its end. */
  broken: string[];
  /** Most pieces of one answer. */
  pieces: number;
}

/** Streams one answer on a connection of its own; resolves with its pieces when the server says that it is done. */
function stream(url: string, body: string, key?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      "Content-Type": "application/json",
      ...(key !== undefined && { Authorization: `Bearer ${key}` }),
    };
    const sent = http.request(
      `${url}/v1/chat/completions`,
      { method: "POST", agent: false, headers, timeout: 120_000 },
      (answer) => {
        let text = "";
        answer.on("data", (part: Buffer) => (text += part.toString()));
        answer.on("error", reject);
        answer.on("end", () => {
          if (answer.statusCode !== 200) reject(new Error(`${answer.statusCode}: ${text}`));
          else if (!text.includes("data: [DONE]")) reject(new Error("ended before its end"));
          else resolve(text.split("\n").filter((line) => line.startsWith("data: {")).length);
        });
      },
    );
    sent.on("timeout", () => sent.destroy(new Error("nothing came for 120 s")));
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Streams answers in so many lanes, one after the other in each, until it is stopped or `most` were begun; `key`: that of the server. */
export function startStreams(url: string, lanes: number, most: number, key?: string) {
  const seen: Streamed = { begun: 0, broken: [], pieces: 0 };
  const body = JSON.stringify({
    messages: [{ role: "user", content: "Count from one to twenty in words." }],
    ...{ stream: true, max_tokens: 40, temperature: 0 },
  });
  let ended = false;
  const lane = async () => {
    while (!ended && seen.begun < most) {
      seen.begun++;
      try {
        seen.pieces = Math.max(seen.pieces, await stream(url, body, key));
      } catch (error) {
        seen.broken.push(`${new Date().toISOString()} ${String(error)}`);
        await sleep(500);
      }
    }
  };
  const all = Promise.all(Array.from({ length: lanes }, lane));
  return {
    async stop(): Promise<Streamed> {
      ended = true;
      await all;
      return seen;
    },
  };
}
