import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { download, open, Unreachable } from "../../local/download";

const program = "#!/bin/sh\necho hello\n";
const digest = createHash("sha256").update(program).digest("hex");

describe("download", () => {
  let server: Server;
  let at: string;
  let folder: string;
  const answers: Record<string, string> = {
    "/tool": program,
    "/tool.sha256": `${digest}\n`,
    "/changed.sha256": "0".repeat(64),
    "/release": JSON.stringify({
      assets: [{ name: "tool", digest: `sha256:${digest}` }, { name: "old" }],
    }),
  };

  before(async () => {
    server = createServer((request, response) => {
      const answer = answers[request.url ?? ""];
      response.writeHead(answer === undefined ? 404 : 200).end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    folder = mkdtempSync(join(tmpdir(), "download-"));
  });
  after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  for (const [where, checksum] of [
    ["a checksum file", () => ({ file: `${at}/tool.sha256` })],
    ["the asset list of a release", () => ({ release: `${at}/release`, asset: "tool" })],
  ] as const) {
    it(`keeps a file that has the checksum of ${where}`, async () => {
      const file = join(folder, "tool");
      await download(`${at}/tool`, checksum(), file, () => undefined);
      assert.equal(readFileSync(file, "utf8"), program);
    });
  }

  it("refuses a file that is not what was published", async () => {
    const checksum = { file: `${at}/changed.sha256` };
    await assert.rejects(
      download(`${at}/tool`, checksum, join(folder, "x"), () => undefined),
      {
        name: "Fault",
        message: `The download of ${at}/tool is not what was published: its SHA-256 is ${digest}, expected ${"0".repeat(64)}. Run the command again; if that does not help, something on the way changes downloads.`,
      },
    );
  });

  it("does not take a file for which no checksum is published", async () => {
    const checksum = { release: `${at}/release`, asset: "old" };
    await assert.rejects(
      download(`${at}/tool`, checksum, join(folder, "x"), () => undefined),
      Unreachable,
    );
  });

  it("tells a missing file and a silent server, so that something else is tried", async () => {
    await assert.rejects(open(`${at}/none`), new Unreachable(`${new URL(at).host} answered 404`));
    await assert.rejects(
      open("http://127.0.0.1:1/"),
      new Unreachable("127.0.0.1:1 is not reachable"),
    );
  });
});
