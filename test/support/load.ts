import http from "node:http";

/** What a load has seen. */
export interface Seen {
  /** Requests sent. */
  sent: number;
  /** What went wrong, one text for each request that was not answered with 200. */
  failures: string[];
  /** Number of answers by the version that gave them. */
  versions: Record<string, number>;
}

/** A load that runs until it is stopped, its time is over, or it has sent all its requests. */
export interface Load {
  /** Ends the load, waits for the answers that are still out, and tells what was seen. */
  stop(): Promise<Seen>;
}

/** One request on a connection of its own, as each new client makes it. */
function request(url: string, body: string): Promise<{ version: string }> {
  return new Promise((resolve, reject) => {
    const sent = http.request(url, { method: "POST", agent: false, timeout: 10_000 }, (answer) => {
      let text = "";
      answer.on("data", (part: Buffer) => (text += part.toString()));
      answer.on("error", reject);
      answer.on("end", () => {
        if (answer.statusCode === 200) resolve(JSON.parse(text) as { version: string });
        else reject(new Error(`${answer.statusCode}: ${text}`));
      });
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer within 10 s")));
    sent.on("error", reject);
    sent.end(body);
  });
}

/**
 * Sends the same request again and again, each on a connection of its own, whether or not earlier ones were answered.
 * @param rate requests per second
 * @param seconds after which the load ends by itself
 */
export function startLoad(url: string, body: string, rate = 50, seconds = 240): Load {
  const seen: Seen = { sent: 0, failures: [], versions: {} };
  const open = new Set<Promise<void>>();
  const end = Date.now() + seconds * 1000;
  const timer = setInterval(() => {
    if (Date.now() > end) return clearInterval(timer);
    seen.sent++;
    const one = request(url, body)
      .then(({ version }) => void (seen.versions[version] = (seen.versions[version] ?? 0) + 1))
      .catch(
        (error: Error) => void seen.failures.push(`${new Date().toISOString()} ${error.message}`),
      )
      .finally(() => open.delete(one));
    open.add(one);
  }, 1000 / rate);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
      return seen;
    },
  };
}
