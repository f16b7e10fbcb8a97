import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { download, open, Unreachable } from "../../local/download";
import type { Checksum } from "../../local/tool-set";
import { suiteFolder } from "../support/folder";
import { listening } from "../support/port";

const program = "#!/bin/sh\necho hello\n";
const digest = createHash("sha256").update(program).digest("hex");
const assets = [{ name: "tool", digest: `sha256:${digest}` }, { name: "old" }];
const answers: Record<string, string> = {
  "/tool": program,
  "/tool.sha256": `${digest}\n`,
  "/changed.sha256": "0".repeat(64),
  "/release": JSON.stringify({ assets }),
};

describe("download", () => {
  const file = join(suiteFolder(), "tool");
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ""];
    response.writeHead(answer === undefined ? 404 : 200).end(answer);
  });
  let at: string;
  before(async () => {
    at = `http://127.0.0.1:${await listening(server)}`;
  });
  after(() => server.close());
  const fetched = (checksum: Checksum) => download(`${at}/tool`, checksum, file, () => undefined);

  for (const [where, checksum] of [
    ["a checksum file", () => ({ file: `${at}/tool.sha256` })],
    ["the asset list of a release", () => ({ release: `${at}/release`, asset: "tool" })],
  ] as const) {
    it(`keeps a file that has the checksum of ${where}`, async () => {
      await fetched(checksum());
      assert.equal(readFileSync(file, "utf8"), program);
    });
  }

  it("refuses a file that is not what was published", async () => {
    await assert.rejects(fetched({ file: `${at}/changed.sha256` }), {
      name: "Fault",
      message: RegExp(`its SHA-256 is ${digest}, expected ${"0".repeat(64)}\\.`),
    });
  });

  it("does not take a file for which no checksum is published", async () => {
    await assert.rejects(fetched({ release: `${at}/release`, asset: "old" }), Unreachable);
  });

  it("tells a missing file and a silent server, so that something else is tried", async () => {
    await assert.rejects(
      open(`${at}/none`),
      new Unreachable(`${new URL(at).host} answered 404`, new URL(at).host),
    );
    const silent = new Unreachable("127.0.0.1:1 is not reachable", "127.0.0.1:1");
    await assert.rejects(open("http://127.0.0.1:1/"), silent);
  });
});
